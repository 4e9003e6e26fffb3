import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { collect } from '../../server/aibom/collect.ts';
import { writeCycloneDx } from '../../server/aibom/cyclonedx/write.ts';
import { modelFolder, safetensors } from '../../server/aibom/modelFolder.fixture.ts';
import { signBom, verifyBom } from '../../server/aibom/signature.ts';
import type { JsonObject } from '../../server/aibom/validate/document.ts';
import { runPython } from './python.ts';

const pairs: Record<string, { privateKey: KeyObject; publicKey: KeyObject }> = {
  Ed25519: generateKeyPairSync('ed25519'),
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  ES512: generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
};

describe('signatures inside bills of materials', () => {
  const out = mkdtempSync(path.join(tmpdir(), 'weighbridge-jsf-'));
  const file = (name: string, kind: string) => path.join(out, `${name}.${kind}`);
  const publicPem = (name: string) => readFileSync(file(name, 'pub.pem'), 'utf8');
  let theirs: Record<string, boolean[]> = {};

  before(async () => {
    // Letters beyond the basic plane are sorted by their UTF-16 units (RFC 8785, section 3.2.3), and numbers as ECMAScript writes them.
    const card =
      '---\nlicense: mit\nmodel_name: "modèle 🜛 \u20ac"\n---\n# M\n## Limitations\nZeile\twith "quotes", \\ and 𐐷.\n';
    const record = await collect(modelFolder({ 'model.safetensors': safetensors({ w: [2, 2] }), 'README.md': card }));
    const written = writeCycloneDx(record, { spec: '1.7', tool: { name: 'weighbridge', version: '1' } });
    const document = { ...(JSON.parse(written) as JsonObject), '\ufb33': 1e21, '😀': 0.1, a: 1e-7 };
    for (const [name, { privateKey, publicKey }] of Object.entries(pairs)) {
      const pem = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
      writeFileSync(file(name, 'key.pem'), pem);
      writeFileSync(file(name, 'pub.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
      writeFileSync(file(name, 'signed.json'), JSON.stringify(signBom(document, pem)));
    }
    theirs = JSON.parse(await runPython('verify_jsf.py', [out], '', 'venv-signing')) as Record<string, boolean[]>;
  });
  after(() => rmSync(out, { recursive: true, force: true }));

  it('are verified by other implementations of RFC 8785 and of the algorithms, and only while nothing was changed', () => {
    const expected = Object.fromEntries(Object.keys(pairs).map((name) => [name, [true, false, false]]));
    assert.deepEqual(theirs, expected);
  });

  it('are verified where those implementations have signed', () => {
    for (const name of Object.keys(pairs)) {
      const document = JSON.parse(readFileSync(file(name, 'theirs.json'), 'utf8')) as JsonObject;
      assert.deepEqual(verifyBom(document, publicPem(name)), {
        verified: true,
        algorithm: name,
        dialect: 'jsf',
        reason: null,
      });
      assert.equal(verifyBom({ ...document, version: 9 }, publicPem(name)).verified, false, name);
    }
  });
});
