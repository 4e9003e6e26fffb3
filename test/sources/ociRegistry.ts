import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { answers, freePort } from './localService.ts';

export const title = 'org.opencontainers.image.title';
export const password = 'secretOfTheRegistry';
const user = 'reader';

/** What layers and manifests are pushed to, and what a client needs to be let in. */
export type OciRegistry = Awaited<ReturnType<typeof startRegistry>>;

/** Docker's registry, as Debian packs it, with a password that stands below the folder as `docker login` leaves it. */
export async function startRegistry(folder: string) {
  const basic = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const host = `127.0.0.1:${await freePort()}`;
  writeFileSync(path.join(folder, 'htpasswd'), execFileSync('htpasswd', ['-Bbn', user, password]));
  writeFileSync(
    path.join(folder, 'config.yml'),
    JSON.stringify({
      version: 0.1,
      log: { level: 'error' },
      storage: { filesystem: { rootdirectory: path.join(folder, 'store') } },
      http: { addr: host },
      auth: { htpasswd: { realm: 'models', path: path.join(folder, 'htpasswd') } },
    }),
  );
  const registry = spawn('docker-registry', ['serve', path.join(folder, 'config.yml')], { stdio: 'ignore' });
  await answers(`http://${host}/v2/`, (status) => status === 200, { authorization: basic });
  mkdirSync(path.join(folder, '.docker'));
  const auths = { [host]: { auth: Buffer.from(`${user}:${password}`).toString('base64') } };
  writeFileSync(path.join(folder, '.docker', 'config.json'), JSON.stringify({ auths }));
  const ask = (address: string, init: RequestInit = {}) =>
    fetch(`http://${host}/v2/${address}`, { ...init, headers: { authorization: basic, ...(init.headers as object) } });

  async function pushBlob(repository: string, content: Uint8Array): Promise<{ digest: string; size: number }> {
    const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
    const begun = await ask(`${repository}/blobs/uploads/`, { method: 'POST' });
    const place = new URL(begun.headers.get('location') ?? '', `http://${host}`);
    place.searchParams.set('digest', digest);
    const headers = { authorization: basic, 'content-type': 'application/octet-stream' };
    const done = await fetch(place, { method: 'PUT', headers, body: Buffer.from(content) });
    assert.equal(done.status, 201, await done.text());
    return { digest, size: content.length };
  }

  async function pushManifest(repository: string, tag: string, manifest: { mediaType: string }): Promise<string> {
    const body = JSON.stringify({ schemaVersion: 2, ...manifest });
    const headers = { 'content-type': manifest.mediaType };
    const done = await ask(`${repository}/manifests/${tag}`, { method: 'PUT', headers, body });
    assert.equal(done.status, 201, await done.text());
    return `sha256:${createHash('sha256').update(body).digest('hex')}`;
  }

  const environment = { HOME: folder, DOCKER_CONFIG: '', REGISTRY_AUTH_FILE: '', XDG_RUNTIME_DIR: '' };
  return { host, environment, pushBlob, pushManifest, close: () => registry.kill() };
}
