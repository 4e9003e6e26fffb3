import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request as forward, type IncomingMessage, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { npmPackages } from '../interop/npmPackages.ts';

interface Signer {
  sign(
    request: { method: string; protocol: string; hostname: string; path: string; query: object; headers: object },
    options: { signingDate: Date },
  ): Promise<{ headers: Record<string, string> }>;
}

/** What AWS's signer wants of a hash. */
class Sha256 {
  readonly #hash;
  constructor(secret?: string | Uint8Array) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret);
  }
  update(data: string | Uint8Array): void {
    this.#hash.update(data);
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.#hash.digest()));
  }
}

/**
 * A server before another one that lets nobody in whose Signature Version 4 is not the one that AWS's own implementation
 * (@smithy/signature-v4) gives for the same request: s3rver does not check it.
 */
export async function signatureGate(
  port: number,
  keys: { accessKeyId: string; secretAccessKey: string },
): Promise<Server> {
  const packages = await npmPackages('smithy-signature-v4-5.7.5', { '@smithy/signature-v4': '5.7.5' });
  const require = createRequire(import.meta.url);
  const { SignatureV4 } = require(packages('@smithy/signature-v4')) as { SignatureV4: new (options: object) => Signer };
  const signer = new SignatureV4({
    credentials: keys,
    region: 'us-east-1',
    service: 's3',
    sha256: Sha256,
    uriEscapePath: false,
    applyChecksum: false,
  });
  const server = createServer((request, response) => {
    void isGenuine(request, signer).then((genuine) => {
      if (!genuine) return response.writeHead(403, { 'content-type': 'application/xml' }).end('<Error/>');
      const { method, url, headers } = request;
      const passed = forward({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
      passed.on('error', () => response.destroy());
      return request.pipe(passed);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

export const portOf = (server: Server): number => (server.address() as AddressInfo).port;

async function isGenuine(request: IncomingMessage, signer: Signer): Promise<boolean> {
  const form = /^AWS4-HMAC-SHA256 Credential=[^,]+, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;
  const [, names, signature] = form.exec(request.headers.authorization ?? '') ?? [];
  const date = request.headers['x-amz-date'];
  if (names === undefined || typeof date !== 'string') return false;
  const url = new URL(request.url ?? '', `http://${request.headers.host}`);
  const headers = Object.fromEntries(names.split(';').map((name) => [name, request.headers[name]]));
  // What no implementation may leave out.
  if (!('host' in headers) || !('x-amz-content-sha256' in headers)) return false;
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? [];
  const signed = await signer.sign(
    {
      method: request.method ?? '',
      protocol: 'http:',
      hostname: url.hostname,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers,
    },
    { signingDate: new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) },
  );
  return signed.headers['authorization']?.endsWith(`Signature=${signature}`) === true;
}
