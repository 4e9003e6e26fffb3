import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { AwsClient } from 'aws4fetch';
import { npmPackages } from '../interop/npmPackages.ts';
import { answers, freePort } from './localService.ts';
import { portOf, signatureGate } from './signatureGate.ts';

/**
 * s3rver 3.7.1 stores objects in a folder; no server of MinIO is on a registry of packages. It makes the
 * tokens of long listings by a cipher that OpenSSL 3 has in its legacy provider only.
 */
function startS3rver(program: string, folder: string, port: number): ChildProcess {
  const options = [
    '--directory',
    folder,
    '--address',
    '127.0.0.1',
    '--port',
    String(port),
    '--configure-bucket',
    'models',
  ];
  return spawn(process.execPath, ['--openssl-legacy-provider', program, ...options], { stdio: 'ignore' });
}

export const keys = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' };

export interface S3Store {
  /** `http://127.0.0.1:PORT`; it lets in who signs as AWS wants it. */
  endpoint: string;
  /** With a bucket named `models`. */
  put: (key: string, body: Uint8Array) => Promise<void>;
  remove: (key: string) => Promise<void>;
  close: () => void;
}

/** A store with its objects below a folder. */
export async function startS3Store(folder: string): Promise<S3Store> {
  const packages = await npmPackages('s3rver-3.7.1', { s3rver: '3.7.1' });
  mkdirSync(path.join(folder, 'store'));
  const stored = await freePort();
  const server = startS3rver(path.join(packages('s3rver'), 'bin', 's3rver.js'), path.join(folder, 'store'), stored);
  await answers(`http://127.0.0.1:${stored}`, (status) => status < 500);
  const gate = await signatureGate(stored, { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' });
  const endpoint = `http://127.0.0.1:${portOf(gate)}`;
  const client = new AwsClient({
    accessKeyId: 'S3RVER',
    secretAccessKey: 'S3RVER',
    service: 's3',
    region: 'us-east-1',
  });
  const send = async (key: string, init: RequestInit, expected: number) => {
    const encoded = key
      .split('/')
      .map(encodeURIComponent)
      .join('/')
      .replace(/[()']/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
    const answer = await client.fetch(`${endpoint}/models/${encoded}`, init);
    assert.equal(answer.status, expected, await answer.text());
  };
  return {
    endpoint,
    put: (key, body) => send(key, { method: 'PUT', body: Buffer.from(body) }, 200),
    remove: (key) => send(key, { method: 'DELETE' }, 204),
    close() {
      gate.close();
      gate.closeAllConnections();
      server.kill();
    },
  };
}
