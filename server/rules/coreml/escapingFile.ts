import { leadsOutside } from '../../formats/graph/outsidePath.ts';
import { bytePlace, quoted } from '../place.ts';
import { defineRule } from '../rule.ts';

export const coremlEscapingFile = defineRule({
  subject: 'graph',
  meta: {
    id: 'coreml/escaping-file',
    title: 'A Core ML model takes a file from outside its package',
    severity: 'error',
    description:
      'The weights of an ML program, a linked model, or an item of the package’s manifest are named by a path that leads out of the package.',
    why: 'Whoever loads the model reads a file of their own machine into it, or a model that someone else put there.',
    howToFix: 'Do not load it. An honest package names files below its own folder.',
    avoid: [
      {
        file: 'Manifest.json',
        text: '{"fileFormatVersion": "1.0.0", "itemInfoEntries": {"A": {"name": "model.mlmodel", "path": "../../../../tmp/model.mlmodel"}}, "rootModelIdentifier": "A"}',
      },
    ],
    prefer: [
      {
        file: 'Manifest.json',
        text: '{"fileFormatVersion": "1.0.0", "itemInfoEntries": {"A": {"name": "model.mlmodel", "path": "com.apple.CoreML/model.mlmodel"}}, "rootModelIdentifier": "A"}',
      },
    ],
    references: [{ title: 'Core ML model format', url: 'https://apple.github.io/coremltools/mlmodel/index.html' }],
    cwe: [22],
    atlas: ['AML.T0011.000'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report) {
    if (part.format !== 'coreml' && part.format !== 'coreml-package') return;
    for (const { what, by, name, offset } of part.references) {
      const how = what === 'data' ? leadsOutside(name.replace(/^@model_path\//, '')) : null;
      if (how === null) continue;
      report({
        message: `Takes ${quoted(by)} from ${quoted(name)}, which ${how}. Do not load this model.`,
        location: bytePlace(part, offset),
        evidence: { by, file: name },
      });
    }
  },
});
