import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { WeighbridgeError } from '../../errors.ts';
import { algorithmOf } from '../keys.ts';
import type { SigningKey } from '../signers.ts';
import type { Pkcs11Library } from './pkcs11Library.ts';
import type { Pkcs11Uri } from './pkcs11Uri.ts';

/** Numbers of PKCS #11 2.40, section A. */
const pkcs11 = {
  CKF_SERIAL_SESSION: 4,
  CKU_USER: 1,
  CKA_CLASS: 0,
  CKA_LABEL: 3,
  CKA_ID: 0x102,
  CKA_EC_PARAMS: 0x180,
  CKA_EC_POINT: 0x181,
  CKO_PUBLIC_KEY: 2,
  CKO_PRIVATE_KEY: 3,
  CKM_ECDSA: 0x1041,
} as const;

/** The algorithm identifier id-ecPublicKey, DER. Source: RFC 5480, section 2.1.1. */
const ecPublicKey = Buffer.from('06072a8648ce3d0201', 'hex');

/**
 * Opens an elliptic-curve key in a device; it never leaves it. `dispose` ends the session.
 * @param pin of the user; asked for once.
 * @throws {WeighbridgeError} `not-found`, `bad-input` or `refused`, saying what the device answered.
 */
export async function openPkcs11Key(
  library: Pkcs11Library,
  uri: Pkcs11Uri,
  pin: () => Promise<string>,
): Promise<SigningKey> {
  attempt('load its library', () => {
    library.load(uri.modulePath);
    library.C_Initialize();
  });
  let session: Buffer | null = null;
  const close = (): void => {
    try {
      if (session) library.C_CloseSession(session);
      library.C_Finalize();
      library.close();
    } catch {
      // The device is gone already.
    }
  };
  try {
    const opened = attempt('open a session', () =>
      library.C_OpenSession(slotOf(library, uri), pkcs11.CKF_SERIAL_SESSION),
    );
    session = opened;
    const secret = await pin();
    attempt('log in (is the PIN right?)', () => library.C_Login(opened, pkcs11.CKU_USER, secret));
    const privateKey = find(library, opened, pkcs11.CKO_PRIVATE_KEY, uri, 'private key');
    const publicKey = publicKeyOf(library, opened, find(library, opened, pkcs11.CKO_PUBLIC_KEY, uri, 'public key'));
    const digest = algorithmOf(publicKey)?.digest;
    if (!digest || publicKey.asymmetricKeyType !== 'ec') {
      throw new WeighbridgeError('bad-input', 'The key in the device is not of P-256, P-384 or P-521.');
    }
    return {
      publicKey,
      sign(data) {
        const hash = createHash(digest).update(data).digest();
        const plain = attempt('sign', () => {
          library.C_SignInit(opened, { mechanism: pkcs11.CKM_ECDSA }, privateKey);
          return library.C_Sign(opened, hash, Buffer.alloc(256));
        });
        return Promise.resolve(derSignature(plain));
      },
      dispose: () => Promise.resolve(close()),
    };
  } catch (error) {
    close();
    throw error;
  }
}

function slotOf(library: Pkcs11Library, { token, serial, slotId }: Pkcs11Uri): Buffer {
  const slots = library.C_GetSlotList(true).filter((slot) => {
    const info = library.C_GetTokenInfo(slot);
    // Names are padded with blanks to a fixed length.
    if (token !== null && info.label.replace(/[\0 ]+$/, '') !== token) return false;
    if (serial !== null && info.serialNumber.replace(/[\0 ]+$/, '') !== serial) return false;
    return slotId === null || Number(slot.readBigUInt64LE(0)) === slotId;
  });
  const [slot] = slots;
  if (slot && slots.length === 1) return slot;
  throw new WeighbridgeError(
    'not-found',
    slot ? 'Several tokens fit the PKCS #11 URI: name one by token or serial.' : 'No token fits the PKCS #11 URI.',
  );
}

function find(library: Pkcs11Library, session: Buffer, kind: number, { object, id }: Pkcs11Uri, what: string): Buffer {
  const template: { type: number; value: number | string | Buffer }[] = [{ type: pkcs11.CKA_CLASS, value: kind }];
  if (object !== null) template.push({ type: pkcs11.CKA_LABEL, value: object });
  if (id !== null) template.push({ type: pkcs11.CKA_ID, value: id });
  const found = attempt(`look for the ${what}`, () => {
    library.C_FindObjectsInit(session, template);
    const objects = library.C_FindObjects(session, 2);
    library.C_FindObjectsFinal(session);
    return objects;
  });
  const [first] = found;
  if (first && found.length === 1) return first;
  throw new WeighbridgeError(
    'not-found',
    first
      ? `Several keys fit the PKCS #11 URI: name one by id.`
      : `There is no ${what} in the device that fits the PKCS #11 URI.`,
  );
}

function publicKeyOf(library: Pkcs11Library, session: Buffer, object: Buffer): KeyObject {
  const values = attempt('read the public key', () =>
    library.C_GetAttributeValue(session, object, [{ type: pkcs11.CKA_EC_PARAMS }, { type: pkcs11.CKA_EC_POINT }]),
  );
  const [parameters, point] = values.map(({ value }) => value);
  // The point comes as an OCTET STRING, of which the content goes into the key (PKCS #11 2.40, section 2.3.3).
  const start = (point?.[1] ?? 0) < 0x80 ? 2 : 2 + ((point?.[1] ?? 0) & 0x7f);
  const bits = element(0x03, Buffer.concat([Buffer.of(0), point?.subarray(start) ?? Buffer.alloc(0)]));
  const der = element(
    0x30,
    Buffer.concat([element(0x30, Buffer.concat([ecPublicKey, parameters ?? Buffer.alloc(0)])), bits]),
  );
  try {
    return createPublicKey({ key: der, format: 'der', type: 'spki' });
  } catch (cause) {
    throw new WeighbridgeError('bad-input', 'The key in the device is no key of a known elliptic curve.', { cause });
  }
}

/** Devices give r and s one after the other; envelopes hold them as ASN.1. */
function derSignature(plain: Buffer): Buffer {
  const half = plain.length / 2;
  return element(0x30, Buffer.concat([integer(plain.subarray(0, half)), integer(plain.subarray(half))]));
}

function integer(bytes: Buffer): Buffer {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const value = bytes.subarray(start);
  // A high first bit would make it negative.
  return element(0x02, (value[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), value]) : value);
}

function element(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}

function attempt<T>(what: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    if (cause instanceof WeighbridgeError) throw cause;
    throw new WeighbridgeError('refused', `The device did not ${what}: ${(cause as Error).message}.`, { cause });
  }
}
