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
      'A call loads a library of operators (`tf.load_op_library`, `torch.ops.load_library`, `SessionOptions.register_custom_ops_library`), or compiles one from source (`torch.utils.cpp_extension.load`, `numpy.f2py.compile`). Compiling from a path of the project is information.',
    why: 'A native library runs with all rights of the process as soon as it is loaded, and no scanner can say what it does.',
    howToFix:
      'Build the library from source that you keep, install it as a package with a recorded hash, and load it from there.',
    avoid: [{ file: 'ops.py', text: "import tensorflow as tf\n\nops = tf.load_op_library('./downloads/ops.so')\n" }],
    prefer: [
      {
        file: 'ops.py',
        text: 'import torch\n\ny = torch.nn.functional.softmax(x, dim=-1)\n',
        note: 'Operators that the framework brings along.',
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
    for (const { callee, range } of text.calls) {
      if (!loaders.test(callee)) continue;
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
