import { leadsOutside } from '../../formats/graph/outsidePath.ts';
import { placeOf } from '../load/place.ts';
import { quoted } from '../place.ts';
import { defineRule } from '../rule.ts';

export const isMlmodel = (path: string): boolean => /(?:^|\/)mlmodel$/i.test(path);

/** Keys of flavors under which MLflow joins a path with the folder of the model. Source: mlflow/sklearn, pyfunc, pytorch and others. */
const files = new Set(['pickled_model', 'python_model', 'model_path', 'data', 'model_data', 'code', 'model_binary']);

export const mlmodelPath = defineRule({
  subject: 'text',
  meta: {
    id: 'model/mlmodel-path',
    title: 'An MLmodel names a file outside of the model',
    severity: 'error',
    description:
      'A flavor in an `MLmodel` file of MLflow gives its data, its pickle or its code by an absolute path, by a drive, by an address, or by a path that goes up with `..`.',
    why: 'MLflow joins the name with the folder of the model and loads what it finds there, a pickle as a rule: what is scanned, reviewed and signed is then not what runs.',
    howToFix: 'Do not load the model. Log it anew with MLflow, which writes names of files in its own folder.',
    avoid: [
      {
        file: 'MLmodel',
        text: 'flavors:\n  sklearn:\n    pickled_model: ../elsewhere/model.pkl\n    serialization_format: cloudpickle\n',
      },
    ],
    prefer: [
      {
        file: 'MLmodel',
        text: 'flavors:\n  sklearn:\n    pickled_model: model.pkl\n    serialization_format: cloudpickle\n',
      },
    ],
    references: [{ title: 'MLflow documentation: the MLmodel file', url: 'https://mlflow.org/docs/latest/ml/model/' }],
    cwe: [22, 73, 502],
    atlas: ['AML.T0010.003', 'AML.T0011.000'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7', 'MANAGE 3.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    if (text.language !== 'yaml' || !isMlmodel(text.path)) return;
    for (const { path, value, range } of text.scalars) {
      if (typeof value !== 'string' || path[0] !== 'flavors' || !files.has(String(path.at(-1)))) continue;
      const how = leadsOutside(value);
      if (how === null) continue;
      report({
        message: `Loading the model opens ${quoted(value)}, which ${how}. Do not load it.`,
        location: placeOf(range),
        evidence: { path: value.slice(0, 1000) },
      });
    }
  },
});
