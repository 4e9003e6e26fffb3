import type { PythonArgument, PythonCall } from '../../formats/text/facts.ts';
import { callsTo } from '../../formats/text/pythonCalls.ts';
import { placeOf } from '../load/place.ts';
import { defineRule } from '../rule.ts';
import { linesOf, routeBodies, writtenAt } from './routeBodies.ts';

export const requestCode = defineRule({
  subject: 'text',
  meta: {
    id: 'exec/request-code',
    title: 'A route runs what a request holds',
    severity: 'error',
    description:
      'A function behind a route of FastAPI, Starlette, Flask, Quart, Sanic, Litestar or aiohttp gives something of the request to `eval`, `exec`, a shell, a template engine that compiles it, or a loader that runs code (`pickle.loads`, `joblib.load`, `torch.load` with `weights_only=False`, `yaml.load` without a safe loader). What the function makes a number of, and parameters that are numbers, are not meant. What it hands on to another function is not followed.',
    why: 'Whoever reaches the endpoint runs code in the server, with its models, its keys and its network. Loading a pickle out of a request was all there was to CVE-2025-27520 (BentoML).',
    howToFix:
      'Take data as data: `json.loads`, `ast.literal_eval` for literals, a list of allowed names for operations, safetensors or NumPy without pickles for arrays, and lists of arguments for programs.',
    avoid: [
      {
        file: 'app.py',
        text: "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.post('/score')\ndef score(expression: str):\n    return eval(expression)\n",
      },
      {
        file: 'serve.py',
        text: "import pickle\n\nfrom flask import Flask, request\n\napp = Flask(__name__)\n\n\n@app.route('/predict', methods=['POST'])\ndef predict():\n    rows = pickle.loads(request.data)\n    return {'rows': len(rows)}\n",
      },
    ],
    prefer: [
      {
        file: 'app.py',
        text: "import json\n\nfrom fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.post('/score')\ndef score(values: str, times: int):\n    return [json.loads(values), eval('1 + ' + str(int(times)))]\n",
      },
      {
        file: 'tool.py',
        text: 'import sys\n\n\ndef main(expression: str):\n    return eval(expression)\n\n\nmain(sys.argv[1])\n',
        note: 'Nobody else says what runs here.',
      },
    ],
    references: [
      { title: 'CWE-95: Eval Injection', url: 'https://cwe.mitre.org/data/definitions/95.html' },
      { title: 'CVE-2025-27520, BentoML', url: 'https://nvd.nist.gov/vuln/detail/CVE-2025-27520' },
    ],
    cwe: [95, 502, 78],
    atlas: ['AML.T0049', 'AML.T0011.000'],
    owasp: ['LLM05:2025', 'ML06:2023'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    if (text.language !== 'python') return;
    const sinks = callsTo(text.calls, mayRun);
    if (sinks.length === 0) return;
    const lines = linesOf(text.text);
    const bodies = routeBodies(text, lines);
    for (const call of bodies.length === 0 ? [] : sinks.slice(0, most)) {
      const found = sinkOf(call);
      if (!found) continue;
      const written = writtenAt(lines, found.given.range);
      if (found.does === shell && /shlex\.(?:quote|join)|\bquote\(/.test(written)) continue;
      const isFromRequest = bodies.some(
        ({ line, endLine, holdsRequest }) =>
          call.range.line >= line && call.range.line <= endLine && holdsRequest(written),
      );
      if (!isFromRequest) continue;
      report({
        message: `Gives what a request holds to \`${call.callee}\`, which ${found.does}: whoever reaches this route runs code here. ${found.instead}`,
        location: placeOf(found.given.range),
        evidence: { call: call.callee },
      });
    }
  },
});

/** Calls that are looked at. */
const most = 500;

const shell = 'has a shell run it';
const shells =
  /^(?:os\.(?:system|popen)|subprocess\.(?:getoutput|getstatusoutput)|asyncio\.(?:subprocess\.)?create_subprocess_shell)$/;
const spawners = /^subprocess\.(?:run|call|check_call|check_output|Popen)$/;
const evaluators = /^(?:builtins\.)?(?:eval|exec)$|^(?:pandas\.eval|numexpr\.evaluate|code\.InteractiveInterpreter)$/;
const templates = /^(?:flask|quart)\.render_template_string$|^jinja2\.Template$/;
const loaders =
  /^(?:(?:c?[pP]ickle|_pickle|dill|cloudpickle|marshal)\.loads?|joblib\.load|jsonpickle\.(?:decode|loads)|pandas\.read_pickle)$/;
const conditional = /^(?:torch\.load|numpy\.load|yaml\.(?:load|load_all|unsafe_load|unsafe_load_all|full_load))$/;

const mayRun = (callee: string): boolean =>
  [shells, spawners, evaluators, templates, loaders, conditional].some((pattern) => pattern.test(callee));

/** What a call does with its argument, where that runs code. */
function sinkOf({
  callee,
  positional,
  keywords,
}: PythonCall): { given: PythonArgument; does: string; instead: string } | null {
  const given =
    positional[0] ?? keywords['args'] ?? keywords['cmd'] ?? keywords['file'] ?? keywords['f'] ?? keywords['source'];
  if (!given) return null;
  if (shells.test(callee) || (spawners.test(callee) && keywords['shell']?.value === true))
    return { given, does: shell, instead: 'Call the program with a list of arguments.' };
  if (evaluators.test(callee)) return { given, does: 'runs it as code', instead: 'Read it as data (json.loads).' };
  if (templates.test(callee))
    return {
      given,
      does: 'compiles it as a template, which reaches everything',
      instead: 'Keep the template in a file.',
    };
  const loads = {
    given,
    does: 'unpickles it',
    instead: 'Take another format: JSON, safetensors, arrays without pickles.',
  };
  if (loaders.test(callee)) return loads;
  if (callee === 'torch.load') return keywords['weights_only']?.value === false ? loads : null;
  if (callee === 'numpy.load') return keywords['allow_pickle']?.value === true ? loads : null;
  const loader = (keywords['Loader'] ?? positional[1])?.name ?? '';
  return conditional.test(callee) && !/Safe|Base|Full/.test(loader) && callee !== 'yaml.full_load'
    ? { given, does: 'makes any objects of it', instead: 'Use yaml.safe_load.' }
    : null;
}
