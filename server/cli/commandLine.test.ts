import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { dangerousPickle, makeWorkspace } from '../engine/workspace.fixture.ts';
import { runCommandLine } from './commandLine.ts';

async function run(
  cwd: string,
  args: string[],
  over: { tty?: boolean; signal?: AbortSignal; environment?: object; takeInterrupts?: () => void } = {},
) {
  const stdout = Object.assign(new PassThrough(), { isTTY: over.tty === true });
  const stderr = Object.assign(new PassThrough(), { isTTY: false });
  const said = Promise.all([text(stdout), text(stderr)]);
  const signal = over.signal ?? new AbortController().signal;
  const io = { stdout, stderr, cwd, environment: { ...over.environment }, signal };
  const { takeInterrupts } = over;
  const code = await runCommandLine(args, takeInterrupts ? { ...io, takeInterrupts } : io);
  stdout.end();
  stderr.end();
  const [out, err] = await said;
  return { code, out, err };
}

test('an interrupted command ends with 130, and says nothing', async (context) => {
  const { root } = makeWorkspace(context, { 'bad.pkl': dangerousPickle });
  for (const args of [['scan'], ['convert', 'bad.pkl']]) {
    assert.deepEqual(await run(root, args, { signal: AbortSignal.abort() }), { code: 130, out: '', err: '' });
  }
});

test('a scan takes interrupts before it writes a report: who is ended in the middle leaves half a one', async (context) => {
  const { root, path } = makeWorkspace(context, { 'bad.pkl': dangerousPickle });
  const written: boolean[] = [];
  const takeInterrupts = () => void written.push(existsSync(path('report.json')));
  const { code } = await run(root, ['scan', '--no-cache', '--report', 'json=report.json'], { takeInterrupts });
  assert.equal(code, 1);
  assert.equal(written[0], false);
  assert.ok(existsSync(path('report.json')));
});

test('colours are for terminals, and only where they are wanted', async (context) => {
  const { root } = makeWorkspace(context, { 'bad.pkl': dangerousPickle });
  const isColoured = async (...given: Parameters<typeof run>) => (await run(...given)).out.includes('\u001b[');
  assert.equal(await isColoured(root, ['scan'], { tty: true }), true);
  assert.equal(await isColoured(root, ['scan']), false);
  assert.equal(await isColoured(root, ['scan', '--no-color'], { tty: true }), false);
  assert.equal(await isColoured(root, ['scan'], { tty: true, environment: { NO_COLOR: '1' } }), false);
  assert.equal(await isColoured(root, ['scan', '--format', 'json'], { tty: true }), false);
});

test('help is printed for a command, wherever it is asked for', async (context) => {
  const { root } = makeWorkspace(context);
  const help = await run(root, ['scan', '--help']);
  assert.match(help.out, /^Usage: weighbridge scan/);
  assert.deepEqual(await run(root, ['help', 'scan']), help);
  assert.deepEqual(await run(root, ['scan', 'x', '-h']), help);
});

test('after -- stand names, also one that looks like an option', async (context) => {
  const { root } = makeWorkspace(context, { '--help': dangerousPickle });
  const { code, out } = await run(root, ['scan', '--no-cache', '--', '--help']);
  assert.equal(code, 1);
  assert.match(out, /^--help\n {2}error/);
});
