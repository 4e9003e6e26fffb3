import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judgeExample } from '../exampleFiles.fixture.ts';
import type { Finding } from '../finding.ts';
import type { Example } from '../rule.ts';

const evil = "PROTO 2\nGLOBAL os system\nBINUNICODE 'echo hi'\nTUPLE1\nREDUCE\nSTOP";
const plain = 'PROTO 2\nGLOBAL collections OrderedDict\nEMPTY_TUPLE\nREDUCE\nSTOP';
const tensors = { header: '{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', dataBytes: 4 };

async function judge(ruleId: string, file: string, text: string, beside: Example[] = []): Promise<Finding[]> {
  const found = await judgeExample({ file, text, beside });
  return found.filter((finding) => finding.ruleId === ruleId && finding.path === file);
}

/** The text with the edits of a finding made. */
function edited(text: string, finding: Finding | undefined): string {
  const lines = text.split('\n');
  for (const { line, column, endColumn, newText } of [...(finding?.edits?.[0]?.changes ?? [])].reverse()) {
    const old = lines[line - 1] ?? '';
    lines[line - 1] = old.slice(0, column - 1) + newText + old.slice(endColumn - 1);
  }
  return lines.join('\n');
}

describe('options that are handed on', () => {
  const found = async (rule: string, file: string, text: string): Promise<(number | null | undefined)[]> =>
    (await judge(rule, file, text)).map(({ location }) => location.line);

  test('variables of an image and what services merge are told of once', async () => {
    const image =
      'FROM a:1\nENV TRUST_REMOTE_CODE=true \\\n  TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD=1\nRUN echo a\nCMD ["serve"]\n';
    assert.deepEqual(await found('load/trust-remote-code', 'Dockerfile', image), [2]);
    assert.deepEqual(await found('load/torch-load-unsafe', 'Dockerfile', image), [3]);
    const compose =
      'services:\n  a: &a\n    image: a:1\n    command: vllm serve m --trust-remote-code\n  b:\n    <<: *a\n';
    assert.deepEqual(await found('load/trust-remote-code', 'compose.yaml', compose), [4]);
  });

  test('dictionaries on their way, and programs that code starts', async () => {
    const dangerous =
      "import subprocess\nkw['trust_remote_code'] = True\nkw.setdefault('trust_remote_code', True)\nsubprocess.run(['vllm', 'serve', '--trust-remote-code'])\nsubprocess.run('vllm serve m --trust-remote-code --port 1', shell=True)\n";
    assert.deepEqual((await found('load/trust-remote-code', 'a.py', dangerous)).sort(), [2, 3, 4, 5]);
    const near =
      "import subprocess\n# kw['trust_remote_code'] = True\nkw['trust_remote_code'] = args.trust\nkw.setdefault('trust_remote_code', False)\nparser.add_argument('--trust-remote-code', action='store_true')\nsubprocess.run(['vllm', 'serve', '--no-trust-remote-code'])\nsubprocess.run('t --trust-remote-code false', shell=True)\n";
    assert.deepEqual(await found('load/trust-remote-code', 'a.py', near), []);
  });

  test('values of a chart', async () => {
    const dangerous =
      'args: "serve m --trust-remote-code --port 1"\nenv:\n  - name: TRUST_REMOTE_CODE\n    value: "true"\n';
    assert.deepEqual(await found('load/trust-remote-code', 'chart/values.yaml', dangerous), [1, 4]);
    const near =
      'args: "serve m --trust-remote-code=false"\nenv:\n  - name: TRUST_REMOTE_CODE\n    value: "false"\nnote: set --trust-remote-codes here\n';
    assert.deepEqual(await found('load/trust-remote-code', 'chart/values.yaml', near), []);
  });
});

