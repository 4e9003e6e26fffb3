import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { refreshedRootFile } from './refreshedRoot.ts';
import { shippedRoot } from './shippedRoot.ts';
import { chooseTrustRoot, shipped } from './trustRoot.ts';

let environment: NodeJS.ProcessEnv;
beforeEach(() => (environment = { XDG_DATA_HOME: mkdtempSync(join(tmpdir(), 'weighbridge-root-')) }));
afterEach(() => rmSync(environment['XDG_DATA_HOME'] ?? '', { recursive: true, force: true }));

const after = (days: number): Date => new Date(Date.parse(shipped.date) + days * 86_400_000);

function refresh(refreshedAt: string, trustedRoot: unknown = shippedRoot()): void {
  const file = refreshedRootFile(environment);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ refreshedAt, trustedRoot }));
}

describe('the trusted root', () => {
  it('is the shipped one at first, with its age', async () => {
    const { description, warnings, root } = await chooseTrustRoot({}, { environment, now: after(20) });
    assert.equal(description, `the trusted root shipped with Weighbridge (of ${shipped.date}, 20 days old)`);
    assert.deepEqual(warnings, []);
    assert.ok(root.tlogs.length > 0 && root.certificateAuthorities.length > 0 && root.ctlogs.length > 0);
  });

  it('is dated by the release of the library that is installed', () => {
    const lock = readFileSync(new URL('../../../package-lock.json', import.meta.url), 'utf8');
    const { packages } = JSON.parse(lock) as { packages: Record<string, { version: string } | undefined> };
    assert.equal(
      packages['node_modules/@sigstore/tuf']?.version,
      shipped.version,
      'set the version and the date in trustRoot.ts',
    );
  });

  it('asks to be refreshed after half a year', async () => {
    const { warnings } = await chooseTrustRoot({}, { environment, now: after(181) });
    assert.deepEqual(warnings, [
      'the trusted root is 181 days old: refresh it with "weighbridge verify --refresh-trusted-root"',
    ]);
  });

  it('is the refreshed one where that is newer', async () => {
    refresh(after(30).toISOString());
    const { description } = await chooseTrustRoot({}, { environment, now: after(31) });
    assert.equal(description, `the trusted root refreshed on ${after(30).toISOString().slice(0, 10)} (1 day old)`);
  });

  it('is the shipped one where that is newer: after an update', async () => {
    refresh(after(-30).toISOString());
    const { description } = await chooseTrustRoot({}, { environment, now: after(1) });
    assert.match(description, /shipped/);
  });

  it('is the one that the user gives, before all others', async () => {
    refresh(after(30).toISOString());
    const given = await chooseTrustRoot({ trustedRoot: shippedRoot() }, { environment });
    assert.equal(given.description, 'the trusted root that was given');
    const configured = await chooseTrustRoot({ trustConfig: { trustedRoot: shippedRoot() } }, { environment });
    assert.equal(configured.description, 'the trust configuration that was given');
  });

  it('says that a refreshed one cannot be used, and takes the shipped one', async () => {
    refresh('yesterday');
    const { description, warnings } = await chooseTrustRoot({}, { environment, now: after(1) });
    assert.match(description, /shipped/);
    assert.match(warnings[0] ?? '', /cannot be used .*: refresh it, or delete it/);
  });

  it('is never something else in its place', async () => {
    for (const wrong of [
      null,
      {},
      [],
      'text',
      { tlogs: [], certificateAuthorities: {} },
      { tlogs: [{}], certificateAuthorities: [] },
    ]) {
      await assert.rejects(chooseTrustRoot({ trustedRoot: wrong }, { environment }), { code: 'bad-input' });
      await assert.rejects(chooseTrustRoot({ trustConfig: { trustedRoot: wrong } }, { environment }), {
        code: 'bad-input',
      });
    }
    await assert.rejects(chooseTrustRoot({ trustConfig: null }, { environment }), { code: 'bad-input' });
    await assert.rejects(chooseTrustRoot({ staging: true }, { environment }), {
      code: 'refused',
      message: /--trusted-root/,
    });
  });
});
