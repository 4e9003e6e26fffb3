import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { holdAlone, holdInTurn } from './runLock.ts';

const folder = mkdtempSync(join(tmpdir(), 'weighbridge-lock-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);
/** Larger than any process id of the systems that this runs on. */
const nobody = 2 ** 30;
const of = (pid: number, host = hostname()): string => JSON.stringify({ pid, host });

describe('a lock on what a run counts', () => {
  it('is held by one, and let go of', () => {
    const letGo = holdAlone(at('one'), 'the baseline');
    assert.throws(
      () => holdAlone(at('one'), 'the baseline'),
      new RegExp(`the baseline is in use by another run \\(process ${process.pid}\\): wait for it, or remove .*one`),
    );
    letGo();
    assert.ok(!existsSync(at('one')));
    holdAlone(at('one'), 'the baseline')();
  });

  it('is taken over from a process that is gone, and from none on another machine', () => {
    writeFileSync(at('gone'), of(nobody));
    holdAlone(at('gone'), 'the baseline')();
    writeFileSync(at('elsewhere'), of(nobody, 'another-machine'));
    assert.throws(() => holdAlone(at('elsewhere'), 'the baseline'), /process \d+ on another-machine/);
  });

  it('is left to whoever is writing it, until that took too long', () => {
    writeFileSync(at('half'), '{"pid":');
    assert.throws(() => holdAlone(at('half'), 'the baseline'), /in use by another run: wait/);
    const before = new Date(Date.now() - 60_000);
    utimesSync(at('half'), before, before);
    holdAlone(at('half'), 'the baseline')();
  });

  it('is waited for where it is held for a moment', async () => {
    const letGo = holdAlone(at('moment'), 'the log');
    const waiting = holdInTurn(at('moment'), 'the log', 60_000);
    letGo();
    (await waiting)();
    const again = holdAlone(at('moment'), 'the log');
    await assert.rejects(holdInTurn(at('moment'), 'the log', 50), { code: 'unwritable' });
    again();
  });

  it('is held by one of many that find it left', async () => {
    const program = fileURLToPath(new URL('./runLockProcess.fixture.ts', import.meta.url));
    const children = Array.from({ length: 6 }, () => fork(program, [at('race')], { execArgv: ['--import', 'tsx'] }));
    const exits = children.map((child) => once(child, 'exit'));
    try {
      await Promise.all(children.map((child) => once(child, 'message')));
      writeFileSync(at('race'), of(nobody));
      const answers = children.map(async (child) => {
        const answer = once(child, 'message');
        child.send('now');
        return String((await answer)[0]);
      });
      assert.deepEqual((await Promise.all(answers)).sort(), ['held', ...Array<string>(5).fill('refused')]);
      assert.deepEqual(
        readdirSync(folder).filter((name) => name.startsWith('race')),
        ['race'],
      );
    } finally {
      children.forEach((child) => child.kill('SIGKILL'));
      await Promise.all(exits);
    }
  });
});