describe('load/trust-remote-code', () => {
  const rule = 'load/trust-remote-code';
  const commit = '0123456789abcdef0123456789abcdef01234567';
  const severities = async (file: string, text: string): Promise<string[]> =>
    (await judge(rule, file, text)).map(({ severity }) => severity);

  test('a config: error without a commit, warning with one, at any depth', async () => {
    assert.deepEqual(await severities('a.yaml', 'a:\n  b:\n    - trust_remote_code: true\n'), ['error']);
    assert.deepEqual(await severities('a.yaml', `m: {trust_remote_code: yes, revision: ${commit}}`), ['warning']);
    assert.deepEqual(await severities('a.yaml', `trust_remote_code: true\nrevision_of_model: ${commit}\n`), [
      'warning',
    ]);
    assert.deepEqual(await severities('a.yaml', `trust_remote_code: true\nother:\n  revision: ${commit}\n`), ['error']);
    assert.deepEqual(await severities('a.json', '{"trust_remote_code": true, "revision": "v1.0"}'), ['error']);
    assert.deepEqual(await severities('a.yaml', 'trust_remote_code: false\n'), []);
    assert.deepEqual(await severities('a.yaml', 'trust_remote_code: true\nmodel_name_or_path: ./models/a\n'), [
      'warning',
    ]);
    assert.deepEqual(await severities('a.yaml', 'trust_remote_code: true\nrevision: ${REVISION}\n'), ['warning']);
  });

  test('arguments of a server in a list', async () => {
    assert.deepEqual(await severities('a.yaml', 'args: ["--model", "org/x", "--trust-remote-code"]\n'), ['error']);
    assert.deepEqual(await severities('a.yaml', `args: [--trust-remote-code, --revision=${commit}]\n`), ['warning']);
  });

  test('Python: keywords of any call and option dictionaries; what is computed is never an error', async () => {
    assert.deepEqual(await severities('a.py', "f('org/x', trust_remote_code=True)\n"), ['error']);
    assert.deepEqual(await severities('a.py', "f('org/x', trust_remote_code=True, revision=REVISION)\n"), ['warning']);
    assert.deepEqual(await severities('a.py', "f('org/x', trust_remote_code=True, **options)\n"), ['warning']);
    assert.deepEqual(await severities('a.py', "options = {'trust_remote_code': True}\n"), ['error']);
    assert.deepEqual(await severities('a.py', "f('org/x', trust_remote_code=args.trust_remote_code)\n"), []);
  });

  test('Python: a name that stands for one value throughout is that value', async () => {
    const call = "f('org/x', trust_remote_code=t)\n";
    assert.deepEqual(await severities('a.py', `t = True\n${call}`), ['error']);
    assert.deepEqual(await severities('a.py', `${call}t: bool = True\n`), ['error']);
    assert.deepEqual(await severities('a.py', `s = True\nt = s\n${call}`), ['error']);
    assert.deepEqual(await severities('a.py', "f('org/x', trust_remote_code=1)\n"), ['error']);
    assert.deepEqual(
      await severities('a.py', `t = True\nr = '${commit}'\nf('org/x', trust_remote_code=t, revision=r)\n`),
      ['warning'],
    );
    for (const other of [
      't = False\n',
      't = t and False\n',
      't |= 0\n',
      'def g(t): pass\n',
      'def g(a, t: bool = False): pass\n',
      'def g(*t): pass\n',
      'lambda t: 0\n',
      'def t(): pass\n',
      'for t in x: pass\n',
      'for a, (t, b) in x: pass\n',
      '[t for t in x]\n',
      'with x as t: pass\n',
      'with x as (t, u): pass\n',
      'print(t := 0)\n',
      'import t\n',
      'import t.u\n',
      'from x import y as t\n',
      'try: pass\nexcept E as t: pass\n',
      'match x:\n  case [t, 1]: pass\n',
      'def g():\n  global t\n  t = 0\n',
    ]) {
      assert.deepEqual(await severities('a.py', `t = True\n${other}${call}`), [], other);
    }
    assert.deepEqual(await severities('a.py', `if x:\n  t = True\n${call}`), []);
    assert.deepEqual(await severities('a.py', `t = u\nu = t\n${call}`), []);
    const inside = call.replace(/^/, '  ');
    assert.deepEqual(await severities('a.py', `def g():\n  t = True\n${inside}`), ['error']);
    assert.deepEqual(await severities('a.py', `def g():\n  t = True\n${call}`), [], 'a name of another function');
    assert.deepEqual(await severities('a.py', `def g():\n  t = True\n  t = False\n${inside}`), []);
  });

  test('the message says what to do, and the edit does it', async () => {
    const text = 'base_model: org/x\ntrust_remote_code: true # needed\n';
    const [finding] = await judge(rule, 'a.yaml', text);
    assert.equal(
      finding?.message,
      'Loads code from the hub at run time (`trust_remote_code: true`), and the revision is not pinned. Set it to false, or pin a commit.',
    );
    assert.equal(finding?.edits?.[0]?.kind, 'suggestion');
    assert.equal(edited(text, finding), 'base_model: org/x\ntrust_remote_code: false # needed\n');
  });
});

