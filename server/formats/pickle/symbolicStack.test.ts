import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemorySource } from '../source.ts';
import { assemblePickle } from './assembler.fixture.ts';
import { disassemble } from './disassemble.ts';
import { withStack } from './symbolicStack.ts';

const stacks = (listing: string) => {
  const source = new MemorySource(assemblePickle(listing));
  return withStack(source, disassemble(source, 0, 1000).rows).map(({ stack }) => stack);
};

describe('the stack beside an opcode', () => {
  it('is what the opcode leaves, marks included', () => {
    assert.deepEqual(stacks("PROTO 4\nGLOBAL os system\nMARK\nBINUNICODE 'id'\nTUPLE\nREDUCE\nSTOP"), [
      '',
      'os.system',
      'os.system (',
      "os.system ( 'id'",
      "os.system ('id',)",
      "os.system('id')",
      "os.system('id')",
    ]);
  });

  it('shows the top alone, and long values cut short', () => {
    const shown = stacks(`PROTO 4\nNONE\nNONE\nNONE\nBINUNICODE '${'x'.repeat(500)}'\nSTOP`);
    assert.match(shown[4] ?? '', /^… None None 'x+/);
    assert.ok((shown[4] ?? '').length < 100);
  });

  it('goes on in the next pickle of the file, and ends at a breach', () => {
    assert.deepEqual(stacks('PROTO 2\nNONE\nSTOP\nPROTO 2\nBININT1 7\nSTOP'), ['', 'None', 'None', '', '7', '7']);
    assert.deepEqual(stacks('PROTO 2\nNONE\nTUPLE2\nNONE\nSTOP'), ['', 'None', undefined, undefined, undefined]);
  });
});
