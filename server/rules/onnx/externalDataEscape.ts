import { leadsOutside } from '../../formats/graph/outsidePath.ts';
import { bytePlace, quoted } from '../place.ts';
import { defineRule } from '../rule.ts';

export const externalDataEscape = defineRule({
  subject: 'graph',
  meta: {
    id: 'onnx/external-data-escape',
    title: 'An ONNX model takes tensor data from outside its folder',
    severity: 'error',
    description:
      'The `external_data` of a tensor names a file by an absolute path, a drive, an address, a way up (`..`), with a NUL in it, or is the mark by which ONNX Runtime stores an address of its own memory. Initialisers, constants, sparse tensors, subgraphs, functions and training graphs are all read; a backslash counts as a separator, because the model may be loaded on Windows.',
    why: 'Whoever loads the model reads a file of their own machine into a tensor (keys, passwords), and whoever sees the output, or gets the saved model back, reads it, too. Checks in the libraries were passed by several times.',
    howToFix: 'Do not load it. An honest model names a plain file beside itself: ask for it again, or export it again.',
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
                  [2, 1],
                  [8, 'weights'],
                  [
                    13,
                    [
                      [1, 'location'],
                      [2, '../../../../etc/passwd'],
                    ],
                  ],
                  [14, 1],
                ],
              ],
            ],
          ],
        ],
        note: 'Field 13 of the tensor in the graph is its external data.',
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
      },
    ],
    references: [
      {
        title: 'CVE-2022-25882: traversal in external_data',
        url: 'https://nvd.nist.gov/vuln/detail/CVE-2022-25882',
      },
      {
        title: 'CVE-2024-27318: the check passed by',
        url: 'https://nvd.nist.gov/vuln/detail/CVE-2024-27318',
      },
      { title: 'CVE-2025-51480: save_external_data', url: 'https://nvd.nist.gov/vuln/detail/CVE-2025-51480' },
      { title: 'ONNX: external data', url: 'https://onnx.ai/onnx/repo-docs/ExternalData.html' },
    ],
    cwe: [22, 73],
    atlas: ['AML.T0011.000'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report) {
    if (part.format !== 'onnx') return;
    for (const { what, by, name, offset, count } of part.references) {
      if (what !== 'data' && what !== 'memory') continue;
      const how = what === 'memory' ? 'is the mark of an address in the memory of ONNX Runtime' : leadsOutside(name);
      if (how === null) continue;
      const more = count > 1 ? ` (and ${count - 1} more tensors)` : '';
      report({
        message: `Takes the data of ${quoted(by)}${more} from ${quoted(name)}, which ${how}. Do not load this model.`,
        location: bytePlace(part, offset),
        evidence: { tensor: by, location: name, count },
      });
    }
  },
});
