import { callsTo } from '../../formats/text/pythonCalls.ts';
import type { PythonArgument, PythonCall, TextRange } from '../../formats/text/facts.ts';
import { launchVariables } from '../../formats/text/launches.ts';
import { defineRule, type Report } from '../rule.ts';
import type { PythonSubject, TextSubject } from '../text.ts';
import { versionsAllowed } from '../../formats/text/pythonVersions.ts';
import { placeOf, replace } from './place.ts';

const callees = new Set(['torch.load', 'torch.serialization.load']);

export const torchLoadUnsafe = defineRule({
  subject: 'text',
  meta: {
    id: 'load/torch-load-unsafe',
    title: 'torch.load unpickles without restrictions',
    severity: 'error',
    description:
      '`torch.load` (or `torch.serialization.load`) with `weights_only=False`, or with a `pickle_module` of its own, unpickles whatever the file holds. Where `weights_only` is absent, what happens depends on the PyTorch that is installed, as requirements, lock and project files beside the code or above it say: before 2.6 it is a warning, from 2.6 on it is in order, and where nothing says so it is information, once a file. `weights_only=True` is a warning where a version before 2.6 is pinned. `torch.jit.load` and other functions of the name are not meant.',
    why: 'A checkpoint is a pickle, and a pickle can call any function while it is being loaded. PyTorch 2.6 made `weights_only=True` the default; in earlier versions the default was false, and before 2.6 even `weights_only=True` could be escaped (CVE-2025-32434).',
    howToFix:
      'Set `weights_only=True`, require PyTorch 2.6 or later, and name further classes with `torch.serialization.add_safe_globals` where the checkpoint needs them. Better, convert the checkpoint (`weighbridge convert`) and load it with `safetensors.torch.load_file`.',
    avoid: [
      {
        file: 'patched.py',
        text: 'import functools\n\nimport torch\n\ntorch.load = functools.partial(torch.load, weights_only=False)\n',
      },
      {
        file: 'compose.yaml',
        text: 'services:\n  train:\n    image: example.org/train:1.2.3\n    environment:\n      TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD: "1"\n',
        note: 'For a whole program.',
      },
      {
        file: 'evaluate.py',
        text: "import torch\n\nstate = torch.load('model.pt', weights_only=False)\n",
        note: 'Runs what the file says.',
      },
      {
        file: 'resume.py',
        text: "from torch import load\n\nstate = load('checkpoint.pt', map_location='cpu')\n",
        note: 'Before PyTorch 2.6 this is the same.',
      },
      {
        file: 'workflow.yaml',
        text: 'apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nspec:\n  templates:\n    - name: evaluate\n      script:\n        image: registry.example.org/train:1.4\n        command: [python]\n        source: |\n          import torch\n\n          state = torch.load("model.pt", weights_only=False)\n',
        note: 'Python that a job brings along.',
      },
    ],
    prefer: [
      {
        file: 'given.py',
        text: "import functools\n\nimport torch\n\n# kwargs['weights_only'] = False\nkwargs = {}\nkwargs['weights_only'] = True\nkwargs.setdefault('weights_only', True)\nload = functools.partial(torch.load, map_location='cpu', **kwargs)\n",
      },
      { file: 'evaluate.py', text: "import torch\n\nstate = torch.load('model.pt', weights_only=True)\n" },
      {
        file: 'weights.py',
        text: "from safetensors.torch import load_file\n\nstate = load_file('model.safetensors')\n",
        note: 'A file that holds nothing but tensors.',
      },
    ],
    references: [
      {
        title: 'PyTorch documentation: torch.load',
        url: 'https://docs.pytorch.org/docs/stable/generated/torch.load.html',
      },
      {
        title: 'CVE-2025-32434: weights_only=True before PyTorch 2.6',
        url: 'https://github.com/advisories/GHSA-53q9-r3pm-6pq6',
      },
    ],
    cwe: [502],
    atlas: ['AML.T0010.003', 'AML.T0011.000', 'AML.T0018.002'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7', 'MANAGE 3.2'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    checkVariables(text, report);
    if (text.language !== 'python') return;
    checkOptions(text, report);
    const loads = callsTo(text.calls, (callee) => callees.has(callee));
    for (const call of loads) {
      const option = call.keywords['weights_only'];
      // Python takes 0 for False here.
      if (option?.value !== false && option?.value !== 0) continue;
      report({
        message: `Unpickles without restrictions (\`${call.callee}(..., weights_only=False)\`): the file can run any code. Set weights_only to True, or load a safetensors file.`,
        location: placeOf(option.range),
        evidence: { call: call.callee, weights_only: false },
        fixes: ['set-weights-only-true'],
        edits: [
          {
            fix: 'set-weights-only-true',
            kind: 'suggestion',
            title: 'Set weights_only to True',
            changes: [replace(option.range, 'True')],
          },
        ],
      });
    }
    checkPicklers(loads, report);
    if (loads.length === 0) return;
    const allowed = versionsAllowed(text.workspace.requirement('torch', text.path), '2.6.0');
    const escapable = loads.find((call) => call.keywords['weights_only']?.value === true);
    if (escapable && allowed === 'older') {
      report({
        severity: 'warning',
        message:
          'weights_only=True does not hold before PyTorch 2.6 (CVE-2025-32434), and an older one is asked for. Require torch>=2.6, or load a safetensors file.',
        location: placeOf(escapable.range),
        evidence: { call: escapable.callee, weights_only: true, cve: 'CVE-2025-32434' },
      });
    }
    const open = loads.filter(
      (call) => !call.keywords['weights_only'] && call.spread !== true && picklerOf(call) === undefined,
    );
    const [first] = open;
    if (!first || allowed === 'newer') return;
    const places = open.length > 1 ? ` in ${open.length} places` : '';
    report({
      severity: allowed === 'older' ? 'warning' : 'info',
      message:
        allowed === 'older'
          ? `Calls ${first.callee} without weights_only${places}, and the PyTorch that is asked for is older than 2.6: it unpickles without restrictions. Add weights_only=True, and require torch>=2.6.`
          : `Calls ${first.callee} without weights_only${places}: before PyTorch 2.6 that unpickles without restrictions. Add weights_only=True.`,
      location: placeOf(first.range),
      evidence: { call: first.callee, places: open.length },
      fixes: ['set-weights-only-true'],
      edits: [
        {
          fix: 'set-weights-only-true',
          kind: 'suggestion',
          title: open.length > 1 ? `Add weights_only=True in ${open.length} places` : 'Add weights_only=True',
          changes: open.map(addition),
        },
      ],
    });
  },
});

/** A pickler of its own takes the restriction off, in PyTorch 2.6 and later too (`_default_to_weights_only` of torch/serialization.py). */
function checkPicklers(loads: readonly PythonCall[], report: (report: Report) => void): void {
  for (const call of loads) {
    const pickler = picklerOf(call);
    if (pickler?.name === undefined || call.keywords['weights_only']) continue;
    report({
      message: `Unpickles without restrictions (\`${call.callee}(..., pickle_module=${pickler.name})\`): the file can run any code. Leave pickle_module out, or load a safetensors file.`,
      // A parameter may be None.
      severity: /(?:^|[._])(?:c?pickle\d?|dill|cloudpickle)$/i.test(pickler.name) ? 'error' : 'warning',
      location: placeOf(pickler.range),
      evidence: { call: call.callee, pickle_module: pickler.name },
    });
  }
}

function picklerOf(call: PythonCall): PythonArgument | undefined {
  const given = call.keywords['pickle_module'] ?? call.positional[2];
  return given?.value === null ? undefined : given;
}

function addition(call: PythonCall): ReturnType<typeof replace> {
  const { line, column } = call.insertAt;
  const first = call.positional.length === 0 && Object.keys(call.keywords).length === 0;
  return replace({ line, column, endLine: line, endColumn: column }, `${first ? '' : ', '}weights_only=True`);
}

/** Options that are given to every call on its way: `kwargs["weights_only"] = False`, `kwargs.setdefault("weights_only", False)`. */
function checkOptions({ calls, text }: PythonSubject, report: (report: Report) => void): void {
  const say = (range: TextRange): void =>
    report({
      message:
        'Takes the restriction off what is loaded (`weights_only` is set to False): each file can run any code. Leave it as the caller says, or load safetensors files.',
      location: placeOf(range),
      evidence: { weights_only: false },
    });
  for (const { positional } of callsTo(calls, /\.setdefault$/)) {
    const [name, value] = positional;
    if (name?.value === 'weights_only' && value?.value === false) say(value.range);
  }
  if (!/weights_only\\?["']\]|TORCH_FORCE_NO_/.test(text)) return;
  for (const [index, line] of text.split('\n').entries()) {
    const switched = forced.exec(line.slice(0, 400));
    if (switched) sayForced(placeIn(index + 1, switched.index + 1, switched[0]), report);
    const match = /^[^#]*\[\\?["']weights_only\\?["']\]\s*=\s*False\b/.exec(line.slice(0, 400));
    if (match) say(placeIn(index + 1, match[0].length - 'False'.length + 1, 'False'));
  }
}

const forced = /TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD\\?["'](?:\]\s*=|\s*[,:])\s*\\?["'](?:1|y|yes|true)\b/i;

function placeIn(line: number, column: number, written: string): TextRange {
  return { line, column, endLine: line, endColumn: column + written.length };
}

/** PyTorch's own switch, for a whole program. */
function checkVariables(text: TextSubject, report: (report: Report) => void): void {
  const said = new Set<string>();
  for (const { name, value, range } of launchVariables(text, text.path)) {
    const place = `${range.line}:${range.column}`;
    if (said.has(place)) continue;
    if (name !== 'TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD' || !/^(?:1|y|yes|true)$/i.test(value ?? '')) continue;
    said.add(place);
    sayForced(range, report);
  }
}

function sayForced(range: TextRange, report: (report: Report) => void): void {
  report({
    message:
      'Takes the restriction off every torch.load of the program (`TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD`): each file can run any code. Take it out, and allow single classes with torch.serialization.add_safe_globals.',
    location: placeOf(range),
    evidence: { variable: 'TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD' },
  });
}
