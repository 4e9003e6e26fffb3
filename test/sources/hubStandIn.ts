import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { standIn } from '../../server/sources/standIn.fixture.ts';

// A stand-in with the hub's layout and the paths of its interface, and beside it one for the store that the hub sends on to.
export const commit = 'c0ffee'.padEnd(40, '0');
export const token = 'hf_thisIsASecretToken';

export interface Content {
  size: number;
  /** What the hub says of a large file; of others it says a digest of Git. */
  sha256?: string;
  read: (from: number, to: number) => Buffer;
}

export const whole = (bytes: Uint8Array): Content => ({
  size: bytes.length,
  read: (from, to) => Buffer.from(bytes.subarray(from, to)),
});

export async function hubWith(context: TestContext, files: Record<string, Content>, isDeaf = false) {
  const store = await standIn(context, (request, response) => {
    const file = files[decodeURIComponent((request.url ?? '').slice(1))];
    if (file) give(request, response, file, isDeaf);
    else response.writeHead(404).end();
  });
  const hub = await standIn(context, (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://hub');
    if (request.headers.authorization !== `Bearer ${token}`) return response.writeHead(401).end();
    if (pathname === '/api/models/org/name/revision/main') return json(response, { sha: commit });
    if (pathname === `/api/models/org/name/tree/${commit}`) {
      // Two pages, as the hub gives them.
      const entries = Object.entries(files).map(([name, { size, sha256 }]) => {
        const lfs = sha256 === undefined ? {} : { lfs: { oid: sha256, size } };
        return { type: 'file', path: name, size, oid: 'x', ...lfs };
      });
      const second = searchParams.get('cursor') === '2';
      if (!second) response.setHeader('link', `<${pathname}?recursive=true&cursor=2>; rel="next"`);
      return json(response, second ? entries.slice(1) : entries.slice(0, 1));
    }
    const [, name] = new RegExp(`^/org/name/resolve/${commit}/(.*)$`).exec(pathname) ?? [];
    if (name === undefined) return response.writeHead(404).end();
    return response.writeHead(302, { location: `${store.origin}/${name}` }).end();
  });
  const folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-hub-'));
  const temporary = path.join(folder, 'tmp');
  mkdirSync(temporary);
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const environment = { HF_ENDPOINT: hub.origin, HF_TOKEN: token, TMPDIR: temporary, HF_HUB_OFFLINE: '' };
  return { hub, store, folder, temporary, environment };
}

function give(request: IncomingMessage, response: ServerResponse, file: Content, isDeaf: boolean): void {
  const [, from, to] = isDeaf ? [] : (/^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []);
  if (from === undefined) {
    response.writeHead(200, { 'content-length': file.size });
    response.end(file.read(0, file.size));
    return;
  }
  const part = file.read(Number(from), Math.min(file.size, Number(to) + 1));
  response.writeHead(206, { 'content-range': `bytes ${from}-${Number(from) + part.length - 1}/${file.size}` });
  response.end(part);
}

function json(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
