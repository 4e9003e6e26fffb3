import { WeighbridgeError } from '../../errors.ts';

/** Where a key lies in a PKCS #11 device. Source: RFC 7512. */
export interface Pkcs11Uri {
  /** The vendor's library, absolute. */
  modulePath: string;
  token: string | null;
  serial: string | null;
  slotId: number | null;
  /** Label and identifier of the key; at least one is given. */
  object: string | null;
  id: Buffer | null;
  /** File that holds the PIN. */
  pinSource: string | null;
}

/**
 * Reads `pkcs11:token=...;object=...?module-path=...`.
 * @throws {WeighbridgeError} `bad-usage`; the message does not hold the URI, which may hold a PIN.
 */
export function parsePkcs11Uri(text: string): Pkcs11Uri {
  const match = /^pkcs11:([^?]*)(?:\?(.*))?$/s.exec(text);
  if (!match) throw wrong('it must begin with "pkcs11:"');
  const path = attributes(match[1] ?? '', ';');
  const query = attributes(match[2] ?? '', '&');
  if (query.has('pin-value')) {
    throw wrong(
      'a PIN in an argument is seen by every process: use pin-source=file:..., WEIGHBRIDGE_PKCS11_PIN, or the prompt',
    );
  }
  const modulePath = query.get('module-path')?.toString('utf8');
  if (!modulePath) throw wrong('it needs module-path, the library of the device');
  const object = path.get('object')?.toString('utf8') ?? null;
  const id = path.get('id') ?? null;
  if (object === null && id === null) throw wrong('it needs object (the label of the key) or id');
  const slot = path.get('slot-id')?.toString('utf8');
  if (slot !== undefined && !/^\d{1,10}$/.test(slot)) throw wrong('slot-id is no number');
  return {
    modulePath,
    token: path.get('token')?.toString('utf8') ?? null,
    serial: path.get('serial')?.toString('utf8') ?? null,
    slotId: slot === undefined ? null : Number(slot),
    object,
    id,
    pinSource: pinFile(query.get('pin-source')?.toString('utf8')),
  };
}

/** Values are percent-encoded bytes: identifiers are no text. */
function attributes(text: string, separator: string): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (const part of text.split(separator)) {
    if (part === '') continue;
    const at = part.indexOf('=');
    if (at <= 0) throw wrong('an attribute has no value');
    const name = part.slice(0, at);
    if (found.has(name)) throw wrong(`${name} stands twice`);
    found.set(name, decoded(part.slice(at + 1)));
  }
  return found;
}

function decoded(value: string): Buffer {
  const pieces = value.split(/%([0-9A-Fa-f]{2})/);
  return Buffer.concat(
    pieces.map((piece, index) => (index % 2 === 1 ? Buffer.from(piece, 'hex') : Buffer.from(piece))),
  );
}

function pinFile(source: string | undefined): string | null {
  if (source === undefined) return null;
  const path = source.replace(/^file:(?:\/\/)?/, '');
  if (path.startsWith('/')) return path;
  throw wrong('pin-source must name a file by its absolute path');
}

const wrong = (why: string): WeighbridgeError =>
  new WeighbridgeError('bad-usage', `The PKCS #11 URI cannot be used: ${why}.`);
