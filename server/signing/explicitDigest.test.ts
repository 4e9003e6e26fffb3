import assert from 'node:assert/strict';
import crypto, { generateKeyPairSync, sign, verify } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import './explicitDigest.ts';

const data = Buffer.from('data');

describe('crypto.verify without a digest', () => {
  for (const [namedCurve, digest] of [
    ['P-256', 'sha256'],
    ['P-384', 'sha384'],
    ['P-521', 'sha512'],
  ] as const) {
    it(`takes ${digest} with ${namedCurve}`, () => {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve });
      const signature = sign(digest, data, privateKey);
      const pem = publicKey.export({ format: 'pem', type: 'spki' });
      for (const key of [publicKey, pem, { key: publicKey, dsaEncoding: 'der' as const }, { key: pem }]) {
        assert.equal(crypto.verify(undefined, data, key, signature), true);
        assert.equal(verify(null, data, key, signature), true, 'for those who import it by name');
        assert.equal(crypto.verify(undefined, Buffer.from('other'), key, signature), false);
      }
    });
  }

  it('takes sha256 with RSA, and leaves Ed25519 alone', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    assert.equal(crypto.verify(undefined, data, rsa.publicKey, sign('sha256', data, rsa.privateKey)), true);
    const edwards = generateKeyPairSync('ed25519');
    assert.equal(crypto.verify(undefined, data, edwards.publicKey, sign(null, data, edwards.privateKey)), true);
  });

  it('still takes the digest that is named, and a callback', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    const signature = sign('sha256', data, privateKey);
    assert.equal(crypto.verify('sha256', data, publicKey, signature), true);
    assert.equal(crypto.verify(undefined, data, publicKey, signature), false);
    const answer = await new Promise((resolve, reject) => {
      crypto.verify('sha256', data, publicKey, signature, (error, result) => (error ? reject(error) : resolve(result)));
    });
    assert.equal(answer, true);
  });
});

it('stands beside every use of the libraries that verify', () => {
  const server = join(import.meta.dirname, '..');
  const users = readdirSync(server, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/\.(?:test|fixture)\.ts$/.test(file))
    .filter((file) =>
      /^import (?!type)[^;]*'@sigstore\/(?:verify|tuf)'/m.test(readFileSync(join(server, file), 'utf8')),
    );
  assert.ok(users.length >= 3, 'the pattern finds the users');
  for (const file of users) {
    assert.match(readFileSync(join(server, file), 'utf8'), /^import '[./]+explicitDigest\.ts';$/m, file);
  }
});
