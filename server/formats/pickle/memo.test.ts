import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Memo } from './memo.ts';
import { Global, Instance, Sequence } from './values.ts';

const many = 50_000;

/** A memo of many things that `module.name` made, with room for a thousand objects. */
function filled(module: string, name: string): Memo {
  const memo = new Memo(1_000);
  const callee = new Global(0, module, name);
  for (let index = 0; index < many; index++) memo.set(index, new Instance(callee, new Sequence('tuple', [index])));
  return memo;
}

describe('the memo of a pickle', () => {
  it('has room for the tensors of any checkpoint, and knows what made them', () => {
    for (const [module, name] of [
      ['torch._utils', '_rebuild_tensor_v2'],
      ['collections', 'OrderedDict'],
    ] as const) {
      const memo = filled(module, name);
      assert.equal(memo.forgotten, false);
      const last = memo.get(many - 1);
      assert.ok(last instanceof Instance && last.isOf(module, name));
    }
  });

  it('forgets nothing in silence that can be called', () => {
    assert.equal(filled('functools', 'partial').forgotten, true);
  });
});
