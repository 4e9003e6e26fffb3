import assert from 'node:assert/strict';
import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { disassemble } from '../../server/formats/pickle/disassemble.ts';
import { readPickle } from '../../server/formats/pickle/reader.ts';
import { record } from '../../server/formats/recordingContext.fixture.ts';
import { MemorySource } from '../../server/formats/source.ts';
import { libraryCorpus } from './corpus.ts';
import { runPython } from './python.ts';

/** What Python's own pickletools and unpickler read. Numbers are text, since they may be long. */
interface Reading {
  path: string;
  opcodes: [offset: number, name: string, argument: string | null][];
  imports: [module: string, name: string][] | null;
}

const randomPickles = process.env['WEIGHBRIDGE_TEST_FULL'] === '1' ? 5000 : 400;
/** Arguments that stand in the file as text are shown as they stand, not as the number that they mean. */
const textArguments = new Set(['INT', 'LONG', 'GET', 'PUT', 'PERSID', 'FLOAT']);

describe("Python's own reading of pickles", () => {
  let folder = '';
  let readings: Reading[] = [];

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-pickles-'));
    const corpus = (await libraryCorpus()).map(({ file }) => file).filter((file) => file.endsWith('.pkl'));
    const output = await runPython('oracle.py', [folder, String(randomPickles)], corpus.join('\n'));
    readings = output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Reading);
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it('gives the same opcodes at the same offsets as our listing', () => {
    assert.ok(readings.length > randomPickles);
    for (const { path: file, opcodes } of readings) {
      const listing = disassemble(new MemorySource(readFileSync(file)), 0, opcodes.length);
      assert.deepEqual(
        listing.rows.map(({ offset, opcode }) => `${offset} ${opcode}`),
        opcodes.map(([offset, name]) => `${offset} ${name}`),
        path.basename(file),
      );
      opcodes.forEach(([offset, name, argument], index) => {
        const ours = listing.rows[index]?.argument ?? '';
        if (argument === null || textArguments.has(name) || ours.endsWith('-byte integer>')) return;
        assert.equal(ours, argument, `${path.basename(file)}: ${name} at ${offset}`);
      });
    }
  });

  it('asks for the same imports as our machine resolves', () => {
    let compared = 0;
    for (const { path: file, imports } of readings) {
      if (imports === null) continue;
      compared += imports.length;
      const { parts } = record(readPickle, readFileSync(file));
      const ours = parts.flatMap((part) => (part.kind === 'pickle' && part.entry === '' ? part.imports : []));
      const names = new Set(ours.map(({ module, name }) => `${module} ${name}`));
      assert.deepEqual(
        [...names].sort(),
        [...new Set(imports.map((one) => one.join(' ')))].sort(),
        path.basename(file),
      );
    }
    assert.ok(compared > randomPickles, `only ${compared} imports were compared`);
  });
});
