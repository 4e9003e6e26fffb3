import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { modelPath } from './modelPath.ts';

describe('a name in a bill of materials', () => {
  it('leads to a file in the folder of the model, and never out of it', () => {
    for (const inside of ['config.json', 'unet/model.safetensors', './a', 'a..b', '...'])
      assert.equal(modelPath(inside), inside);
    for (const outside of [
      '../secret',
      'a/../../b',
      '..\\secret',
      'a\\..\\b',
      '/etc/passwd',
      '\\\\host\\share',
      'C:\\x',
      'c:x',
      '',
      '.',
      'a\0b',
    ])
      assert.equal(modelPath(outside), null, outside);
  });
});
