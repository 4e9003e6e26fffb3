import { defineRule } from '../rule.ts';
import { listed } from './words.ts';
import { signedExample, signingSpecification } from './signedExample.ts';

export const olderThanFiles = defineRule({
  subject: 'directory',
  meta: {
    id: 'signing/older-than-files',
    title: 'The signature is older than files of the model',
    severity: 'info',
    description:
      'Files of a signed model are not what was signed, and they were written after the signature was made. It is told beside what else is said of those files, and only of files whose content differs: copying and checking out give old files new times. The time of the signing is that of the log or of a timestamp authority, or else the time of the signature file.',
    why: 'A model that was trained on, or whose card was edited, and that was not signed again, looks like one that was tampered with. People get used to signatures that fail, and then one of them is real.',
    howToFix:
      'If the changes are yours, sign the model again, as the last step of whatever writes it. If not, do not load it.',
    avoid: [
      signedExample(
        {
          stance: 'stated',
          result: {
            verified: false,
            failure: 'differences',
            reason: 'one file is not what was signed',
            differences: [{ path: 'model.safetensors', kind: 'changed' }],
          },
          newer: ['model.safetensors'],
        },
        '`model.safetensors` was written after `model.sig`, and is not what was signed.',
      ),
    ],
    prefer: [signedExample({ stance: 'stated', result: {} }, 'Every file is as signed, whatever its time.')],
    references: [signingSpecification],
    cwe: [345],
    atlas: ['AML.T0010.003', 'AML.T0058'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7', 'MANAGE 3.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check({ path, signing: { signature } }, report) {
    if (signature?.model !== path || signature.newer.length === 0) return;
    const { newer } = signature;
    report({
      message: `${listed(newer)} ${newer.length === 1 ? 'was' : 'were'} written after the model was signed. If the change is yours, sign the model again.`,
      evidence: { signature: signature.file, newer: newer.slice(0, 1000), count: newer.length },
      fixes: ['sign-model'],
    });
  },
});
