import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeExample } from '../exampleFiles.fixture.ts';

const fast = 'import os, pickle, subprocess, ast\nfrom fastapi import FastAPI, Request, Depends\napp = FastAPI()\n';
const flask =
  'import pickle, yaml, torch\nfrom flask import Flask, request, render_template_string\napp = Flask(__name__)\n';

/** The text at each finding. */
async function told(text: string, file = 'app.py'): Promise<string[]> {
  const lines = text.split('\n');
  const found = (await judgeExample({ file, text })).filter(({ ruleId }) => ruleId === 'exec/request-code');
  return found.map(({ severity, location: { line, column, endColumn } }) => {
    assert.equal(severity, 'error');
    return lines[(line ?? 0) - 1]?.slice((column ?? 0) - 1, (endColumn ?? 0) - 1) ?? '';
  });
}

const route = (parameters: string, ...body: string[]): string =>
  `${fast}@app.post("/a")\nasync def a(${parameters}):\n${body.map((line) => `    ${line}\n`).join('')}`;
const view = (...body: string[]): string =>
  `${flask}@app.route("/a", methods=["POST"])\ndef a():\n${body.map((line) => `    ${line}\n`).join('')}`;

test('what a route of FastAPI gives to eval, exec, a shell or pickle', async () => {
  assert.deepEqual(await told(route('body: Body', 'return eval(body.code)')), ['body.code']);
  assert.deepEqual(await told(route('request: Request', 'exec((await request.json())["code"])')), [
    '(await request.json())["code"]',
  ]);
  assert.deepEqual(await told(route('name: str', 'os.system(f"ls {name}")')), ['f"ls {name}"']);
  assert.deepEqual(await told(route('name: str', 'subprocess.run("ls " + name, shell=True)')), ['"ls " + name']);
  assert.deepEqual(await told(route('file: UploadFile', 'data = await file.read()', 'return pickle.loads(data)')), [
    'data',
  ]);
});

test('what Flask holds in `request`, also by names and loops', async () => {
  assert.deepEqual(await told(view('x = request.get_json()', 'for row in x["rows"]:', '    eval(row)')), ['row']);
  assert.deepEqual(await told(view('return render_template_string(request.args["t"])')), ['request.args["t"]']);
  assert.deepEqual(await told(view('return yaml.load(request.data, Loader=yaml.Loader)')), ['request.data']);
  assert.deepEqual(await told(view('f = request.files["m"]', 'torch.load(f, weights_only=False)')), ['f']);
  assert.deepEqual(await told(view('with request.files["m"] as f:', '    pickle.load(f)')), ['f']);
});

test('a header over several lines, further decorators and methods of classes', async () => {
  const text = `${fast}\n@app.get(\n    "/a",\n    response_model=None,\n)\n@limiter.limit("5/minute")\nasync def a(\n    request: Request,\n    code: str = "1",\n) -> dict:\n    return {"a": eval(code)}\n`;
  assert.deepEqual(await told(text), ['code']);
});

test('numbers, constants, other functions, dependencies and safe readers are no findings', async () => {
  const clean = [
    route('n: int', 'return eval(f"1 + {n}")'),
    route('n: str', 'return eval("1 + " + str(int(n)))'),
    route('n: str', 'return eval("1 + 1")'),
    route('n: str', 'return ast.literal_eval(n)'),
    route('n: str', 'model.eval()', 'return model(n)'),
    route('model = Depends(load)', 'return eval(model)'),
    route('name: str', 'subprocess.run(["ls", name])'),
    route('name: str', 'import shlex', 'os.system(f"ls {shlex.quote(name)}")'),
    route('name: str', 'value = 1', 'return other(name=value), eval(str(value))'),
    view('return yaml.safe_load(request.data)'),
    view('return yaml.load(request.data, Loader=yaml.SafeLoader)'),
    view('torch.load(request.files["m"], weights_only=True)'),
    `${fast}\ndef a(code: str):\n    return eval(code)\n`,
    `${fast}@app.post("/a")\ndef a(code: str):\n    return 1\n\n\ndef b(code):\n    return eval(code)\n`,
    'import os\n\n@cache.get("key")\ndef a(code: str):\n    return eval(code)\n',
  ];
  for (const text of clean) assert.deepEqual(await told(text), [], text);
});
