import type { PythonCall } from '../../formats/text/facts.ts';
import { callsTo, callsWith } from '../../formats/text/pythonCalls.ts';
import { isInside } from '../../formats/text/ranges.ts';
import { defineRule, type Report } from '../rule.ts';
import { placeOf, replace } from './place.ts';

/** Functions that unpickle what they are given. */
const callees = new Set([
  'pickle.load',
  'pickle.loads',
  'pickle.Unpickler',
  '_pickle.load',
  '_pickle.loads',
  'cPickle.load',
  'cPickle.loads',
  'pickle5.load',
  'pickle5.loads',
  'dill.load',
  'dill.loads',
  'cloudpickle.load',
  'cloudpickle.loads',
  'joblib.load',
  'sklearn.externals.joblib.load',
  'sklearn.utils._joblib.joblib.load',
  'six.moves.cPickle.load',
  'six.moves.cPickle.loads',
  'ray.cloudpickle.load',
  'ray.cloudpickle.loads',
  'compress_pickle.load',
  'compress_pickle.loads',
  'dill.load_module',
  'dill.load_session',
  'shelve.open',
  'jsonpickle.decode',
  'pandas.read_pickle',
  'pd.read_pickle',
  'marshal.load',
  'marshal.loads',
]);

export const pickleFamily = defineRule({
  subject: 'text',
  meta: {
    id: 'load/pickle-family',
    title: 'Python unpickles a file',
    severity: 'warning',
    description:
      'A call of `pickle.load`, `joblib.load`, `dill`, `cloudpickle`, `shelve`, `jsonpickle`, `marshal` or `pandas.read_pickle`, or `numpy.load` with `allow_pickle=True`. `load_model` of MLflow counts where it names an address. It is an error where the call names an address (`https://`, `s3://`, `hf://`): then whoever can write there runs code here.',
    why: 'Unpickling calls whatever functions the bytes name, with the arguments they name. There is no way to look first, and no part of the file that is only data.',
    howToFix:
      'Store weights as safetensors, scikit-learn models with skops or ONNX, tables as Parquet or JSON. Where the format cannot change, compare a SHA-256 of the file with a recorded one before loading it.',
    avoid: [
      {
        file: 'cifar.py',
        text: "from six.moves import cPickle as pickle\n\nwith open('data_batch_1', 'rb') as f:\n    batch = pickle.load(f, encoding='latin1')\n",
      },
      {
        file: 'search.py',
        text: "from langchain_community.vectorstores import FAISS\n\nindex = FAISS.load_local('index', None, allow_dangerous_deserialization=True)\n",
      },
      {
        file: 'fetched.py',
        text: "import pickle\n\nimport requests\n\nmodel = pickle.loads(requests.get('https://models.example.org/m.pkl').content)\n",
        note: 'An error: what an address serves.',
      },
      { file: 'serve.py', text: "import joblib\n\nmodel = joblib.load('model.joblib')\n" },
      {
        file: 'data.py',
        text: "import numpy as np\n\nrows = np.load('rows.npy', allow_pickle=True)\n",
        note: 'Arrays of numbers need no pickle.',
      },
    ],
    prefer: [
      {
        file: 'search.py',
        text: "import numpy as np\nfrom langchain_community.vectorstores import FAISS\n\nindex = FAISS.load_local('index', None, allow_dangerous_deserialization=False)\nrows = np.load('rows.npy', None, False)\n",
      },
      {
        file: 'copy.py',
        text: 'import pickle\n\ncopied = pickle.loads(pickle.dumps({}))\n',
        note: 'A copy of what is there already.',
      },
      { file: 'serve.py', text: "import skops.io as sio\n\nmodel = sio.load('model.skops', trusted=[])\n" },
      { file: 'data.py', text: "import numpy as np\n\nrows = np.load('rows.npy', allow_pickle=False)\n" },
      {
        file: 'loading.py',
        text: "import json\nimport pickle\n\nwith open('a.json') as file:\n    data = json.load(file)\nwith open('a.pkl', 'wb') as file:\n    pickle.dump(data, file)\n",
        note: 'Writing a pickle runs nothing.',
      },
    ],
    references: [
      { title: 'Python documentation: pickle', url: 'https://docs.python.org/3/library/pickle.html' },
      { title: 'scikit-learn: model persistence', url: 'https://scikit-learn.org/stable/model_persistence.html' },
    ],
    cwe: [502],
    atlas: ['AML.T0011.000', 'AML.T0010.003'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7', 'MANAGE 3.2'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    if (text.language !== 'python') return;
    for (const call of callsWith(text.calls, 'allow_dangerous_deserialization')) checkIndex(call, report);
    for (const call of text.calls) {
      checkFlavour(call, report);
      const allowed = call.keywords['allow_pickle'];
      const isNumpy = call.callee === 'numpy.load' && (allowed ?? call.positional[2])?.value === true;
      if (!isNumpy && (!callees.has(call.callee) || isRoundTrip(call, text.calls))) continue;
      const address = remoteAddress(call) ?? fetchedAddress(call, text.calls);
      const what = isNumpy ? 'numpy.load(..., allow_pickle=True)' : call.callee;
      report({
        message:
          address === null
            ? `Unpickles ${/\.(?:loads|decode)$/.test(call.callee) ? 'bytes' : 'a file'} (\`${what}\`): it can run any code. Use a format that holds data alone, or compare a recorded hash before loading.`
            : `Unpickles what an address serves (\`${what}\` of ${address}): whoever can write there runs code here. Download it, compare a recorded hash, and load a format that holds data alone.`,
        severity: address === null ? 'warning' : 'error',
        location: placeOf(isNumpy && allowed ? allowed.range : call.range),
        evidence: { call: call.callee, remote: address !== null },
        ...(isNumpy && allowed
          ? {
              fixes: ['set-safe-value'],
              edits: [
                {
                  fix: 'set-safe-value',
                  kind: 'suggestion',
                  title: 'Set allow_pickle to False',
                  changes: [replace(allowed.range, 'False')],
                },
              ],
            }
          : {}),
      });
    }
  },
});

/** Indexes of LangChain (FAISS, TF-IDF, ...) keep their documents in a pickle. */
function checkIndex({ callee, keywords }: PythonCall, report: (report: Report) => void): void {
  const allowed = keywords['allow_dangerous_deserialization'];
  if (allowed?.value !== true) return;
  report({
    message: `Unpickles the index (\`${callee}(..., allow_dangerous_deserialization=True)\`): it can run any code. Load only one that you built yourself, and compare a recorded hash before.`,
    location: placeOf(allowed.range),
    evidence: { call: callee, remote: false },
  });
}

/** `pickle.loads(requests.get("https://...").content)`: the address that what is unpickled comes from. */
function fetchedAddress({ positional }: PythonCall, calls: readonly PythonCall[]): string | null {
  const [given] = positional;
  if (!given || given.value !== undefined) return null;
  const fetched = callsTo(calls, fetches).find(({ range }) => isInside(range, given.range));
  return fetched ? remoteAddress(fetched, 'url') : null;
}

const fetches = /^(?:requests|httpx)\.get$|^urllib\.request\.urlopen$|^fsspec\.open$/;

/** `pickle.loads(pickle.dumps(x))` copies what the process holds already. */
function isRoundTrip({ callee, positional }: PythonCall, calls: readonly PythonCall[]): boolean {
  const [given] = positional;
  return (
    callee.endsWith('.loads') &&
    given !== undefined &&
    callsTo(calls, dumps).some(({ range }) => range.line === given.range.line && range.column === given.range.column)
  );
}

const dumps = /^(?:_?pickle|cPickle|pickle5|dill|cloudpickle|marshal)\.dumps$/;

/** MLflow's models of Python functions are pickles with code beside them; a local one is what one's own run wrote. */
function checkFlavour(call: PythonCall, report: (report: Report) => void): void {
  if (!/^mlflow\.(?:pyfunc|sklearn|pytorch|xgboost|lightgbm|catboost)\.load_model$/.test(call.callee)) return;
  const address = remoteAddress(call, 'model_uri');
  if (address === null) return;
  report({
    message: `Unpickles a model that an address serves (\`${call.callee}\` of ${address}), and runs the code that comes with it: whoever can write there runs code here. Load it from a registry that only your pipeline writes to, or verify its signature first.`,
    severity: 'error',
    location: placeOf(call.range),
    evidence: { call: call.callee, remote: true },
  });
}

function remoteAddress(call: PythonCall, keyword = ''): string | null {
  const value = (call.positional[0] ?? call.keywords[keyword])?.value;
  if (typeof value !== 'string') return null;
  return /^(?:https?|s3|gs|gcs|hf|abfss?|wasbs?|ftp):\/\/[^/]+/.exec(value)?.[0] ?? null;
}
