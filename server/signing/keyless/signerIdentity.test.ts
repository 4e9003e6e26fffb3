import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Signer } from '@sigstore/verify';
import { signerOf } from './signerIdentity.ts';

const element = (tag: number, ...content: (string | Buffer)[]): Buffer => {
  const bytes = Buffer.concat(content.map((each) => (typeof each === 'string' ? Buffer.from(each, 'utf8') : each)));
  const length = bytes.length < 0x80 ? [bytes.length] : [0x81, bytes.length];
  return Buffer.concat([Buffer.from([tag, ...length]), bytes]);
};
const email = (name: string | Buffer): Buffer => element(0x81, name);
const uri = (name: string | Buffer): Buffer => element(0x86, name);

/** A signer as the library gives it: its decoded texts, and the bytes of the certificate. */
function read(
  name: string,
  names: Buffer,
  issuer = 'https://id.example',
  issuerBytes = element(0x0c, issuer),
  oid = 8,
): ReturnType<typeof signerOf> {
  const identity = {
    subjectAlternativeName: name,
    extensions: { issuer },
    oids: [
      { oid: { id: [2, 5, 29, 17] }, value: names },
      { oid: { id: [1, 3, 6, 1, 4, 1, 57264, 1, oid] }, value: issuerBytes },
    ],
  };
  return signerOf({ key: undefined, identity } as unknown as Signer);
}

describe('whom a certificate names', () => {
  it('is its one e-mail address or URI', () => {
    assert.equal(read('ada@example.com', element(0x30, email('ada@example.com'))).identity, 'ada@example.com');
    const long = `https://github.com/${'x'.repeat(100)}`;
    assert.equal(read(long, element(0x30, uri(long))).identity, long);
  });

  it('is nobody where letters only turn into these when their eighth bit is dropped', () => {
    const disguised = Buffer.from('ada@example.com', 'latin1');
    disguised[0] = 0x61 | 0x80;
    assert.equal(disguised.toString('ascii'), 'ada@example.com', 'as the library decodes it');
    assert.equal(read('ada@example.com', element(0x30, email(disguised))).identity, null);
  });

  it('is nobody where there are several names', () => {
    for (const names of [
      [email('ada@example.com'), email('eve@example.com')],
      [uri('https://eve.example'), email('ada@example.com')],
      [],
    ]) {
      assert.equal(read('ada@example.com', element(0x30, ...names)).identity, null);
    }
  });

  it('is nobody where the certificate holds no name', () => {
    assert.equal(read('', element(0x30)).identity, null);
    assert.deepEqual(signerOf({} as unknown as Signer), { identity: null, issuer: null });
  });
});

describe('the provider that a certificate names', () => {
  const names = element(0x30, email('ada@example.com'));

  it('stands as a UTF8String, and once stood bare', () => {
    const url = 'https://id.example';
    assert.equal(read('ada@example.com', names, url).issuer, url);
    assert.equal(read('ada@example.com', names, url, Buffer.from(url), 1).issuer, url);
  });

  it('is nobody where its bytes are others', () => {
    const disguised = Buffer.from('https://id.example', 'latin1');
    disguised[8] = (disguised[8] ?? 0) | 0x80;
    assert.equal(read('ada@example.com', names, 'https://id.example', element(0x0c, disguised)).issuer, null);
  });
});
