import { leadsOutside } from '../../formats/graph/outsidePath.ts';
import { bytePlace, quoted } from '../place.ts';
import { defineRule } from '../rule.ts';

const metadata = { name: 'metadata.json', text: '{ "keras_version": "3.5.0" }' };

export const kerasExternalFile = defineRule({
  subject: 'keras',
  meta: {
    id: 'keras/external-file',
    title: 'The Keras model names a file or an address outside of it',
    severity: 'warning',
    description:
      'A configuration gives an address or an absolute path where Keras takes a file: a vocabulary, an origin, weights. Loading the model opens it. It is an error when the `model.json` of TensorFlow.js takes weights from outside of its folder.',
    why: 'A model that makes the process open an address reaches services inside your network (CVE-2025-12058), and one that names a local file puts its content into the vocabulary, from where it can be read out.',
    howToFix: 'Put the file into the model (assets of the `.keras` archive), or take the vocabulary as a list.',
    avoid: [
      {
        file: 'model.keras',
        zip: [
          metadata,
          {
            name: 'config.json',
            text: '{ "module": "keras.layers", "class_name": "StringLookup", "config": { "vocabulary": "http://169.254.169.254/latest/meta-data" } }',
          },
        ],
      },
    ],
    prefer: [
      {
        file: 'model.keras',
        zip: [
          metadata,
          {
            name: 'config.json',
            text: '{ "module": "keras.layers", "class_name": "StringLookup", "config": { "vocabulary": ["a", "b"] } }',
          },
        ],
      },
    ],
    references: [{ title: 'CVE-2025-12058, StringLookup', url: 'https://nvd.nist.gov/vuln/detail/CVE-2025-12058' }],
    cwe: [918, 73],
    atlas: ['AML.T0011.000', 'AML.T0010.003'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report) {
    for (const { path, value, offset } of part.files) {
      // TensorFlow.js joins these with the folder of the model (tfjs-core, io/weights_loader.ts; converters, read_weights.py).
      const how = path.startsWith('weightsManifest') ? leadsOutside(value) : null;
      if (how !== null && !value.includes('://')) {
        report({
          severity: 'error',
          message: `Loading the model reads its weights from ${quoted(value)} (${path}), which ${how}. Do not load it.`,
          location: bytePlace(part, offset),
          evidence: { document: part.document, path, value },
        });
        continue;
      }
      report({
        message: `Loading the model opens ${quoted(value)} (${path}). Make sure that this is meant, or put the file into the model.`,
        location: bytePlace(part, offset),
        evidence: { document: part.document, path, value },
      });
    }
  },
});
