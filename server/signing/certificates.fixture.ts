// Makes X.509 certificates for tests: every field can be wrong. Source: RFC 5280, section 4.1.
import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

export interface CertificateRequest {
  subject: string;
  /** Signs it; itself unless told. */
  issuer?: TestCertificate;
  keys?: KeyPair;
  /** Subject of the issuer that is written, when it should lie. */
  issuerName?: string;
  /** Basic constraints; none when left out. */
  ca?: boolean;
  pathLength?: number;
  /** Bit names of key usage; no extension when left out. */
  usage?: ('digitalSignature' | 'keyEncipherment' | 'keyCertSign')[];
  /** Object identifiers in DER, hexadecimal, as `codeSigning`; no extension when left out. */
  extendedUsage?: string[];
  notBefore?: string;
  notAfter?: string;
  /** A critical extension that nobody knows. */
  strangeExtension?: boolean;
}

export interface KeyPair {
  publicKey: KeyObject;
  privateKey: KeyObject;
}

export interface TestCertificate extends KeyPair {
  subject: string;
  der: Buffer;
  pem: string;
  keyPem: string;
}

export const codeSigning = '06082b06010505070303';
export const serverAuthentication = '06082b06010505070301';

export const newKeys = (namedCurve = 'P-256'): KeyPair => generateKeyPairSync('ec', { namedCurve });

export function issue(request: CertificateRequest): TestCertificate {
  const keys = request.keys ?? newKeys();
  const signer = request.issuer?.privateKey ?? keys.privateKey;
  const algorithm = sequence(Buffer.from('06082a8648ce3d040302', 'hex')); // ecdsa-with-SHA256
  const body = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.concat([Buffer.of(1), randomBytes(8)])),
    algorithm,
    nameOf(request.issuerName ?? request.issuer?.subject ?? request.subject),
    sequence(time(request.notBefore ?? '2020-01-01'), time(request.notAfter ?? '2099-01-01')),
    nameOf(request.subject),
    keys.publicKey.export({ type: 'spki', format: 'der' }),
    ...extensionsOf(request),
  );
  const bytes = sequence(body, algorithm, bits(sign('sha256', body, signer)));
  const base64 = (bytes.toString('base64').match(/.{1,64}/g) ?? []).join('\n');
  return {
    ...keys,
    subject: request.subject,
    der: bytes,
    pem: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
    keyPem: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** A root, an authority below it, and a signing certificate, as they should be. */
export function issueChain(keys: KeyPair = newKeys()): Record<'root' | 'intermediate' | 'leaf', TestCertificate> {
  const root = issue({ subject: 'root', ca: true, usage: ['keyCertSign'] });
  const intermediate = issue({ subject: 'authority', issuer: root, ca: true, usage: ['keyCertSign'] });
  const leaf = issue({ subject: 'signer', issuer: intermediate, keys, usage: ['digitalSignature'] });
  return { root, intermediate, leaf };
}

function extensionsOf({ ca, pathLength, usage, extendedUsage, strangeExtension }: CertificateRequest): Buffer[] {
  const extensions: Buffer[] = [];
  if (ca !== undefined) {
    const limit = pathLength === undefined ? [] : [der(0x02, Buffer.of(pathLength))];
    extensions.push(extension('0603551d13', true, sequence(...(ca ? [der(0x01, Buffer.of(0xff)), ...limit] : []))));
  }
  if (usage) {
    const bit = { digitalSignature: 0x80, keyEncipherment: 0x20, keyCertSign: 0x04 };
    const value = usage.reduce((sum, name) => sum | bit[name], 0);
    extensions.push(extension('0603551d0f', true, der(0x03, Buffer.of(0, value))));
  }
  if (extendedUsage) {
    extensions.push(extension('0603551d25', false, sequence(...extendedUsage.map((hex) => Buffer.from(hex, 'hex')))));
  }
  if (strangeExtension) extensions.push(extension('06032a0304', true, der(0x05, Buffer.alloc(0))));
  return extensions.length === 0 ? [] : [der(0xa3, sequence(...extensions))];
}

function extension(oid: string, critical: boolean, value: Buffer): Buffer {
  return sequence(Buffer.from(oid, 'hex'), ...(critical ? [der(0x01, Buffer.of(0xff))] : []), der(0x04, value));
}

function nameOf(commonName: string): Buffer {
  return sequence(der(0x31, sequence(Buffer.from('0603550403', 'hex'), der(0x0c, Buffer.from(commonName)))));
}

function time(day: string): Buffer {
  const digits = `${day.replaceAll('-', '')}000000Z`;
  return day < '2050' ? der(0x17, Buffer.from(digits.slice(2))) : der(0x18, Buffer.from(digits));
}

const bits = (content: Buffer): Buffer => der(0x03, Buffer.concat([Buffer.of(0), content]));

const sequence = (...parts: Buffer[]): Buffer => der(0x30, Buffer.concat(parts));

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}