describe('load/torch-load-unsafe', () => {
  const rule = 'load/torch-load-unsafe';

  test('weights_only=False is an error at the value, by any import', async () => {
    const text = "from torch import load as l\nl('m.pt', weights_only=False)\n";
    const [finding, ...more] = await judge(rule, 'a.py', text);
    assert.deepEqual(more, []);
    assert.equal(finding?.severity, 'error');
    assert.deepEqual([finding?.location.line, finding?.location.column], [2, 24]);
    assert.equal(edited(text, finding), text.replace('False', 'True'));
  });

  test('a pickler of its own takes the restriction off, and no edit adds weights_only beside it', async () => {
    const text = "import dill, torch\ntorch.load('m.pt', pickle_module=dill)\ntorch.load('m.pt', None, dill)\n";
    const found = await judge(rule, 'a.py', text);
    assert.deepEqual(
      found.map(({ severity, location, edits }) => [severity, location.line, location.column, edits]),
      [
        ['error', 2, 34, undefined],
        ['error', 3, 26, undefined],
      ],
    );
    const handed = 'import torch\ndef load(f, pickle_module):\n  return torch.load(f, pickle_module=pickle_module)\n';
    assert.deepEqual(
      (await judge(rule, 'a.py', handed)).map(({ severity }) => severity),
      ['warning'],
    );
    const near =
      "import torch\ntorch.load('m.pt', pickle_module=dill, weights_only=True)\ntorch.load('m.pt', pickle_module=made(), weights_only=True)\n";
    assert.deepEqual(await judge(rule, 'a.py', near), []);
  });

  test('a function under another name, and a value under a name or as a number', async () => {
    for (const text of [
      "import torch\nf = torch.load\nf('m.pt', weights_only=False)\n",
      "import torch as t\nu = t\ng = u.load\ng('m.pt', weights_only=False)\n",
      "import torch\ntorch.load('m.pt', weights_only=0)\n",
      "import torch\nSAFE = False\ntorch.load('m.pt', weights_only=SAFE)\n",
    ]) {
      const found = await judge(rule, 'a.py', text);
      assert.deepEqual(
        found.map(({ severity }) => severity),
        ['error'],
        text,
      );
      const fixed = edited(text, found[0]);
      assert.match(fixed, /\('m\.pt', weights_only=True\)/, text);
    }
    const computed = "import torch\nf = pick()\nf('m.pt', weights_only=False)\n";
    assert.deepEqual(await judge(rule, 'a.py', computed), []);
  });

  test('where it is absent, once a file, and the edit adds it everywhere', async () => {
    const text = "import torch\ntorch.load('a.pt')\ntorch.load(\n  b,\n)\n";
    const [finding, ...more] = await judge(rule, 'a.py', text);
    assert.deepEqual(more, []);
    assert.equal(finding?.severity, 'info');
    assert.equal(
      edited(text, finding),
      "import torch\ntorch.load('a.pt', weights_only=True)\ntorch.load(\n  b, weights_only=True,\n)\n",
    );
  });

  test('torch.jit.load, weights_only=True and what is computed are not meant', async () => {
    const text =
      'import torch\ntorch.jit.load(a)\ntorch.load(a, weights_only=True)\ntorch.load(a, weights_only=w)\ntorch.load(a, **o)\n';
    assert.deepEqual(await judge(rule, 'a.py', text), []);
  });
});

