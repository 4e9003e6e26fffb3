import type { ByteSource } from '../../formats/source.ts';
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
    const alike = new Map<string, string[]>();
    for (const name of modelsIn(directory).slice(0, compared)) {
      const sample = sampleOf(directory, name);
      if (sample !== null) alike.set(sample, [...(alike.get(sample) ?? []), name]);
    }
    const groups = [...alike.values()].filter((names) => names.length > 1);
    const [first] = groups;
    if (first === undefined) return;
    const more = groups.length > 1 ? `, and ${groups.length - 1} more such groups` : '';
    report({
      message: `${first.slice(0, 4).join(' and ')} seem to be the same file${more}: which one is loaded depends on a name somewhere. Keep one.`,
      evidence: { groups: groups.slice(0, 10).map((names) => names.slice(0, 20)) },
    });
  },
});

/** What tells files apart without reading them: size, beginning, middle and end. Null for a small file. */
function sampleOf(directory: DirectorySubject, name: string): string | null {
  return directory.read(name, (source: ByteSource) => {
    if (source.size < smallest) return null;
    const places = [0, Math.floor(source.size / 2), source.size - block];
    const parts = places.map((place) => Buffer.from(source.read(place, block)).toString('latin1'));
    return `${source.size} ${parts.join('')}`;
  });
}
