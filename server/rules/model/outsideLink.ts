import type { DirectorySubject } from '../directory.ts';
import { quoted } from '../place.ts';
import { defineRule } from '../rule.ts';
import { escapeOf, indexesIn } from './shardIndex.ts';
import { wholeShards } from './shardExamples.ts';

/** Stores that keep a file by its digest and link to it: caches of the Hugging Face Hub, of DVC, and of git-annex. */
const store =
  /[\\/](?:blobs[\\/][0-9a-f]{40}(?:[0-9a-f]{24})?|(?:cache|files)[\\/]md5[\\/].*|annex[\\/]objects[\\/].*)$/;

export const outsideLink = defineRule({
  subject: 'directory',
  meta: {
    id: 'model/outside-link',
    title: 'A model takes its weights from behind a link that leads elsewhere',
    severity: 'error',
    description:
      'A file that an ONNX model takes tensors from, or a shard of an index, is a symbolic link (or stands below one) to a file outside of what was scanned. The caches of the Hugging Face Hub, DVC and git-annex, which link to files by their digests, are left out. Data of an ONNX model that has further names on the disk (hard links) is information.',
    why: 'The name passes every check for `..` and absolute paths, and the loader opens a file of your own machine: what stands in it becomes a tensor that whoever sees the output, or gets the saved model back, can read. Of archives that are unpacked, links are the oldest trick.',
    howToFix: 'Do not load the model. Replace the link by the file that was meant, from its source.',
    avoid: [
      {
        file: 'm/model-00001-of-00002.safetensors',
        safetensors: { header: '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', dataBytes: 4 },
        beside: [
          {
            file: 'm/model.safetensors.index.json',
            text: '{ "weight_map": { "a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors" } }\n',
          },
          { file: 'm/model-00002-of-00002.safetensors', linkTo: '/home/user/.ssh/id_rsa' },
        ],
        note: 'The second part is a link to a key.',
      },
    ],
    prefer: [wholeShards],
    references: [
      {
        title: 'CVE-2026-27489: external data of ONNX through a symbolic link',
        url: 'https://nvd.nist.gov/vuln/detail/CVE-2026-27489',
      },
      {
        title: 'CVE-2026-34446: external data of ONNX through a hard link',
        url: 'https://nvd.nist.gov/vuln/detail/CVE-2026-34446',
      },
      {
        title: 'CVE-2024-27318: the check of external data passed by',
        url: 'https://nvd.nist.gov/vuln/detail/CVE-2024-27318',
      },
    ],
    cwe: [59, 61, 73],
    atlas: ['AML.T0010.003', 'AML.T0011.000'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7', 'MANAGE 3.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(directory, report) {
    for (const { file, by, onnx } of weightFiles(directory)) {
      const standing = directory.standing(file);
      if (standing === null) continue;
      const { outside, names } = standing;
      if (outside !== null && !store.test(outside)) {
        report({
          message: `${by} takes weights from ${quoted(file)}, which is a link to ${quoted(outside)}, outside of what was scanned. Do not load it.`,
          evidence: { by, file, target: outside },
        });
      } else if (onnx && outside === null && names > 1) {
        report({
          severity: 'info',
          message: `${by} takes tensor data from ${quoted(file)}, which has ${names} names on its disk. Make sure that the others are a copy of the model, too.`,
          evidence: { by, file, names },
        });
      }
    }
  },
});

/** Files that models and indexes of the directory take weights from. */
function weightFiles(directory: DirectorySubject): { file: string; by: string; onnx: boolean }[] {
  const shards = indexesIn(directory).flatMap(({ name, shards: map }) =>
    [...new Set(map?.values())]
      .filter((file) => escapeOf(file) === null)
      .map((file) => ({ file, by: name, onnx: false })),
  );
  const data = directory.artifacts.flatMap(({ name: by, dataFiles }) =>
    dataFiles.map(({ name: file }) => ({ file, by, onnx: true })),
  );
  return [...shards, ...data];
}
