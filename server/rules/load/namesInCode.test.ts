import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeExample } from '../exampleFiles.fixture.ts';

async function told(text: string, file = 'a.py'): Promise<[string, string | undefined][]> {
  const lines = text.split('\n');
  const found = (await judgeExample({ file, text })).filter(({ ruleId }) => ruleId === 'load/import-by-config');
  return found.map(({ severity, location: { line, column, endColumn } }) => [
    severity,
    lines[(line ?? 0) - 1]?.slice((column ?? 0) - 1, (endColumn ?? 0) - 1),
  ]);
}

test('dictionaries that are to be instantiated are judged as configurations are', async () => {
  const forms = [
    'from omegaconf import OmegaConf\nc = OmegaConf.create({"a": {"_target_": "os.system", "_args_": ["id"]}})\n',
    'from hydra.utils import instantiate\ninstantiate({"_target_": "os.system"})\n',
    'import hydra\nhydra.utils.call(dict(_target_="os.system"))\n',
    'C = {"_component_": "os.system"}\n',
    'import hydra\nhydra.utils.get_method("os.system")\n',
    'NAME = "os.system"\nC = {"_target_": NAME}\n',
  ];
  for (const text of forms)
    assert.deepEqual(
      (await told(text)).map(([severity]) => severity),
      ['error'],
      text,
    );
  assert.deepEqual(await told(forms[0] ?? ''), [['error', 'os.system']]);
});

test('texts and overrides that are handed to Hydra count, and so do those of a command line', async () => {
  const override = '"callback._target_=os.system"';
  assert.deepEqual(await told(`from hydra import compose\ncompose("a", overrides=[${override}])\n`), [
    ['error', override.slice(1, -1)],
  ]);
  const text = 'from omegaconf import OmegaConf\nOmegaConf.create("""a:\n  _target_: os.system\n""")\n';
  assert.equal((await told(text)).length, 1);
  assert.deepEqual(await told('FROM a:1\nUSER 1\nCMD ["python", "t.py", "+cb._target_=os.system"]\n', 'Dockerfile'), [
    ['error', '+cb._target_=os.system'],
  ]);
});

test('names of layers, what is computed, a pattern of the keys and a docstring are no findings', async () => {
  const forms = [
    'C = {"_target_": "torch.optim.AdamW", "lr": 1}\n',
    'def f(name):\n    return {"_target_": name}\n',
    'KEY = "_target_"\nprint(f"{KEY}: os")\n',
    'def f():\n    """Writes `_target_: os.system` nowhere."""\n',
    'C = {"target": "os.system"}\n',
    'M = {"class_path": "app.models.Tower"}\n',
  ];
  for (const text of forms) assert.deepEqual(await told(text), [], text);
});

test('what reads a file is a warning in code of one’s own, as in a configuration of one’s own', async () => {
  assert.deepEqual(
    (await told('C = {"_target_": "builtins.open"}\n')).map(([severity]) => severity),
    ['warning'],
  );
  assert.deepEqual(
    (await told('a:\n  _target_: builtins.open\n', 'c.yaml')).map(([severity]) => severity),
    ['warning'],
  );
});
