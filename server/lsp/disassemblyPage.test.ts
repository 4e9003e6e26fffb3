import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assemblePickle } from '../formats/pickle/assembler.fixture.ts';
import { MemorySource } from '../formats/source.ts';
import { pageAround } from './disassemblyPage.ts';

/** One PROTO and 5,000 NONEs: the opcode at index i (from 1) stands at byte i + 1. */
const source = new MemorySource(assemblePickle(['PROTO 2', ...Array<string>(5000).fill('NONE'), 'STOP'].join('\n')));

describe('a page around an opcode', () => {
  it('shows what precedes it, and where to go on in both directions', () => {
    const page = pageAround(source, { starts: [0] }, 3000, 100);
    assert.equal(page.rows.length, 100);
    assert.equal(page.rows[0]?.offset, 2980);
    assert.equal(page.rows[20]?.offset, 3000);
    assert.equal(page.next, 3080);
    assert.equal(page.previous, 2880);
  });

  it('starts at the start where nothing precedes', () => {
    const page = pageAround(source, { starts: [0] }, 0, 50);
    assert.equal(page.rows[0]?.opcode, 'PROTO');
    assert.equal(page.previous, null);
  });

  it('precedes the first opcode of a stride, too', () => {
    const listing = { starts: [0] };
    pageAround(source, listing, 4500, 10);
    const boundary = listing.starts[2] ?? 0;
    assert.equal(pageAround(source, listing, boundary, 30).rows[20]?.offset, boundary);
  });
});
