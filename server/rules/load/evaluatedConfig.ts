import { quoted } from '../place.ts';
import { defineRule } from '../rule.ts';
import { lacks } from '../text.ts';
import { placeOf } from './place.ts';

/** Python that does more than to name a layer: special names, what reaches the system, a call of anything but layers. */
const acts =
  /__\w+__|\b(?:exec|eval|compile|open|getattr|setattr|globals|locals|vars|input|breakpoint|import_module|lambda)\b|\b(?:os|sys|subprocess|builtins|importlib|shutil|socket|pty|ctypes|pickle|marshal|urllib|requests)\s*\.|\btorch\s*\.\s*(?:load|hub|save|ops|classes)\b/;

export const evaluatedConfig = defineRule({
  subject: 'text',
  meta: {
    id: 'load/evaluated-config',
    title: 'An architecture of YOLO holds Python that is evaluated',
    severity: 'error',
    description:
      'A string in the layers (`backbone`, `head`) or the `activation` of a YOLO architecture in YAML is Python code that does more than to name a layer.',
    why: 'YOLOv5, YOLOv7 and their successors give names, arguments and the activation to `eval` when they build the model from the file (`parse_model`): the configuration runs code.',
    howToFix:
      'Do not build a model from this file. Layers are named as `Conv` or `nn.Upsample`, and activations as `nn.SiLU()`.',
    avoid: [
      {
        file: 'yolo.yaml',
        text: 'nc: 80\nactivation: __import__("os").system("id")\nbackbone:\n  - [-1, 1, Conv, [64, 3, 2]]\nhead:\n  - [-1, 1, Detect, [nc]]\n',
      },
      {
        file: 'layers.yaml',
        text: 'nc: 80\nbackbone:\n  - [-1, 1, Conv, ["open(\'/etc/passwd\').read()", 3, 2]]\nhead:\n  - [-1, 1, Detect, [nc]]\n',
      },
    ],
    prefer: [
      {
        file: 'yolo.yaml',
        text: "nc: 80\nactivation: nn.SiLU()\nbackbone:\n  - [-1, 1, Conv, [64, 3, 2]]\nhead:\n  - [-1, 1, nn.Upsample, [None, 2, 'nearest']]\n  - [-1, 1, Detect, [nc, anchors]]\n",
      },
    ],
    references: [
      {
        title: 'YOLOv5: models/yolo.py, parse_model',
        url: 'https://github.com/ultralytics/yolov5/blob/master/models/yolo.py',
      },
      { title: 'CWE-95: Eval Injection', url: 'https://cwe.mitre.org/data/definitions/95.html' },
    ],
    cwe: [95, 94],
    atlas: ['AML.T0011.000', 'AML.T0010.003'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7', 'MANAGE 3.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    if ((text.language !== 'yaml' && text.language !== 'json') || lacks(text, /backbone/)) return;
    // Rows of [from, number, module, arguments].
    const isArchitecture =
      text.scalars.some(({ path }) => path[0] === 'backbone' && path.length > 2) &&
      text.scalars.some(({ path }) => path[0] === 'nc' || path[0] === 'head' || path[0] === 'anchors');
    if (!isArchitecture) return;
    for (const { path, value, range } of text.scalars) {
      if (typeof value !== 'string' || !evaluated.has(String(path[0])) || !acts.test(value)) continue;
      report({
        message: `Building the model evaluates ${quoted(value)}, which is Python code. Do not build it.`,
        location: placeOf(range),
        evidence: { path: path.join('.'), code: value.slice(0, 1_000) },
      });
    }
  },
});

/** What `parse_model` evaluates: layers and the activation. */
const evaluated = new Set(['backbone', 'neck', 'head', 'activation', 'act']);
