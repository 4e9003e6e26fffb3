import type { PythonCall } from '../../formats/text/facts.ts';
import { defineRule } from '../rule.ts';
import { placeOf } from './place.ts';

const loaders =
  /^(?:tensorflow\.(?:load_op_library|load_library)|tf\.load_op_library|torch\.(?:ops|classes)\.load_library|.*\.register_custom_ops_library|numpy\.f2py\.compile|torch\.utils\.cpp_extension\.load(?:_inline)?)$/;

export const nativeLibrary = defineRule({
  subject: 'text',
  meta: {
    id: 'load/native-library',
    title: 'A model needs a native library, which is loaded into the process',
    severity: 'warning',
    description:
      'A call loads a library of operators (`tf.load_op_library`, `torch.ops.load_library`, `SessionOptions.register_custom_ops_library`), or compiles one from source (`torch.utils.cpp_extension.load`, `numpy.f2py.compile`). `ctypes` counts where what it loads was downloaded by the same file. Compiling from a path of the project is information.',
    why: 'A native library runs with all rights of the process as soon as it is loaded, and no scanner can say what it does.',
    howToFix:
      'Build the library from source that you keep, install it as a package with a recorded hash, and load it from there.',
    avoid: [
      { file: 'ops.py', text: "import tensorflow as tf\n\nops = tf.load_op_library('./downloads/ops.so')\n" },
      {
        file: 'fetch.py',
        text: "import ctypes\nfrom huggingface_hub import hf_hub_download\n\npath = hf_hub_download('org/kernels', 'attention.so', revision='0123456789abcdef0123456789abcdef01234567')\nkernels = ctypes.CDLL(path)\n",
      },
    ],
    prefer: [
      {
        file: 'ops.py',
        text: 'import torch\n\ny = torch.nn.functional.softmax(x, dim=-1)\n',
        note: 'Operators that the framework brings along.',
      },
      {
        file: 'system.py',
        text: "import ctypes\nimport ctypes.util\nimport urllib.request\n\nurllib.request.urlretrieve('https://data.example.org/rows.csv', 'rows.csv')\nlibc = ctypes.CDLL(ctypes.util.find_library('c'))\nours = ctypes.CDLL('./build/libours.so')\n",
        note: 'A library of the system, and one of the project; what is downloaded is data.',
      },
    ],
    references: [
      {
        title: 'CWE-114: Process Control',
        url: 'https://cwe.mitre.org/data/definitions/114.html',
      },
    ],
    cwe: [114, 829],
    atlas: ['AML.T0010.001', 'AML.T0011.001'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7', 'GOVERN 6.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    if (text.language !== 'python') return;
    for (const call of text.calls) {
      const { callee, range } = call;
      if (!loaders.test(callee) && !isDownloaded(call, text.calls)) continue;
      const compiles = /compile$|cpp_extension/.test(callee);
      report({
        message: compiles
          ? `Compiles native code and loads it (\`${callee}\`). Keep its source in the project, and read it.`
          : `Loads a native library into the process (\`${callee}\`). Install it as a package with a recorded hash.`,
        severity: compiles ? 'info' : 'warning',
        location: placeOf(range),
        evidence: { call: callee },
      });
    }
  },
});

const dynamicLoaders = /^ctypes\.(?:CDLL|PyDLL|WinDLL|OleDLL|(?:cdll|pydll|windll|oledll)\.LoadLibrary)$/;
const downloads =
  /(?:^|\.)(?:urlretrieve|hf_hub_download|snapshot_download|cached_download|download_url_to_file|download_file|cached_file)$|^(?:wget|gdown)\.download$/;

/** Whether `ctypes` loads what a call of the same file has fetched: its target, its result, or a name where all that is fetched is a library. */
function isDownloaded({ callee, positional, keywords }: PythonCall, calls: readonly PythonCall[]): boolean {
  const library = positional[0] ?? keywords['name'];
  if (!dynamicLoaders.test(callee) || library === undefined) return false;
  const fetched = calls.filter((call) => downloads.test(call.callee));
  return fetched.some((call) => {
    const options = [...call.positional, ...Object.values(call.keywords)];
    if (typeof library.value === 'string') return options.some(({ value }) => value === library.value);
    const inside = call.range.line === library.range.line && call.range.column === library.range.column;
    const isLibrary = options.some(
      ({ value }) => typeof value === 'string' && /\.(?:so(?:\.\d+)*|dll|dylib|pyd)$/.test(value),
    );
    return inside || (library.name !== undefined && isLibrary);
  });
}
