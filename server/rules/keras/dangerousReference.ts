import { bytePlace, quoted } from '../place.ts';
import { defineRule } from '../rule.ts';
import { judgeReference, spelledReference } from './references.ts';

const metadata = { name: 'metadata.json', text: '{ "keras_version": "3.5.0" }' };

export const kerasDangerousReference = defineRule({
  subject: 'keras',
  meta: {
    id: 'keras/dangerous-reference',
    title: 'The Keras model names a dangerous function',
    severity: 'error',
    description:
      'A configuration names a function or class that runs commands, executes code, touches files or the network, or loads further models: `os.system`, `builtins.exec`, `keras.utils.get_file`, `keras.models.load_model` and the like. Every object of the whole configuration is looked at, also those of the training configuration.',
    why: 'Keras imports what the configuration names and calls it with arguments that stand beside it. Safe mode does not stop it in Keras before 3.9 (CVE-2025-1550), nor, for functions of Keras itself, before 3.11 (CVE-2025-8747).',
    howToFix: 'Do not load the file, and tell whoever gave it to you. A model has no use for such a function.',
    avoid: [
      {
        file: 'model.keras',
        zip: [
          metadata,
          {
            name: 'config.json',
            text: '{ "module": "os", "class_name": "function", "config": "system", "inbound_nodes": [{ "args": ["id"] }] }',
          },
        ],
        note: 'CVE-2025-1550: loading it runs `id`.',
      },
    ],
    prefer: [
      {
        file: 'model.keras',
        zip: [
          metadata,
          { name: 'config.json', text: '{ "module": "keras.layers", "class_name": "ReLU", "config": {} }' },
        ],
      },
    ],
    references: [
      { title: 'CVE-2025-1550, modules named by config.json', url: 'https://nvd.nist.gov/vuln/detail/CVE-2025-1550' },
      { title: 'CVE-2025-8747, functions of Keras itself', url: 'https://nvd.nist.gov/vuln/detail/CVE-2025-8747' },
      { title: 'CVE-2025-49655, TorchModuleWrapper', url: 'https://nvd.nist.gov/vuln/detail/CVE-2025-49655' },
    ],
    cwe: [502, 94, 470],
    atlas: ['AML.T0011.000', 'AML.T0010.003'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7', 'MANAGE 3.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report) {
    for (const reference of part.references) {
      const { tier, does } = judgeReference(reference);
      if (tier !== 'dangerous') continue;
      report({
        message: `The model names ${quoted(spelledReference(reference))}, which ${does}, and Keras may call it on loading. Do not load this file.`,
        location: bytePlace(part, reference.offset),
        evidence: { document: part.document, path: reference.path, name: spelledReference(reference) },
      });
    }
  },
});
