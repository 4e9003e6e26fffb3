// A repository of The Update Framework on this machine, with one target: a trusted root.
// https://theupdateframework.github.io/specification/v1.0.31/
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { canonicalJson } from '../../server/signing/canonicalJson.ts';

export interface LocalUpdateRepository {
  url: string;
  /** The first `root.json`, as text. */
  root: string;
  /** What is served, by path; a test may change it. */
  files: Map<string, Buffer>;
  requests: string[];
  close(): Promise<void>;
}

export async function startUpdateRepository(trustedRoot: unknown): Promise<LocalUpdateRepository> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');
  const key = { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: raw } };
  const keyid = createHash('sha256').update(canonicalJson(key)).digest('hex');
  const common = { spec_version: '1.0.31', version: 1, expires: '2099-01-01T00:00:00Z' };
  const signed = (content: object): Buffer => {
    const sig = sign(null, Buffer.from(canonicalJson(content)), privateKey).toString('hex');
    return Buffer.from(JSON.stringify({ signed: content, signatures: [{ keyid, sig }] }));
  };
  const about = (bytes: Buffer): object => ({
    length: bytes.length,
    hashes: { sha256: createHash('sha256').update(bytes).digest('hex') },
  });
  const role = { keyids: [keyid], threshold: 1 };
  const target = Buffer.from(JSON.stringify(trustedRoot));
  const root = signed({
    _type: 'root',
    ...common,
    consistent_snapshot: true,
    keys: { [keyid]: key },
    roles: { root: role, timestamp: role, snapshot: role, targets: role },
  });
  const targets = signed({ _type: 'targets', ...common, targets: { 'trusted_root.json': about(target) } });
  const snapshot = signed({
    _type: 'snapshot',
    ...common,
    meta: { 'targets.json': { version: 1, ...about(targets) } },
  });
  const timestamp = signed({
    _type: 'timestamp',
    ...common,
    meta: { 'snapshot.json': { version: 1, ...about(snapshot) } },
  });

  const hash = createHash('sha256').update(target).digest('hex');
  const files = new Map([
    ['/timestamp.json', timestamp],
    ['/1.snapshot.json', snapshot],
    ['/1.targets.json', targets],
    [`/targets/${hash}.trusted_root.json`, target],
  ]);
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    const file = files.get(request.url ?? '');
    response.writeHead(file ? 200 : 404).end(file);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    root: root.toString(),
    files,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
