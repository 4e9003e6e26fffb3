// Refreshing the trusted root by The Update Framework, from a repository on this machine.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { refreshTrustedRoot } from '../../server/signing/keyless/refreshTrustedRoot.ts';
import { refreshedRootFile } from '../../server/signing/keyless/refreshedRoot.ts';
import { shippedRoot } from '../../server/signing/keyless/shippedRoot.ts';
import { chooseTrustRoot } from '../../server/signing/keyless/trustRoot.ts';
import { startUpdateRepository, type LocalUpdateRepository } from './localUpdateRepository.ts';

describe('refreshing the trusted root', () => {
  let repository: LocalUpdateRepository;
  let environment: { XDG_DATA_HOME: string };
  const now = new Date('2030-01-02T03:04:05Z');
  const refresh = (): Promise<string> => {
    const rootPath = path.join(environment.XDG_DATA_HOME, 'first-root.json');
    writeFileSync(rootPath, repository.root);
    return refreshTrustedRoot({ environment, now, mirror: { url: repository.url, rootPath } });
  };

  beforeEach(async () => {
    const marked = { ...(shippedRoot() as object), timestampAuthorities: [] };
    repository = await startUpdateRepository(marked);
    environment = { XDG_DATA_HOME: mkdtempSync(path.join(tmpdir(), 'weighbridge-refresh-')) };
  });
  afterEach(async () => {
    await repository.close();
    rmSync(environment.XDG_DATA_HOME, { recursive: true, force: true });
  });

  it('fetches it, and every later verification uses it, without asking again', async () => {
    const file = await refresh();
    assert.equal(file, refreshedRootFile(environment));
    assert.equal((JSON.parse(readFileSync(file, 'utf8')) as { refreshedAt: string }).refreshedAt, now.toISOString());
    const requests = repository.requests.length;
    const { root, description } = await chooseTrustRoot({}, { environment, now });
    assert.equal(root.timestampAuthorities.length, 0, 'the root of the repository');
    assert.equal(description, 'the trusted root refreshed on 2030-01-02 (0 days old)');
    assert.equal(repository.requests.length, requests);
  });

  for (const [what, damage] of [
    [
      'a target that is not what was signed',
      (name: string, bytes: Buffer) =>
        name.startsWith('/targets/') ? Buffer.from(bytes.toString().replace('rekor', 'rekxr')) : bytes,
    ],
    [
      'metadata that is not signed by the root',
      (name: string, bytes: Buffer) =>
        name === '/timestamp.json' ? Buffer.from(bytes.toString().replace('2099', '2098')) : bytes,
    ],
    [
      'metadata that is no JSON',
      (name: string, bytes: Buffer) => (name === '/1.snapshot.json' ? Buffer.from('<html>') : bytes),
    ],
  ] as const) {
    it(`refuses ${what}, and leaves the root at hand`, async () => {
      for (const [name, bytes] of repository.files) repository.files.set(name, damage(name, bytes));
      await assert.rejects(refresh(), {
        code: 'unreachable',
        message: /^Cannot refresh the trusted root, so the one at hand stays: /,
      });
      assert.equal(existsSync(refreshedRootFile(environment)), false);
      assert.match((await chooseTrustRoot({}, { environment })).description, /shipped/);
    });
  }

  it('says that nobody answers', async () => {
    await repository.close();
    await assert.rejects(refresh(), { code: 'unreachable' });
  });
});
