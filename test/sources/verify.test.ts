import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { weighbridge } from '../cli/weighbridge.ts';
import { commit, hubWith, whole, type Content } from './hubStandIn.ts';
import { fetchedBytes, modelFiles, weightBytes, writeModel } from './remoteModel.ts';

const name = `hf://org/name@${commit}`;

describe('a signed model that lies elsewhere', { timeout: 120_000 }, () => {
  const signed = mkdtempSync(path.join(tmpdir(), 'weighbridge-signed-'));
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const key = path.join(signed, 'release.pub');
  let model: Record<string, Content>;
  before(async () => {
    writeModel(path.join(signed, 'model'));
    writeFileSync(path.join(signed, 'key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    writeFileSync(key, publicKey.export({ type: 'spki', format: 'pem' }));
    assert.equal((await weighbridge(signed, ['sign', 'model', '--key', 'key.pem'])).code, 0);
    const signature = readFileSync(path.join(signed, 'model', 'model.sig'));
    const files = { ...modelFiles, 'model.sig': signature };
    model = Object.fromEntries(Object.entries(files).map(([file, bytes]) => [file, whole(bytes)]));
  });
  after(() => rmSync(signed, { recursive: true, force: true }));

  const verified = async (context: TestContext, files: Record<string, Content>, ...args: string[]) => {
    const { folder, temporary, environment } = await hubWith(context, files);
    const outcome = await weighbridge(folder, ['verify', 'hf://org/name', ...args], environment);
    assert.deepEqual(readdirSync(temporary), []);
    assert.ok(!(outcome.stdout + outcome.stderr).includes(temporary));
    return outcome;
  };

  it('is fetched as it is hashed, and told how much that was', async (context) => {
    const { code, stdout, stderr } = await verified(context, model, '--key', key);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, new RegExp(`^verified: ${name}$`, 'm'));
    assert.ok(fetchedBytes(stdout) > 2 * weightBytes, stdout);
    const json = await verified(context, model, '--key', key, '--format', 'json');
    const report = JSON.parse(json.stdout) as {
      verified: boolean;
      source: { name: string; files: number; fetched: number };
    };
    assert.deepEqual(
      [report.verified, report.source.name, report.source.files],
      [true, name, Object.keys(model).length],
    );
    assert.ok(report.source.fetched > 2 * weightBytes);
  });

  it('is not verified where a byte, a file or the signature is not what was signed', async (context) => {
    const weights = Buffer.from(modelFiles['model.safetensors'] ?? []);
    weights[weights.length - 1] = 0;
    const changed = await verified(context, { ...model, 'model.safetensors': whole(weights) }, '--key', key);
    assert.equal(changed.code, 1);
    assert.match(changed.stdout, /changed .*model\.safetensors/);
    const more = await verified(context, { ...model, 'more.pkl': whole(Buffer.from('.')) }, '--key', key);
    assert.match(more.stdout, /1 not signed/);
    const { 'model.sig': signature, ...unsigned } = model;
    assert.ok(signature);
    const none = await verified(context, unsigned, '--key', key);
    assert.equal(none.code, 1);
    assert.match(none.stdout, new RegExp(`There is no signature ${name}/model\\.sig`));
  });

  it('is not verified where a part of it cannot be had', async (context) => {
    const broken: Content = {
      size: weightBytes,
      read: () => Buffer.alloc(0),
    };
    const failing = await verified(context, { ...model, 'model.safetensors': broken }, '--key', key);
    assert.equal(failing.code, 1);
    assert.match(failing.stdout, /The file model\.safetensors cannot be read: .*sends others/);
    const odd = await verified(context, { ...model, '../out.pkl': whole(Buffer.from('.')) }, '--key', key);
    assert.equal(odd.code, 2);
    assert.match(odd.stderr, /cannot read .*its name leads out of the source\n.*nothing is said of a part of it/s);
  });

  it('is verified where the server gives no parts of files', async (context) => {
    const { folder, environment } = await hubWith(context, model, true);
    const { code, stdout, stderr } = await weighbridge(folder, ['verify', 'hf://org/name', '--key', key], environment);
    assert.equal(code, 0, stdout + stderr);
  });

  it('is verified by whom weighbridge.yaml trusts', async (context) => {
    const { folder, environment } = await hubWith(context, model);
    const verify = () => weighbridge(folder, ['verify', 'hf://org/name'], environment);
    const nobody = await verify();
    assert.equal(nobody.code, 2);
    assert.match(nobody.stderr, /say whom you trust/);
    writeFileSync(path.join(folder, 'release.pub'), readFileSync(key));
    writeFileSync(path.join(folder, 'weighbridge.yaml'), 'version: 1\nsigning:\n  trust:\n    - keys: [release.pub]\n');
    const trusted = await verify();
    assert.equal(trusted.code, 0, trusted.stderr);
  });
});
