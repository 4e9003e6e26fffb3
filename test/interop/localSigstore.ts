// A whole Sigstore instance on this machine: certificate authority with its log, transparency log, timestamp authority and
// OpenID provider, and the trusted root that belongs to them. The authorities are those of @sigstore/mock, of sigstore-js's own tests.
import { fulcioHandler, initializeCA, initializeCTLog, initializeTSA, tsaHandler } from '@sigstore/mock';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { transparencyLog } from './localTransparencyLog.ts';
import { startProvider, type LocalProvider } from './localOpenIdProvider.ts';

export interface LocalSigstore {
  provider: LocalProvider;
  /** JSON value of a `TrustedRoot`. */
  trustedRoot: Record<string, unknown>;
  /** JSON value of a `ClientTrustConfig`. */
  trustConfig: Record<string, unknown>;
  /** Bodies that the services were sent, by service. */
  received: { service: 'authority' | 'log' | 'timestamp'; body: string }[];
  /** What a service answers in place of its own answer, such as an error that repeats what it was sent. */
  disturb: ((service: string, body: string) => { status: number; body: string } | null) | null;
  close(): Promise<void>;
}

type Service = LocalSigstore['received'][number]['service'];

const paths: Record<string, Service> = {
  '/api/v2/signingCert': 'authority',
  '/api/v1/log/entries': 'log',
  '/api/v2/log/entries': 'log',
  '/api/v1/timestamp': 'timestamp',
};

/** @param subjectClaim the claim of a token that certificates name. */
export async function startSigstore({ subjectClaim = 'email' } = {}): Promise<LocalSigstore> {
  const keyPair = (): ReturnType<typeof generateKeyPairSync> & object =>
    generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;

  const certificateLog = await initializeCTLog(keyPair());
  const authority = await initializeCA(keyPair(), certificateLog);
  const log = transparencyLog(url);
  // Whole seconds, as real authorities have them: the library reads no other fraction than three digits.
  const clock = new Date(Math.floor(Date.now() / 1000) * 1000);
  const timestamps = await initializeTSA(keyPair(), clock);
  const issue = fulcioHandler(authority, { subjectClaim });
  const stamp = tsaHandler(timestamps);
  const provider = await startProvider();

  const trustedRoot = {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [logOf(url, log.publicKey)],
    ctlogs: [logOf(`${url}/ct`, certificateLog.publicKey)],
    certificateAuthorities: [authorityOf(url, [authority.rootCertificate])],
    timestampAuthorities: [authorityOf(url, [timestamps.intCertificate, timestamps.rootCertificate])],
  };
  const service = (address: string): object => ({
    url: address,
    majorApiVersion: 1,
    validFor: { start: inThePast },
    operator: 'local',
  });
  const sigstore: LocalSigstore = {
    provider,
    trustedRoot,
    trustConfig: {
      mediaType: 'application/vnd.dev.sigstore.clienttrustconfig.v0.1+json',
      trustedRoot,
      signingConfig: {
        mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
        caUrls: [service(url)],
        oidcUrls: [service(provider.issuer)],
        rekorTlogUrls: [service(url)],
        rekorTlogConfig: { selector: 'ANY' },
        tsaUrls: [service(`${url}/api/v1/timestamp`)],
        tsaConfig: { selector: 'ANY' },
      },
    },
    received: [],
    disturb: null,
    async close() {
      await provider.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    const name = paths[request.url ?? ''];
    if (name === undefined) return void response.writeHead(404).end();
    sigstore.received.push({ service: name, body });
    const instead = sigstore.disturb?.(name, body);
    if (instead)
      return void response.writeHead(instead.status, { 'content-type': 'application/json' }).end(instead.body);
    clock.setTime(Math.floor(Date.now() / 1000) * 1000);
    const entry = { statusCode: 201, contentType: 'application/json' };
    const given =
      name === 'log'
        ? { ...entry, response: request.url?.startsWith('/api/v2') ? log.addHash(body) : log.add(body) }
        : await (name === 'authority'
            ? issue.fn(readableRequest(body, request.headers.authorization))
            : stamp.fn(body));
    response.writeHead(given.statusCode, given.contentType ? { 'content-type': given.contentType } : {});
    response.end(typeof given.response === 'string' ? given.response : Buffer.from(given.response as Uint8Array));
  }

  return sigstore;
}

const inThePast = '2020-01-01T00:00:00Z';

function logOf(baseUrl: string, publicKey: Buffer): object {
  return {
    baseUrl,
    hashAlgorithm: 'SHA2_256',
    publicKey: {
      rawBytes: publicKey.toString('base64'),
      keyDetails: 'PKIX_ECDSA_P256_SHA_256',
      validFor: { start: inThePast },
    },
    logId: { keyId: createHash('sha256').update(publicKey).digest('base64') },
  };
}

function authorityOf(uri: string, certificates: ArrayBufferView[]): object {
  return {
    subject: { organization: 'local', commonName: 'local' },
    uri,
    certChain: {
      certificates: certificates.map(({ buffer, byteOffset, byteLength }) => ({
        rawBytes: Buffer.from(buffer, byteOffset, byteLength).toString('base64'),
      })),
    },
    validFor: { start: inThePast },
  };
}

/** sigstore-python sends its request as PEM in base64, and the token in a header; the mock reads neither. */
function readableRequest(body: string, authorization = ''): string {
  const request = JSON.parse(body) as { certificateSigningRequest?: string };
  if (request.certificateSigningRequest === undefined) return body;
  const pem = Buffer.from(request.certificateSigningRequest, 'base64').toString('utf8');
  const credentials = { oidcIdentityToken: authorization.replace('Bearer ', '') };
  return JSON.stringify({ credentials, certificateSigningRequest: pem });
}
