import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { disassemble } from '../../server/formats/pickle/disassemble.ts';
import { readPickle } from '../../server/formats/pickle/reader.ts';
import { record } from '../../server/formats/recordingContext.fixture.ts';
import { MemorySource } from '../../server/formats/source.ts';
import { PickleGrammar } from './pickleGrammar.ts';
import { runPython } from './python.ts';

interface Reading {
  opcodes: [offset: number, name: string][] | null;
  imports: [module: string, name: string][];
  loaded: boolean;
}

const count = process.env['WEIGHBRIDGE_TEST_FULL'] === '1' ? 100_000 : 6_000;

describe('pickles that a grammar makes, and Python reads', () => {
  let folder = '';
  const pickles = Array.from({ length: count }, (_, seed) => new PickleGrammar(seed, seed % 3 === 0).write());
  let readings: Reading[] = [];

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-grammar-'));
    const file = path.join(folder, 'pickles');
    const lengths = pickles.map((pickle) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(pickle.length);
      return length;
    });
    writeFileSync(file, Buffer.concat(pickles.flatMap((pickle, index) => [lengths[index] as Buffer, pickle])));
    const output = await runPython('grammar_oracle.py', [file]);
    readings = output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Reading);
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it('are pickles to Python, most of them', () => {
    assert.equal(readings.length, count);
    const loaded = readings.filter((reading) => reading.loaded).length;
    const listed = readings.filter(({ opcodes }) => opcodes !== null).length;
    console.log(`${count} pickles; pickletools lists ${listed}, the unpickler loads ${loaded}`);
    assert.ok(loaded > count / 2 && listed > count / 2);
  });

  it('are listed as pickletools lists them', () => {
    for (const [seed, { opcodes }] of readings.entries()) {
      if (opcodes === null) continue;
      const { rows } = disassemble(new MemorySource(pickles[seed] as Buffer), 0, opcodes.length);
      assert.deepEqual(
        rows.map(({ offset, opcode }) => `${offset} ${opcode}`),
        opcodes.map(([offset, name]) => `${offset} ${name}`),
        `seed ${seed}`,
      );
    }
  });

  it('ask for no name that was not found', () => {
    let compared = 0;
    for (const [seed, { imports, loaded }] of readings.entries()) {
      const { parts } = record(readPickle, pickles[seed] as Buffer);
      const facts = parts.flatMap((part) => (part.kind === 'pickle' && part.entry === '' ? [part] : []));
      const found = new Set(facts.flatMap((part) => part.imports.map(({ module, name }) => `${module} ${name}`)));
      for (const [module, name] of imports) {
        compared++;
        assert.ok(found.has(`${module} ${name}`), `seed ${seed}: ${module}.${name} among ${[...found].join(', ')}`);
      }
      if (loaded)
        assert.ok(
          facts.some((part) => part.stopped),
          `seed ${seed}: Python loads it, and it does not end here`,
        );
    }
    assert.ok(compared > count / 2, `only ${compared} names were compared`);
  });
});
