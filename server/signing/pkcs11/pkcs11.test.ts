import assert from 'node:assert/strict';
import { sign, type KeyObject } from 'node:crypto';
import { test } from 'node:test';
import { newKeys } from '../certificates.fixture.ts';
import { childrenOf, readDer } from '../der.ts';
import { signatureHolds } from '../keys.ts';
import { keySigner } from '../signers.ts';
import { folderOf, testTrust } from '../signedModel.fixture.ts';
import { signModel } from '../signModel.ts';
import { verifyModel } from '../verifyModel.ts';
import { openPkcs11Key } from './pkcs11Key.ts';
import type { Pkcs11Library } from './pkcs11Library.ts';
import { parsePkcs11Uri } from './pkcs11Uri.ts';

/** A device in memory, with one key, that answers as SoftHSM does. It signs hashes with ECDSA, r and s one after the other. */
class Device implements Pkcs11Library {
  readonly keys = newKeys('P-384');
  readonly calls: string[] = [];
  #found: Buffer[] = [];
  #privateKey: KeyObject | null = null;

  load(path: string): void {
    this.calls.push(`load ${path}`);
  }
  C_Initialize(): void {}
  C_Finalize(): void {
    this.calls.push('finalize');
  }
  close(): void {}
  C_GetSlotList(): Buffer[] {
    return [slot(1), slot(2)];
  }
  C_GetTokenInfo(handle: Buffer) {
    return {
      label: handle[0] === 1 ? 'models'.padEnd(32) : 'other'.padEnd(32),
      serialNumber: `${handle[0]}`.padEnd(16),
    };
  }
  C_OpenSession(): Buffer {
    return Buffer.of(7);
  }
  C_CloseSession(): void {
    this.calls.push('close');
  }
  C_Login(_session: Buffer, _user: number, pin: string): void {
    if (pin !== '1234') throw new Error('CKR_PIN_INCORRECT');
  }
  C_FindObjectsInit(_session: Buffer, template: { type: number; value: number | string | Buffer }[]): void {
    const label = template.find(({ type }) => type === 3)?.value;
    this.#found = label === 'signing' ? [Buffer.of(1)] : label === 'twice' ? [Buffer.of(1), Buffer.of(2)] : [];
  }
  C_FindObjects(): Buffer[] {
    return this.#found;
  }
  C_FindObjectsFinal(): void {}
  C_GetAttributeValue() {
    const [algorithm, bits] = childrenOf(readDer(this.keys.publicKey.export({ type: 'spki', format: 'der' })));
    assert.ok(algorithm && bits);
    const point = bits.content.subarray(1);
    return [
      { type: 0x180, value: childrenOf(algorithm)[1]?.whole ?? Buffer.alloc(0) },
      { type: 0x181, value: Buffer.concat([Buffer.of(4, point.length), point]) },
    ];
  }
  C_SignInit(): void {
    this.#privateKey = this.keys.privateKey;
  }
  /** Node hashes what it signs, so that the device is given the message by the test. */
  message: Buffer = Buffer.alloc(0);
  C_Sign(): Buffer {
    assert.ok(this.#privateKey);
    return sign('sha384', this.message, { key: this.#privateKey, dsaEncoding: 'ieee-p1363' });
  }
}

const slot = (id: number): Buffer => {
  const handle = Buffer.alloc(8);
  handle.writeBigUInt64LE(BigInt(id));
  return handle;
};

const uri = (attributes: string) => parsePkcs11Uri(`pkcs11:${attributes}?module-path=/usr/lib/device.so`);
const pin = () => Promise.resolve('1234');

test('a key in a device signs, and the session ends', async (context) => {
  const device = new Device();
  const key = await openPkcs11Key(device, uri('token=models;object=signing'), pin);
  const signatures = new Set<number>();
  // Numbers are of different lengths in DER: some begin with a high bit, some with zeros.
  for (let round = 0; round < 40; round++) {
    device.message = Buffer.from(`message ${round}`);
    const signature = await key.sign(device.message);
    assert.ok(signatureHolds(device.keys.publicKey, device.message, signature));
    signatures.add(signature.length);
  }
  assert.ok(signatures.size > 1);
  const signer = keySigner({ ...key, sign: (data) => ((device.message = data), key.sign(data)) });
  const model = folderOf(context, { weights: 'w' });
  await signModel({ model, signer });
  const publicKey = device.keys.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  assert.equal((await verifyModel({ model, trust: { method: 'key', publicKey } })).verified, true);
  assert.equal((await verifyModel({ model, trust: testTrust })).verified, false);
  await signer.dispose?.();
  assert.deepEqual(device.calls, ['load /usr/lib/device.so', 'close', 'finalize']);
});

test('what does not fit is told, and leaves no session behind', async () => {
  const cases: [string, () => Promise<string>, RegExp][] = [
    ['token=nobody;object=signing', pin, /No token/],
    ['object=signing', pin, /Several tokens/],
    ['token=models;object=absent', pin, /no private key/],
    ['token=models;object=twice', pin, /Several keys/],
    ['token=models;object=signing', () => Promise.resolve('0'), /log in \(is the PIN right\?\): CKR_PIN_INCORRECT/],
  ];
  for (const [attributes, enter, message] of cases) {
    const device = new Device();
    await assert.rejects(openPkcs11Key(device, uri(attributes), enter), { name: 'WeighbridgeError', message });
    assert.equal(device.calls.at(-1), 'finalize');
  }
});

test('URIs as RFC 7512 writes them; a PIN in one is refused and not repeated', () => {
  const full = parsePkcs11Uri(
    'pkcs11:token=My%20token;id=%01%ff;slot-id=3;serial=9?module-path=/a.so&pin-source=file:/run/pin',
  );
  assert.deepEqual(full, {
    modulePath: '/a.so',
    token: 'My token',
    serial: '9',
    slotId: 3,
    object: null,
    id: Buffer.of(1, 0xff),
    pinSource: '/run/pin',
  });
  for (const wrong of [
    'object=a',
    'pkcs11:object=a',
    'pkcs11:token=a?module-path=/a.so',
    'pkcs11:object=a;object=b?module-path=/a.so',
    'pkcs11:object?module-path=/a.so',
    'pkcs11:object=a;slot-id=x?module-path=/a.so',
    'pkcs11:object=a?module-path=/a.so&pin-source=pin.txt',
    'pkcs11:object=a?module-path=/a.so&pin-value=hidden',
  ]) {
    assert.throws(
      () => parsePkcs11Uri(wrong),
      (error: Error) => error.name === 'WeighbridgeError' && !error.message.includes('hidden'),
    );
  }
});
