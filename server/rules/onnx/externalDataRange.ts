import { bytePlace, quoted } from '../place.ts';
import { defineRule } from '../rule.ts';

export const externalDataRange = defineRule({
  subject: 'graph',
  meta: {
    id: 'onnx/external-data-range',
    title: 'The external data of an ONNX tensor cannot be right',
    severity: 'warning',
    description:
      'The offset or length of the external data of a tensor is not a number, is beyond any file, or is not what the shape needs; it names no file, or two; or it has a key that ONNX does not define. One finding a file, with the first.',
    why: 'Loaders have taken such numbers on trust: allocations of any size, reads beyond the mapped file. Keys that are not defined were set as attributes of Python objects.',
    howToFix: 'Export the model again. If you got it from someone else, ask how it was made before you load it.',
    avoid: [
      {
        file: 'model.onnx',
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
                  [
                    13,
                    [
                      [1, 'length'],
                      [2, '1152921504606846976'],
                    ],
                  ],
                  [14, 1],
                ],
              ],
            ],
          ],
        ],
        note: 'Four numbers of four bytes, and a length of an exbibyte.',
      },
    ],
    prefer: [
      {
        file: 'model.onnx',
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
                  [
                    13,
                    [
                      [1, 'length'],
                      [2, '16'],
                    ],
                  ],
                  [14, 1],
                ],
              ],
            ],
          ],
        ],
      },
    ],
    references: [
      {
        title: 'CVE-2026-34445: keys of external data become attributes',
        url: 'https://nvd.nist.gov/vuln/detail/CVE-2026-34445',
      },
      { title: 'ONNX: external data', url: 'https://onnx.ai/onnx/repo-docs/ExternalData.html' },
    ],
    cwe: [1284, 915, 125],
    atlas: ['AML.T0011.000'],
    owasp: ['ML06:2023'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report) {
    const broken = part.format === 'onnx' ? part.references.filter(({ breach }) => breach !== undefined) : [];
    const [first] = broken;
    if (first === undefined) return;
    const more = broken.length > 1 ? ` There are ${broken.length - 1} more such places.` : '';
    report({
      message: `The external data of ${quoted(first.by)} cannot be right: ${first.breach}.${more} Export the model again.`,
      location: bytePlace(part, first.offset),
      evidence: {
        places: broken
          .slice(0, 10)
          .map(({ by, name, offset, breach }) => ({ by, name, offset, breach: breach ?? null })),
      },
    });
  },
});
