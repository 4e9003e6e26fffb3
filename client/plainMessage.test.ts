import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { plainMessage } from './plainMessage.ts';

const here = path.dirname(fileURLToPath(import.meta.url));

/** How VS Code finds links in a notification (src/vs/base/common/linkedText.ts). */
const link = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/gi;

describe('a notification', () => {
  it('has no link that a file has written', () => {
    const call = `Loading it calls os.system('[Mend it](command:workbench.action.terminal.new)')`;
    assert.match(call, link);
    assert.doesNotMatch(plainMessage(call), link);
    assert.doesNotMatch(plainMessage('[[a](command:b)](command:c)](https://d)'), link);
    assert.equal(plainMessage('Wrote a.safetensors: 3 tensors.'), 'Wrote a.safetensors: 3 tensors.');
  });

  it('is made plain wherever it quotes anything', () => {
    const files = readdirSync(here, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /(?<!\.test)\.ts$/.test(name),
    );
    const calls = files.flatMap((name) =>
      [
        ...readFileSync(path.join(here, name), 'utf8').matchAll(
          /show(?:Information|Warning|Error)Message(?:<\w+>)?\(\s*([^\n]*)/g,
        ),
      ].map(([, argument = '']) => `${name}: ${argument}`),
    );
    assert.ok(calls.length > 10);
    // A text of our own, or one that was made plain.
    const bare = calls.filter((call) => !/: (?:'|plainMessage\()/.test(call));
    assert.deepEqual(bare, []);
  });
});