describe('load/unsafe-checkpoint', () => {
  const rule = 'load/unsafe-checkpoint';

  test('a dangerous checkpoint: an error at the path between the quotes, with what it does', async () => {
    const text = 'trainer:\n  resume: "../models/m.pkl" # here\n';
    const beside = [{ file: 'models/m.pkl', pickle: evil }];
    const [finding, ...more] = await judge(rule, 'configs/train.yaml', text, beside);
    assert.deepEqual(more, []);
    assert.equal(finding?.severity, 'error');
    assert.match(finding?.message ?? '', /^Uses models\/m\.pkl\. .*os\.system/);
    const { line, column, endColumn } = finding?.location ?? {};
    assert.deepEqual([line, column, endColumn], [2, 12, 27]);
    assert.equal(finding?.related?.[0]?.path, 'models/m.pkl');
  });

  test('a pickle with a safetensors twin: information, and the edit names the twin', async () => {
    const text = 'weights: models/m.pkl\nagain: models/m.pkl\n';
    const beside = [
      { file: 'models/m.pkl', pickle: plain },
      { file: 'models/m.safetensors', safetensors: tensors },
    ];
    const [finding, ...more] = await judge(rule, 'train.yaml', text, beside);
    assert.deepEqual(more, []);
    assert.equal(finding?.severity, 'info');
    assert.deepEqual(finding?.fixes, ['use-safetensors']);
    assert.equal(edited(text, finding), 'weights: models/m.safetensors\nagain: models/m.pkl\n');
  });

  test('a folder that holds one counts; a loader of such a folder takes safetensors where it finds it', async () => {
    const folder = [{ file: 'models/a/pytorch_model.bin', pickle: plain }];
    const [finding] = await judge(rule, 'train.json', '{"model": "./models/a"}', folder);
    assert.match(finding?.message ?? '', /^Uses models\/a\/pytorch_model\.bin\./);
    const both = [...folder, { file: 'models/a/model.safetensors', safetensors: tensors }];
    assert.deepEqual(await judge(rule, 'train.json', '{"model": "./models/a"}', both), []);
    const evilFolder = [{ file: 'models/a/pytorch_model.bin', pickle: evil }];
    const [python] = await judge(rule, 'a.py', "AutoModel.from_pretrained('models/a')\n", evilFolder);
    assert.match(python?.message ?? '', /^Loads models\/a\/pytorch_model\.bin\./);
    assert.equal(python?.severity, 'error');
  });

  test('Python: a path that is loaded or named, but not one that is written, deleted or asked for', async () => {
    const beside = [{ file: 'm.pt', pickle: evil }];
    assert.equal((await judge(rule, 'a.py', "torch.load('m.pt')\n", beside)).length, 1);
    assert.equal((await judge(rule, 'a.py', "MODEL = 'm.pt'\n", beside)).length, 1);
    for (const call of ["torch.save(x, 'm.pt')", "os.remove('m.pt')", "os.path.exists('m.pt')", "'''m.pt'''"])
      assert.deepEqual(await judge(rule, 'a.py', `${call}\n`, beside), [], call);
  });

  test('manifests and outputs load nothing', async () => {
    const beside = [{ file: 'm.pt', pickle: evil }];
    assert.deepEqual(await judge(rule, 'm.pt.dvc', 'outs:\n- path: m.pt\n', beside), []);
    assert.deepEqual(await judge(rule, 'train.yaml', 'output_file: m.pt\n', beside), []);
  });
});
