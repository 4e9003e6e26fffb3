import { classifyImport } from '../pickle/knownImports.ts';
import { bytePlace, quoted } from '../place.ts';
import { defineRule } from '../rule.ts';

/** What MLflow writes by itself, and the modules that its documentation names. Source: mlflow/pytorch/__init__.py. */
const known =
  /^(?:mlflow\.pytorch\.pickle_module|c?pickle|_pickle|cloudpickle(?:\.cloudpickle)?|dill(?:\._dill)?|torch)$/i;

export const pickleModule = defineRule({
  subject: 'names',
  meta: {
    id: 'model/pickle-module',
    title: 'MLflow imports a module by name to unpickle the model',
    severity: 'warning',
    description:
      'The file `pickle_module_info.txt` of a PyTorch model that MLflow saved names another module than MLflow’s own, `pickle`, `cloudpickle` or `dill`. It is an error where the module is known to run something.',
    why: 'Loading the model imports the module by that name, also from the folder of code that the model brings along, and hands it the file: the text decides which code runs, before a pickle is read.',
    howToFix:
      'Do not load the model before you know the module. MLflow writes `mlflow.pytorch.pickle_module`; write that, and load the model in a place where nothing can be lost.',
    avoid: [{ file: 'data/pickle_module_info.txt', text: 'fast_unpickler' }],
    prefer: [{ file: 'data/pickle_module_info.txt', text: 'mlflow.pytorch.pickle_module' }],
    references: [
      {
        title: 'MLflow documentation: mlflow.pytorch',
        url: 'https://mlflow.org/docs/latest/api_reference/python_api/mlflow.pytorch.html',
      },
    ],
    cwe: [470, 829],
    atlas: ['AML.T0011.000', 'AML.T0010.003'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7', 'MANAGE 3.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report) {
    const [named] = part.source === 'pickle-module' ? part.names : [];
    if (named === undefined || known.test(named.name)) return;
    const at = named.name.lastIndexOf('.');
    const judged = classifyImport(
      at < 0 ? named.name : named.name.slice(0, at),
      at < 0 ? 'load' : named.name.slice(at + 1),
    );
    report({
      ...(judged.tier === 'dangerous' && { severity: 'error' as const }),
      message: `Loading the model with MLflow imports the module ${quoted(named.name)} and has it read the file. Make sure that you know it.`,
      location: bytePlace(part, named.offset),
      evidence: { module: named.name },
    });
  },
});
