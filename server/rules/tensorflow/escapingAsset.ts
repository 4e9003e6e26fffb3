import { leadsOutside } from '../../formats/graph/outsidePath.ts';
import { bytePlace, quoted } from '../place.ts';
import { defineRule } from '../rule.ts';

export const escapingAsset = defineRule({
  subject: 'graph',
  meta: {
    id: 'tensorflow/escaping-asset',
    title: 'A SavedModel takes an asset from outside its folder',
    severity: 'error',
    description:
      'An asset of the model (a vocabulary, a table) is named by a path that leads out of its `assets` folder.',
    why: 'TensorFlow joins the name to the folder without a check and reads what it finds: any file of the machine becomes a table of the model.',
    howToFix: 'Do not load it. Assets of an honest export are plain names.',
    avoid: [
      {
        file: 'saved_model.pb',
        protobuf: [
          [1, 1],
          [
            2,
            [
              [
                2,
                [
                  [
                    1,
                    [
                      [1, 'words'],
                      [2, 'Const'],
                    ],
                  ],
                ],
              ],
              [
                6,
                [
                  [1, [[1, 'words:0']]],
                  [2, '../../../etc/passwd'],
                ],
              ],
            ],
          ],
        ],
      },
    ],
    prefer: [
      {
        file: 'saved_model.pb',
        protobuf: [
          [1, 1],
          [
            2,
            [
              [
                2,
                [
                  [
                    1,
                    [
                      [1, 'words'],
                      [2, 'Const'],
                    ],
                  ],
                ],
              ],
              [
                6,
                [
                  [1, [[1, 'words:0']]],
                  [2, 'words.txt'],
                ],
              ],
            ],
          ],
        ],
      },
    ],
    references: [{ title: 'CWE-22', url: 'https://cwe.mitre.org/data/definitions/22.html' }],
    cwe: [22],
    atlas: ['AML.T0011.000'],
    owasp: ['ML06:2023'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report) {
    for (const { what, by, name, offset } of part.references) {
      const how = what === 'asset' ? leadsOutside(name) : null;
      if (how === null) continue;
      report({
        message: `Takes the asset of ${quoted(by)} from ${quoted(name)}, which ${how}. Do not load this model.`,
        location: bytePlace(part, offset),
        evidence: { tensor: by, file: name },
      });
    }
  },
});
