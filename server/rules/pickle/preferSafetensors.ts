import { defineRule } from '../rule.ts';
import { conversionFixes } from './importWords.ts';

export const preferSafetensors = defineRule({
  subject: 'artifact',
  meta: {
    id: 'pickle/prefer-safetensors',
    title: 'A pickle where safetensors would do',
    severity: 'info',
    description:
      'The file is a pickle, or holds one that its loader executes. Nothing dangerous was found in it by this rule: it is told once a file, so that a policy can require safetensors. Set it to `error` to block pickles altogether.',
    why: 'A pickle runs a program each time it is loaded, and whoever can write to the file can change that program. A safetensors file holds numbers and nothing else, loads faster, and can be mapped into memory.',
    howToFix:
      'PyTorch checkpoints: `weighbridge convert FILE`, or the quick fix *Convert to safetensors*. Scikit-learn: skops or ONNX. NumPy: `numpy.save(..., allow_pickle=False)`.',
    avoid: [{ file: 'values.pkl', pickle: 'PROTO 2\nEMPTY_LIST\nBININT1 1\nAPPEND\nSTOP' }],
    prefer: [
      {
        file: 'model.safetensors',
        safetensors: { header: '{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', dataBytes: 8 },
      },
    ],
    references: [{ title: 'safetensors: format', url: 'https://huggingface.co/docs/safetensors' }],
    cwe: [502],
    atlas: ['AML.T0011.000'],
    owasp: ['ML06:2023'],
    nistAiRmf: ['MANAGE 3.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(artifact, report) {
    const pickle = artifact.inspection.parts.find((part) => part.kind === 'pickle' && part.context !== 'hidden');
    if (pickle?.kind !== 'pickle') return;
    const torch = artifact.inspection.parts.find((part) => part.kind === 'torch' && part.entry === '');
    const conversion = torch?.kind === 'torch' ? torch.conversion : null;
    const advice =
      conversion === null
        ? 'Keep it only where you trust whoever can write it.'
        : conversion.state === 'yes'
          ? 'It can be converted to safetensors.'
          : conversion.state === 'tensors-only'
            ? `Its tensors alone can be converted to safetensors: ${conversion.reason}.`
            : `It cannot be converted as it stands: ${conversion.reason}.`;
    report({
      message: `This is a pickle: loading it runs a program. ${advice}`,
      location: { entry: pickle.entry === '' ? null : pickle.entry },
      evidence: { format: artifact.inspection.format, protocol: pickle.protocol },
      fixes: conversionFixes(artifact),
    });
  },
});
