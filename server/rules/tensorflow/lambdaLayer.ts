import { bytePlace, quoted } from '../place.ts';
import { defineRule } from '../rule.ts';

export const lambdaLayer = defineRule({
  subject: 'graph',
  meta: {
    id: 'tensorflow/lambda-layer',
    title: 'A Keras layer in a SavedModel carries Python code',
    severity: 'error',
    description:
      'The layers’ configurations beside a SavedModel (`keras_metadata.pb`, or the object graph of older ones) hold a Lambda layer with marshalled Python. A Lambda layer that names a function of the program instead is a warning.',
    why: 'Keras unmarshals the code and runs it when the model is loaded or used. It can do all that Python can.',
    howToFix:
      'Do not load it with Keras. Ask for a model without Lambda layers: most of them are a layer of Keras or a subclass away.',
    avoid: [
      {
        file: 'keras_metadata.pb',
        protobuf: [
          [
            1,
            [
              [2, 1],
              [3, 'root.layer-1'],
              [4, '_tf_keras_layer'],
              [
                5,
                '{"class_name": "Lambda", "config": {"name": "scale", "function_type": "lambda", "function": {"class_name": "__tuple__", "items": ["4wEAAAA="]}}}',
              ],
            ],
          ],
        ],
      },
    ],
    prefer: [
      {
        file: 'keras_metadata.pb',
        protobuf: [
          [
            1,
            [
              [2, 1],
              [3, 'root.layer-1'],
              [4, '_tf_keras_layer'],
              [5, '{"class_name": "Rescaling", "config": {"name": "scale", "scale": 0.5}}'],
            ],
          ],
        ],
      },
    ],
    references: [
      { title: 'CVE-2024-3660: Lambda layers', url: 'https://nvd.nist.gov/vuln/detail/CVE-2024-3660' },
      { title: 'CERT/CC VU#253266', url: 'https://kb.cert.org/vuls/id/253266' },
    ],
    cwe: [502, 94],
    atlas: ['AML.T0011.000'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report) {
    if (part.format !== 'keras-metadata' && part.format !== 'tf-saved-model' && part.format !== 'tf-meta-graph') return;
    for (const { what, by, name, offset } of part.references) {
      if (by !== 'Lambda' || (what !== 'code' && what !== 'class')) continue;
      report(
        what === 'code'
          ? {
              message: `The Lambda layer ${quoted(name)} carries Python code, which runs when Keras loads the model. Do not load it.`,
              location: bytePlace(part, offset),
              evidence: { layer: name },
            }
          : {
              severity: 'warning',
              message: `A Lambda layer calls the function ${quoted(name)} of whoever loads the model. Find out what it does.`,
              location: bytePlace(part, offset),
              evidence: { function: name },
            },
      );
    }
  },
});
