import { quoted } from '../place.ts';
import { defineRule } from '../rule.ts';

export const externalDataMissing = defineRule({
  subject: 'directory',
  meta: {
    id: 'onnx/external-data-missing',
    title: 'The external data of an ONNX model is not there, or too short',
    severity: 'warning',
    description:
      'A tensor of an ONNX model has its bytes in a file beside it, and that file is shorter than offset and length (or the shape) ask for, or is not there (information only). Pointers of git-lfs count as not fetched, and are not told.',
    why: 'Runtimes map the data file and have read behind its end: the output then depends on memory that is not the model’s. Where a file is missing, whoever can write to the folder decides what is loaded.',
    howToFix: 'Fetch the model again with all its files, and compare their digests; or export it again.',
    avoid: [
      {
        file: 'm/model.onnx',
        protobuf: [
          [1, 8],
          [
            7,
            [
              [
                5,
                [
                  [1, 4],
                  [2, 1],
                  [8, 'weights'],
                  [
                    13,
                    [
                      [1, 'location'],
                      [2, 'weights.bin'],
                    ],
                  ],
                  [14, 1],
                ],
              ],
            ],
          ],
        ],
        beside: [{ file: 'm/weights.bin', hex: '0000803f' }],
        note: 'Four numbers of four bytes, in a file of four bytes.',
      },
    ],
    prefer: [
      {
        file: 'm/model.onnx',
        protobuf: [
          [1, 8],
          [
            7,
            [
              [
                5,
                [
                  [1, 1],
                  [2, 1],
                  [8, 'weights'],
                  [
                    13,
                    [
                      [1, 'location'],
                      [2, 'weights.bin'],
                    ],
                  ],
                  [14, 1],
                ],
              ],
            ],
          ],
        ],
        beside: [{ file: 'm/weights.bin', hex: '0000803f' }],
      },
    ],
    references: [{ title: 'ONNX: external data', url: 'https://onnx.ai/onnx/repo-docs/ExternalData.html' }],
    cwe: [125, 353],
    atlas: ['AML.T0010.003'],
    owasp: ['ML06:2023'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(directory, report) {
    for (const { name, dataFiles } of directory.artifacts) {
      for (const { name: file, bytes: end } of dataFiles) {
        const size = directory.read(file, (source) => {
          const isPointer = Buffer.from(source.read(0, 40)).toString('latin1').startsWith('version https://git-lfs');
          return isPointer ? Infinity : source.size;
        });
        if (size !== null && size >= end) continue;
        const missing = size === null;
        report({
          ...(missing && { severity: 'info' as const }),
          message: missing
            ? `${name} takes tensor data from ${quoted(file)}, which is not there. Fetch the model again, with all its files.`
            : `${name} takes ${end} bytes from ${quoted(file)}, which has ${size}. Fetch both again, and compare their digests.`,
          evidence: { model: name, location: file, needed: end, size },
        });
      }
    }
  },
});
