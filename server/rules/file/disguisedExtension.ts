import { extensionOf } from '../../formats/identify.ts';
import type { FormatId } from '../../formats/facts.ts';
import { defineRule } from '../rule.ts';

/** Extensions that promise one kind of content. Names that are used for anything (`.bin`, `.data`, none) promise nothing. */
const promised: Record<string, { what: string; formats: FormatId[] }> = {
  '.safetensors': { what: 'a safetensors file', formats: ['safetensors'] },
  '.onnx': { what: 'an ONNX model', formats: ['onnx'] },
  '.gguf': { what: 'a GGUF model', formats: ['gguf'] },
  '.npy': { what: 'a NumPy array', formats: ['numpy'] },
  '.npz': { what: 'a NumPy archive', formats: ['npz', 'zip'] },
  '.h5': { what: 'an HDF5 file', formats: ['hdf5'] },
  '.hdf5': { what: 'an HDF5 file', formats: ['hdf5'] },
  '.keras': { what: 'a Keras archive', formats: ['keras', 'zip'] },
  '.tflite': { what: 'a TensorFlow Lite model', formats: ['tflite'] },
  ...Object.fromEntries(
    [
      '.json',
      '.txt',
      '.md',
      '.yaml',
      '.yml',
      '.csv',
      '.tsv',
      '.py',
      '.jsonl',
      '.toml',
      '.html',
      '.xml',
      '.ini',
      '.cfg',
    ].map((extension) => [extension, { what: 'text', formats: ['text'] as FormatId[] }]),
  ),
};

/** What bytes of other formats are called in a message. */
const spoken: Partial<Record<FormatId, string>> = {
  pickle: 'a pickle',
  joblib: 'a joblib pickle',
  'torch-zip': 'a PyTorch checkpoint (a pickle)',
  'torch-legacy': 'a PyTorch checkpoint (a pickle)',
  'torch-tar': 'a PyTorch checkpoint (a pickle)',
  torchscript: 'a TorchScript archive',
};

const pickles = new Set<FormatId>(['pickle', 'joblib', 'torch-zip', 'torch-legacy', 'torch-tar', 'torchscript']);

export const disguisedExtension = defineRule({
  subject: 'artifact',
  meta: {
    id: 'file/disguised-extension',
    title: 'The content is not what the name says',
    severity: 'warning',
    description:
      'The extension promises a format that holds no code (safetensors, NumPy, ONNX, text), and the bytes are a pickle or a checkpoint that is one. Files are always judged by their bytes, whatever their name.',
    why: 'Scanners and reviewers that go by the name pass the file over, and loaders that fall back (numpy.load, joblib, torch.load) execute it all the same.',
    howToFix: 'Find out who named it so. Do not load it.',
    avoid: [
      { file: 'weights.safetensors', pickle: 'PROTO 2\nEMPTY_LIST\nBININT1 1\nAPPEND\nSTOP' },
      {
        file: 'notes.txt',
        pickle: 'GLOBAL collections OrderedDict\nEMPTY_TUPLE\nREDUCE\nSTOP',
        note: 'A pickle of protocol 0, which looks like text.',
      },
    ],
    prefer: [{ file: 'weights.pkl', pickle: 'PROTO 2\nEMPTY_LIST\nBININT1 1\nAPPEND\nSTOP' }],
    references: [
      {
        title: 'CVE-2025-1889, CVE-2025-10155: extensions that hide a pickle',
        url: 'https://nvd.nist.gov/vuln/detail/CVE-2025-1889',
      },
    ],
    cwe: [646, 502],
    atlas: ['AML.T0018.002'],
    owasp: ['ML06:2023'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check({ path, inspection }, report) {
    const extension = extensionOf(path);
    const promise = promised[extension];
    const { format } = inspection;
    if (promise === undefined || promise.formats.includes(format) || !pickles.has(format)) return;
    report({
      message: `The name ends in ${extension}, which promises ${promise.what}, and the bytes are ${spoken[format] ?? format}. Find out who named it so before you load it.`,
      evidence: { extension, format },
    });
  },
});
