// Ctrl-C while a command computes: no handler of a signal runs then, and the system has to end it.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { test } from 'node:test';
import { harmlessPickle, makeWorkspace } from '../../server/engine/workspace.fixture.ts';
import { program } from './weighbridge.ts';

const options = { skip: process.platform === 'win32' && 'Windows has no pipes with a name' };

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal} ends commands that only read while their thread is busy`, options, async (context) => {
    const { root, path } = makeWorkspace(context, { 'a.pkl': harmlessPickle });
    const pipe = path('pipe.json');
    assert.equal(spawnSync('mkfifo', [pipe]).status, 0);
    for (const args of [
      ['scan', 'a.pkl', '--config', pipe],
      ['inspect', 'a.pkl', '--config', pipe],
      ['merge', pipe],
      ['diff', pipe, pipe],
    ]) {
      const child = spawn(process.execPath, [program, ...args], { cwd: root, stdio: 'ignore' });
      const exit = once(child, 'exit');
      // It opens when the command reads, which keeps its thread until something is written.
      const writer = await open(pipe, 'w');
      child.kill(signal);
      assert.deepEqual(await exit, [null, signal], args[0]);
      await writer.close();
    }
  });
}
