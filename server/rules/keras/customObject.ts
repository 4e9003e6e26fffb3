import { bytePlace } from '../place.ts';
import { defineRule } from '../rule.ts';
import { judgeReference, spelledReference } from './references.ts';

const metadata = { name: 'metadata.json', text: '{ "keras_version": "3.5.0" }' };

export const kerasCustomObject = defineRule({
  subject: 'keras',
  meta: {
    id: 'keras/custom-object',
    title: 'The Keras model needs code that is not part of Keras',
    severity: 'warning',
    description:
      'A configuration names a class or function outside of Keras: a registered custom object, or one of a module that must be importable. One finding names them all.',
    why: 'The model does what that code does, and its configuration gives the arguments. Where the code comes with the model, whoever made the model wrote code that you run.',
    howToFix:
      'Read the code before you register it, and pin the version it comes from. Prefer built-in layers where they do the same.',
    avoid: [
      {
        file: 'model.keras',
        zip: [
          metadata,
          {
            name: 'config.json',
            text: '{ "module": "research.layers", "class_name": "Attention2", "config": {}, "registered_name": "research>Attention2" }',
          },
        ],
      },
    ],
    prefer: [
      {
        file: 'model.keras',
        zip: [
          metadata,
          { name: 'config.json', text: '{ "module": "keras.layers", "class_name": "Attention", "config": {} }' },
        ],
      },
    ],
    references: [
      {
        title: 'Keras guide: customizing saving and serialization',
        url: 'https://keras.io/guides/customizing_saving_and_serialization/',
      },
    ],
    cwe: [829],
    atlas: ['AML.T0010.003'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MAP 4.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report) {
    const custom = part.references.filter((reference) => judgeReference(reference).tier === 'custom');
    const [first] = custom;
    if (!first) return;
    const names = [...new Set(custom.map((each) => each.registered ?? spelledReference(each)))];
    const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
    report({
      message: `The model needs ${names
        .slice(0, 3)
        .map((name) => JSON.stringify(name.slice(0, 100)))
        .join(', ')}${more}, which Keras does not have. Read that code before you let the model use it.`,
      location: bytePlace(part, first.offset),
      evidence: { document: part.document, objects: names.slice(0, 50) },
    });
  },
});
