import { bytePlace } from '../place.ts';
import { defineRule } from '../rule.ts';

export const kerasLambda = defineRule({
  subject: 'keras',
  meta: {
    id: 'keras/lambda',
    title: 'The Keras model carries Python code of its own',
    severity: 'error',
    description:
      'A configuration of a `.keras` archive, of an HDF5 file or in a JSON file of its own (`Model.to_json`, TensorFlow.js) holds a Lambda layer or a `__lambda__` object, wherever it stands: as a layer, inside a wrapper or a nested model, as an activation, a loss or a metric. Its function is marshalled Python bytecode. Python source code where the name of a function belongs is a warning.',
    why: 'Loading the model runs that bytecode with your rights. Keras 3 refuses it in safe mode for `.keras` files, but the HDF5 format ignores safe mode (CVE-2025-9905), a config can switch it off (CVE-2025-9906), and Keras 2 has none.',
    howToFix:
      'Do not load the file. Ask its author for a version with registered layers instead of lambdas, or rebuild the architecture from your own code and load only the weights.',
    avoid: [
      {
        file: 'model.keras',
        zip: [
          { name: 'metadata.json', text: '{ "keras_version": "3.5.0" }' },
          {
            name: 'config.json',
            text: '{ "module": "keras.layers", "class_name": "Dense", "config": { "activation": { "class_name": "__lambda__", "config": { "code": "4wEAAAA=" } } } }',
          },
        ],
      },
    ],
    prefer: [
      {
        file: 'model.keras',
        zip: [
          { name: 'metadata.json', text: '{ "keras_version": "3.5.0" }' },
          {
            name: 'config.json',
            text: '{ "module": "keras.layers", "class_name": "Dense", "config": { "activation": "relu" } }',
          },
        ],
      },
    ],
    references: [
      {
        title: 'CVE-2024-3660, arbitrary code in Keras Lambda layers',
        url: 'https://nvd.nist.gov/vuln/detail/CVE-2024-3660',
      },
      { title: 'CVE-2025-9905, HDF5 ignores safe mode', url: 'https://nvd.nist.gov/vuln/detail/CVE-2025-9905' },
      {
        title: 'CVE-2025-9906, safe mode switched off by a config',
        url: 'https://nvd.nist.gov/vuln/detail/CVE-2025-9906',
      },
    ],
    cwe: [502, 94],
    atlas: ['AML.T0011.000', 'AML.T0010.003', 'AML.T0018.002'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7', 'MANAGE 3.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report) {
    const first =
      part.lambdas.find(({ what }) => what === 'bytecode') ??
      part.lambdas.find(({ what }) => what === 'layer') ??
      part.lambdas[0];
    if (!first) return;
    const more = part.lambdas.length > 1 ? `, and ${part.lambdas.length - 1} more` : '';
    report({
      ...(first.what === 'text' && { severity: 'warning' as const }),
      message:
        first.what === 'text'
          ? `It holds Python source code where the name of a function belongs, at ${first.path || 'the top'} of ${part.document}${more}. Find out what reads it before you load this file.`
          : first.what !== 'bytecode'
            ? `It has a Lambda layer at ${first.path || 'the top'} of ${part.document}${more}, which calls a function of the file’s choice. Do not load this file.`
            : `Loading it runs Python code that the model carries at ${first.path || 'the top'} of ${part.document}${more}. Do not load this file.`,
      location: bytePlace(part, first.offset),
      evidence: { document: part.document, paths: part.lambdas.slice(0, 20).map(({ path }) => path) },
    });
  },
});
