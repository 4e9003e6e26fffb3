import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { program } from './weighbridge.ts';

const dist = path.dirname(program);

test('the command starts by both of its names', () => {
  for (const name of ['weighbridge.cjs', 'weighbridge.mjs'])
    assert.match(versionBy(path.join(dist, name)), /^weighbridge \d/);
});

test('the compiled code beside the programs can be missing, cut off, or of another Node', () => {
  const copy = mkdtempSync(path.join(tmpdir(), 'weighbridge-start-'));
  try {
    cpSync(dist, copy, { recursive: true, filter: (file) => !file.endsWith('.wasm') });
    const programs = path.join(copy, 'programs');
    const name = readdirSync(programs).find((one) => one.endsWith('.cache'));
    assert.ok(name, 'the build keeps compiled code');
    const code = path.join(programs, name);
    const whole = readFileSync(code);
    writeFileSync(code, whole.subarray(0, whole.length >> 1));
    assert.match(versionBy(path.join(copy, 'weighbridge.cjs')), /^weighbridge \d/);
    // V8's version stands at byte 4 of each piece of code; that of another Node differs.
    const first = whole.indexOf('\n') + 1;
    writeFileSync(code, Buffer.concat([whole.subarray(0, first + 4), Buffer.alloc(4), whole.subarray(first + 8)]));
    assert.match(versionBy(path.join(copy, 'weighbridge.cjs')), /^weighbridge \d/);
    rmSync(code);
    assert.match(versionBy(path.join(copy, 'weighbridge.cjs')), /^weighbridge \d/);
  } finally {
    rmSync(copy, { recursive: true });
  }
});

function versionBy(file: string): string {
  return execFileSync(process.execPath, [file, '--version'], { encoding: 'utf8' });
}
