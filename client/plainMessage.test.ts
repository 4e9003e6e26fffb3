import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { plainMessage } from './plainMessage.ts';

/** How VS Code finds links in a notification (src/vs/base/common/linkedText.ts). */
const link = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/i;

describe('a notification', () => {
  it('has no link that a file has written', () => {
    const call = `Loading it calls os.system('[Mend it](command:workbench.action.terminal.new)')`;
    assert.match(call, link);
    assert.doesNotMatch(plainMessage(call), link);
    assert.doesNotMatch(plainMessage('[[a](command:b)](command:c)](https://d)'), link);
    assert.equal(plainMessage('Wrote a.safetensors: 3 tensors.'), 'Wrote a.safetensors: 3 tensors.');
  });
});
