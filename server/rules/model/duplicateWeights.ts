import type { DirectorySubject } from '../directory.ts';
import { defineRule } from '../rule.ts';
import { modelsIn } from './modelFormats.ts';

/** Smaller files are alike by chance: empty dictionaries, test data. */
const smallest = 4096;
const compared = 512;
const block = 4096;

export const duplicateWeights = defineRule({
  subject: 'directory',
  meta: {
    id: 'model/duplicate-weights',
    title: 'The same weights stand in a directory twice',
    severity: 'info',
    description:
      'Two model files of one directory have the same size, and the same bytes at their beginning, middle and end. It is reported once a directory, for files of at least 4 KiB.',
    why: 'Which of the two is loaded depends on a name in some script. When one is replaced, signed or withdrawn, the other stays what it was.',
    howToFix: 'Keep one of them, and name that one wherever it is loaded.',
    avoid: [
      {
        file: 'm/best.safetensors',
        safetensors: { header: '{"a":{"dtype":"F32","shape":[2048],"data_offsets":[0,8192]}}', dataBytes: 8192 },
        beside: [
          {
            file: 'm/last.safetensors',
            safetensors: { header: '{"a":{"dtype":"F32","shape":[2048],"data_offsets":[0,8192]}}', dataBytes: 8192 },
          },
        ],
      },
    ],
    prefer: [
      {
        file: 'm/best.safetensors',
        safetensors: { header: '{"a":{"dtype":"F32","shape":[2048],"data_offsets":[0,8192]}}', dataBytes: 8192 },
        beside: [
          {
            file: 'm/last.safetensors',
            safetensors: { header: '{"b":{"dtype":"F32","shape":[2048],"data_offsets":[0,8192]}}', dataBytes: 8192 },
          },
        ],
      },
    ],
    references: [{ title: 'CWE-1041: Use of Redundant Code', url: 'https://cwe.mitre.org/data/definitions/1041.html' }],
    cwe: [1041],
    atlas: ['AML.T0010.003'],
    owasp: ['ML06:2023'],
    nistAiRmf: ['MAP 4.1', 'MANAGE 3.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(directory, report) {
    const models = new Set(modelsIn(directory).slice(0, compared));
    const large = directory.artifacts.filter(({ name, size }) => models.has(name) && size >= smallest);
    let groups = alike([large], ({ size }) => `${size}`);
    // The middle first: heads are alike in all files of one program.
    for (const place of [middle, beginning, end]) {
      groups = alike(groups, ({ name, size }) => sampleOf(directory, name, place(size)));
    }
    const found = groups.map(namesOf).sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
    const [first] = found;
    if (first === undefined) return;
    const more = found.length > 1 ? `, and ${found.length - 1} more such groups` : '';
    report({
      message: `${first.slice(0, 4).join(' and ')} seem to be the same file${more}: which one is loaded depends on a name somewhere. Keep one.`,
      evidence: { groups: found.slice(0, 10).map((names) => names.slice(0, 20)) },
    });
  },
});

type Artifact = DirectorySubject['artifacts'][number];

const middle = (size: number) => Math.floor(size / 2);
const beginning = () => 0;
const end = (size: number) => size - block;

/** Parts groups by a key, and keeps what then still has company; null keeps company with nothing. */
function alike(groups: readonly Artifact[][], key: (artifact: Artifact) => string | null): Artifact[][] {
  return groups.flatMap((group) => {
    const parts = new Map<string, Artifact[]>();
    for (const artifact of group) {
      const of = key(artifact);
      if (of !== null) parts.set(of, [...(parts.get(of) ?? []), artifact]);
    }
    return [...parts.values()].filter(({ length }) => length > 1);
  });
}

function sampleOf(directory: DirectorySubject, name: string, place: number): string | null {
  return directory.read(name, (source) => Buffer.from(source.read(place, block)).toString('latin1'));
}

function namesOf(group: readonly Artifact[]): string[] {
  return group.map(({ name }) => name);
}
