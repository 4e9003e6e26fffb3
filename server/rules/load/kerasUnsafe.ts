import { callsTo } from '../../formats/text/pythonCalls.ts';
import { defineRule } from '../rule.ts';
import { placeOf, replace } from './place.ts';

export const kerasUnsafe = defineRule({
  subject: 'text',
  meta: {
    id: 'load/keras-unsafe',
    title: 'A Keras model is loaded with safe mode off',
    severity: 'error',
    description:
      'A call of `load_model` sets `safe_mode=False`, or `enable_unsafe_deserialization()` is called: Lambda layers of a file are unmarshalled and run.',
    why: 'The bytecode of a Lambda layer is code of whoever made the file, and it runs with your rights.',
    howToFix: 'Leave `safe_mode` at its default, and replace Lambda layers by layers of your own code.',
    avoid: [
      {
        file: 'serve.py',
        text: "import keras\n\nmodel = keras.models.load_model('m.keras', safe_mode=False)\n",
      },
      { file: 'setup_keras.py', text: 'import keras\n\nkeras.config.enable_unsafe_deserialization()\n' },
    ],
    prefer: [{ file: 'serve.py', text: "import keras\n\nmodel = keras.models.load_model('m.keras')\n" }],
    references: [
      {
        title: 'Keras: whole model saving and loading',
        url: 'https://keras.io/api/models/model_saving_apis/model_saving_and_loading/',
      },
      { title: 'CVE-2025-1550, Keras', url: 'https://nvd.nist.gov/vuln/detail/CVE-2025-1550' },
    ],
    cwe: [502],
    atlas: ['AML.T0011.000'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    if (text.language !== 'python') return;
    for (const call of callsTo(text.calls, /(?:^|\.)(?:load_model|enable_unsafe_deserialization)$/)) {
      const option = call.keywords['safe_mode'];
      if (/(?:^|\.)load_model$/.test(call.callee) && option?.value === false) {
        report({
          message: 'Runs the Lambda layers of the model (`safe_mode=False`). Leave safe mode on.',
          location: placeOf(option.range),
          evidence: { call: call.callee },
          fixes: ['set-safe-value'],
          edits: [
            {
              fix: 'set-safe-value',
              kind: 'suggestion',
              title: 'Set safe_mode to True',
              changes: [replace(option.range, 'True')],
            },
          ],
        });
      } else if (/(?:^|\.)enable_unsafe_deserialization$/.test(call.callee)) {
        report({
          message:
            'Lets every Keras model that is loaded from here on run code of its own. Take the call out, and name what is trusted with `custom_objects`.',
          location: placeOf(call.range),
          evidence: { call: call.callee },
        });
      }
    }
  },
});
