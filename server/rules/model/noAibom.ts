import { isAibomName } from '../../aibom/names.ts';
import { defineRule } from '../rule.ts';
import { inWords, modelsIn } from './modelFormats.ts';

export const noAibom = defineRule({
  subject: 'directory',
  meta: {
    id: 'model/no-aibom',
    title: 'The model has no bill of materials',
    severity: 'info',
    description:
      'A directory holds model files and no AI bill of materials: no `*.cdx.json`, `bom.json`, `aibom.json` or the like. It is reported once a directory. What the document says is another matter: this rule only sees that there is one.',
    why: 'When a base model is withdrawn, a dataset turns out to be poisoned or a licence changes, the question is which of your models are affected. Without a record that travels with the model, nobody can say.',
    howToFix:
      'Write a CycloneDX ML-BOM (1.6 or later) beside the model: its hash, its base model with the revision, the datasets with their hashes, the licences, and the tools that made it. Keep it with the model wherever the model goes.',
    avoid: [
      {
        file: 'models/a/model.safetensors',
        safetensors: { header: '{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', dataBytes: 4 },
      },
    ],
    prefer: [
      {
        file: 'models/a/model.safetensors',
        safetensors: { header: '{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', dataBytes: 4 },
        beside: [
          {
            file: 'models/a/model.cdx.json',
            text: '{\n  "bomFormat": "CycloneDX",\n  "specVersion": "1.6",\n  "components": [{ "type": "machine-learning-model", "name": "a" }]\n}\n',
          },
        ],
      },
    ],
    references: [
      { title: 'CycloneDX: Machine Learning Bill of Materials', url: 'https://cyclonedx.org/capabilities/mlbom/' },
      { title: 'Regulation (EU) 2024/1689, Annex XI', url: 'https://eur-lex.europa.eu/eli/reg/2024/1689/oj' },
    ],
    cwe: [1357],
    atlas: ['AML.T0010.003'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['GOVERN 1.6', 'MAP 4.1', 'MEASURE 2.8'],
    euAiAct: ['Article 11(1)', 'Article 53(1)(a)'],
    since: '0.1.0',
  },
  check(directory, report) {
    const models = modelsIn(directory);
    if (models.length === 0 || directory.files.some(isAibomName)) return;
    report({
      message: `No AI bill of materials stands beside ${inWords(models)}: nobody can tell later what it was made from. Write a CycloneDX file that names its base model, datasets and licences.`,
      evidence: { models: models.slice(0, 20), count: models.length },
      fixes: ['generate-aibom'],
    });
  },
});
