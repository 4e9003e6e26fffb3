import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePython, parseWholePython } from '../formats/text/python.ts';
import type { PythonText } from '../formats/text/parse.ts';
import type { Finding } from './finding.ts';
import { exampleBytes, workspaceOf } from './exampleFiles.fixture.ts';
import { rules } from './index.ts';
import { judgeText } from './judgeText.ts';
import type { Example } from './rule.ts';

/** Functions that concern no rule, around whatever is tested. */
const silent = (name: string): string =>
  `def ${name}(given):\n    number = given + 1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9\n    return sum(number)\n\n\n`;

const indented = (text: string): string => text.replace(/^(?=.)/gm, '    ');

/** The statements of a module, each with the lines that belong to it. */
function statementsOf(text: string): string[] {
  return text.split(/^(?=[^\s#)\]}])/m).reduce<string[]>((found, part) => {
    // What a decorator or a clause belongs to.
    if (/^@/.test(found.at(-1) ?? '') || /^(?:else|elif|except|finally)\b/.test(part))
      found.push((found.pop() ?? '') + part);
    else found.push(part);
    return found;
  }, []);
}

const isImport = (statement: string): boolean => /^(?:import|from)\b/.test(statement);

/** An example among functions in which there is nothing, in one function, and with its statements in functions of their own. */
function settings(text: string): string[] {
  const statements = statementsOf(text);
  const imports = statements.filter(isImport).join('');
  const others = statements.filter((statement) => !isImport(statement));
  return [
    `${silent('before')}${text}\n${silent('behind')}`,
    `${silent('before')}def example():\n${indented(text)}\n${silent('behind')}`,
    `${imports}\n${silent('before')}class C:\n    def example(self):\n${indented(indented(others.join('')))}\n`,
    `${imports}\n${others.map((statement, index) => `def part_${index}():\n${indented(statement)}\n${silent(`f${index}`)}`).join('')}`,
  ];
}

test('what rules say of code is the same whether functions are left out or not, wherever an example stands', async () => {
  let found = 0;
  for (const { meta } of rules) {
    for (const example of [...meta.avoid, ...meta.prefer]) {
      if (!example.file.endsWith('.py') || example.text === undefined) continue;
      for (const [index, text] of settings(example.text).entries()) {
        const whole = judge(example, text, await parseWholePython(text));
        const part = judge(example, text, await parsePython(text));
        assert.deepEqual(part, whole, `${meta.id}, setting ${index}:\n${text}`);
        found += whole.length;
      }
    }
  }
  assert.ok(found > 150, `${found} findings`);
});

test('code is read for each word that a rule looks for, where nothing else in the text concerns any', async () => {
  const token = (length: number): string => 'Zq9vT3mWcK8xRj2LbN5pYd7HsGf4AeUo'.repeat(5).slice(0, length);
  const cases: [text: string, rule: string][] = [
    ['import pandas as pd\n\nrows = pd.read_pickle(given)\n', 'load/pickle-family'],
    ['import shelve\n\nrows = shelve.open(given)\n', 'load/pickle-family'],
    ['import jsonpickle\n\nrows = jsonpickle.decode(given)\n', 'load/pickle-family'],
    [
      "from sentence_transformers import SentenceTransformer\n\nm = SentenceTransformer('org/m')\n",
      'pin/model-revision',
    ],
    ["from sentence_transformers import CrossEncoder\n\nm = CrossEncoder('org/m')\n", 'pin/model-revision'],
    ["import vllm\n\nm = vllm.LLM('org/m')\n", 'pin/model-revision'],
    ['from pickle import loads as read\n\nread(given)\n', 'load/pickle-family'],
    ['import pickle\n\nread = pickle.loads\nread(given)\n', 'load/pickle-family'],
    ["from vllm import LLM as Model\n\nm = Model('org/m')\n", 'pin/model-revision'],
    ['import commands\n\ncommands.getoutput("ls " + given)\n', 'exec/shell-true'],
    ['import numpy.f2py\n\nnumpy.f2py.compile(given)\n', 'load/native-library'],
    [`x = ['dapi${'9f3c1e7ab24d8056'.repeat(2)}']\n`, 'secret/literal'],
    [`x = ['r8_${token(37)}']\n`, 'secret/literal'],
    [`x = ['api_org_${token(34)}']\n`, 'secret/literal'],
    [`x = ['ASIA${token(16).toUpperCase()}']\n`, 'secret/literal'],
    [`x = ['github_pat_${token(82)}']\n`, 'secret/literal'],
    [`x = ['pypi-AgEIcHlwaS5vcmc${token(60)}']\n`, 'secret/literal'],
    [`f(hub_token='${token(32)}')\n`, 'secret/literal'],
    [`f({'master_key': '${token(32)}'})\n`, 'secret/literal'],
  ];
  for (const [text, rule] of cases) {
    const found = judge({ file: 'a.py' }, text, await parsePython(text)) as Finding[];
    assert.ok(
      found.some(({ ruleId }) => ruleId === rule),
      `${rule}: ${text} ${JSON.stringify(found.map(({ ruleId }) => ruleId))}`,
    );
  }
});

function judge({ file, beside = [] }: Example, text: string, { problems, ...parsed }: PythonText): unknown[] {
  assert.deepEqual(problems, []);
  const files = new Map(beside.map((each) => [each.file, exampleBytes(each)]));
  const named = {
    format: 'pickle',
    worst: 'error',
    message: 'runs code',
    safetensors: null,
    convertible: 'no',
  } as const;
  const artifacts = new Map([...files.keys()].map((path) => [path, { ...named, path }]));
  return judgeText({ path: file, text, workspace: workspaceOf(files, artifacts), ...parsed });
}
