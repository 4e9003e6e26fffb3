import { leadsOutside } from '../../formats/graph/outsidePath.ts';
import { placeOf } from '../load/place.ts';
import { quoted } from '../place.ts';
import { defineRule } from '../rule.ts';

export const configuredLibrary = defineRule({
  subject: 'text',
  meta: {
    id: 'onnx/configured-library',
    title: 'A configuration of ONNX Runtime GenAI loads a library or leaves the model',
    severity: 'error',
    description:
      'The `genai_config.json` of a model names a library of custom operators (a warning where it is a file of the model), or takes a model, an adapter or a library from outside of its folder.',
    why: 'ONNX Runtime loads the library into the process as soon as the model is opened: it is machine code of whoever wrote the configuration.',
    howToFix: 'Do not load the model before you know who built the library. Most models need none.',
    avoid: [
      {
        file: 'genai_config.json',
        text: '{ "model": { "decoder": { "filename": "model.onnx", "session_options": { "custom_ops_library": "/tmp/ops.so" } } } }\n',
      },
      {
        file: 'onnx/genai_config.json',
        text: '{ "model": { "decoder": { "filename": "../../other/model.onnx" } } }\n',
      },
    ],
    prefer: [
      {
        file: 'genai_config.json',
        text: '{ "model": { "decoder": { "filename": "model.onnx", "session_options": { "provider_options": [] } } } }\n',
      },
    ],
    references: [
      {
        title: 'ONNX Runtime GenAI: the configuration',
        url: 'https://onnxruntime.ai/docs/genai/reference/config.html',
      },
    ],
    cwe: [829, 22, 427],
    atlas: ['AML.T0011.000', 'AML.T0010.003'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7', 'MANAGE 3.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    if (text.language !== 'json' || !/(?:^|\/)genai_config\.json$/i.test(text.path)) return;
    for (const { path, value, range } of text.scalars) {
      const key = path.at(-1);
      if (typeof value !== 'string' || value === '') continue;
      if (key !== 'custom_ops_library' && key !== 'filename' && key !== 'config_filename') continue;
      const how = leadsOutside(value);
      const isLibrary = key === 'custom_ops_library';
      if (how === null && !isLibrary) continue;
      report({
        ...(how === null && { severity: 'warning' as const }),
        message:
          how === null
            ? `Loading the model loads the library ${quoted(value)}, which is machine code. Make sure that you know who built it.`
            : `Loading the model ${isLibrary ? 'loads the library' : 'opens'} ${quoted(value)}, which ${how}. Do not load it.`,
        location: placeOf(range),
        evidence: { path: path.join('.'), file: value.slice(0, 1_000) },
      });
    }
  },
});
