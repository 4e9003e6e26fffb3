import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { makeWorkspace } from '../engine/workspace.fixture.ts';
import { appendAuditEntry, headFile, verifyAuditLog } from './auditLog.ts';

async function threeEntries(context: Parameters<typeof makeWorkspace>[0]) {
  const { path } = makeWorkspace(context, {});
  const log = path('audit/decisions.jsonl');
  for (const gate of ['dev-to-staging', 'staging-to-production', 'hotfix']) {
    await appendAuditEntry(log, { kind: 'gate', gate, decision: 'allow', note: 'ü' });
  }
  return log;
}

test('a log that nobody touched is intact', async (context) => {
  const log = await threeEntries(context);
  const { intact, entries, head } = verifyAuditLog(log);
  assert.ok(intact);
  assert.deepEqual(
    entries.map(({ sequence }) => sequence),
    [1, 2, 3],
  );
  assert.equal(head.hash, entries[2]?.hash);
  assert.ok(verifyAuditLog(log, entries[1]?.hash).intact);
});

test('every changed, added and removed byte of the log and of its head is noticed', async (context) => {
  const log = await threeEntries(context);
  for (const file of [log, headFile(log)]) {
    const bytes = readFileSync(file);
    for (let at = 0; at < bytes.length; at++) {
      for (const damaged of [
        Buffer.concat([bytes.subarray(0, at), Buffer.from([(bytes[at] ?? 0) ^ 1]), bytes.subarray(at + 1)]),
        Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]),
        Buffer.concat([bytes.subarray(0, at), Buffer.from(' '), bytes.subarray(at)]),
      ]) {
        writeFileSync(file, damaged);
        assert.equal(verifyAuditLog(log).intact, false, `${file} at ${at}`);
      }
    }
    writeFileSync(file, bytes);
  }
  assert.ok(verifyAuditLog(log).intact);
});

test('cutting the log, swapping lines and repeating them are noticed', async (context) => {
  const log = await threeEntries(context);
  const [a = '', b = '', c = ''] = readFileSync(log, 'utf8').split('\n');
  const attacks = { cut: [a, b], first: [b, c], middle: [a, c], swapped: [b, a, c], repeated: [a, b, b, c], none: [] };
  for (const [attack, lines] of Object.entries(attacks)) {
    writeFileSync(log, lines.map((line) => `${line}\n`).join(''));
    assert.equal(verifyAuditLog(log).intact, false, attack);
  }
});

test('a log that was forged as a whole does not hold the entry that somebody wrote down', async (context) => {
  const log = await threeEntries(context);
  const written = verifyAuditLog(log).head.hash;
  rmSync(log);
  rmSync(headFile(log));
  await appendAuditEntry(log, { kind: 'gate', decision: 'allow' });
  assert.ok(verifyAuditLog(log).intact);
  assert.equal(verifyAuditLog(log, written).intact, false);
});

test('nothing is added to a damaged log, nor to one that is gone while its head is there', async (context) => {
  const log = await threeEntries(context);
  const text = readFileSync(log, 'utf8');
  writeFileSync(log, text.replace('hotfix', 'hotfix2'));
  await assert.rejects(appendAuditEntry(log, {}), /nothing was added/);
  rmSync(log);
  await assert.rejects(appendAuditEntry(log, {}), /the log is gone/);
});

test('a process that was killed between the line and the head leaves a log that goes on', async (context) => {
  const log = await threeEntries(context);
  const head = readFileSync(headFile(log));
  await appendAuditEntry(log, { kind: 'gate' });
  writeFileSync(headFile(log), head);
  assert.ok(verifyAuditLog(log).intact);
  assert.equal((await appendAuditEntry(log, { kind: 'gate' })).sequence, 5);
  assert.ok(verifyAuditLog(log).intact);
});

test('many writers at once make one chain', async (context) => {
  const { path } = makeWorkspace(context, {});
  const log = path('decisions.jsonl');
  await Promise.all(Array.from({ length: 20 }, (_, index) => appendAuditEntry(log, { index })));
  const { intact, entries } = verifyAuditLog(log);
  assert.ok(intact);
  assert.equal(entries.length, 20);
});
