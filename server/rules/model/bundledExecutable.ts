import { machineCode } from '../../formats/machineCode.ts';
import type { DirectorySubject } from '../directory.ts';
import { defineRule } from '../rule.ts';

const native = /\.(?:so(?:\.\d+)*|dll|dylib|exe|com|scr|msi|pyd|node)$/i;
const script = /\.(?:sh|bash|bat|cmd|ps1|vbs|jar|pyc)$/i;
/** Files whose first bytes are read: a model's directory has dozens, a data directory thousands. */
const sniffed = 256;

export const bundledExecutable = defineRule({
  subject: 'directory',
  meta: {
    id: 'model/bundled-executable',
    title: 'A program stands beside the model',
    severity: 'warning',
    description:
      'A directory that holds model files also holds a program or a library of machine code (ELF, Windows, macOS), by its name or by its first bytes. Scripts of a shell, Java archives and compiled Python are reported as information. Python source is not reported.',
    why: 'Weights are data. A library that travels with them is loaded as a custom operator or plugin, or found on a search path, and no scanner of models looks into it.',
    howToFix:
      'Find out what needs it. Deliver programs as a package of their own, built from source and signed, and not in the folder of the weights.',
    avoid: [
      {
        file: 'm/model.safetensors',
        safetensors: { header: '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', dataBytes: 4 },
        beside: [{ file: 'm/libcustom_ops.so', hex: '7f454c46020101000000000000000000' }],
      },
      {
        file: 'm/model.safetensors',
        safetensors: { header: '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', dataBytes: 4 },
        beside: [{ file: 'm/vocabulary', hex: '7f454c46020101000000000000000000' }],
        note: 'The name says nothing; the first bytes do.',
      },
    ],
    prefer: [
      {
        file: 'deploy/pod.yaml.j2',
        text: 'kind: Pod\n',
        beside: [{ file: 'deploy/apply.sh', text: 'kubectl apply -f -\n' }],
      },
      {
        file: 'm/model.safetensors',
        safetensors: { header: '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', dataBytes: 4 },
        beside: [{ file: 'm/vocab.txt', text: 'a\nb\n' }],
      },
    ],
    references: [
      {
        title: 'ONNX Runtime documentation: custom operators',
        url: 'https://onnxruntime.ai/docs/reference/operators/add-custom-op.html',
      },
    ],
    cwe: [829, 506],
    atlas: ['AML.T0010.003', 'AML.T0011.000'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7', 'MANAGE 3.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(directory, report) {
    // Templates alone are no model: scripts that are made from them stand beside them.
    if (directory.artifacts.length > 0 && directory.artifacts.every(isPlainTemplate)) return;
    const known = new Set(directory.artifacts.map(({ name }) => name));
    const others = directory.files.filter((name) => !known.has(name));
    const sniff = new Set(others.slice(0, sniffed));
    const programs = others.filter((name) => native.test(name) || (sniff.has(name) && isProgram(directory, name)));
    if (programs.length > 0) {
      report({
        message: `${list(programs)} beside the model is machine code, which no scanner of models looks into. Find out what loads it before you load this model.`,
        evidence: { files: programs.slice(0, 20), count: programs.length },
      });
    }
    const scripts = others.filter((name) => script.test(name));
    if (scripts.length > 0) {
      report({
        message: `${list(scripts)} beside the model is a script. Read it before you run it, and keep programs apart from weights.`,
        severity: 'info',
        evidence: { files: scripts.slice(0, 20), count: scripts.length },
      });
    }
  },
});

function isPlainTemplate({ name, format }: DirectorySubject['artifacts'][number]): boolean {
  return format === 'template' && !/chat/i.test(name);
}

const isProgram = (directory: DirectorySubject, name: string): boolean =>
  directory.read(name, (source) => machineCode(source) !== null) === true;

function list(names: readonly string[]): string {
  return names.slice(0, 3).join(', ') + (names.length > 3 ? `, and ${names.length - 3} more,` : '');
}
