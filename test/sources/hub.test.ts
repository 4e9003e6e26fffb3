import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { givePart, standIn } from '../../server/sources/standIn.fixture.ts';
import { weighbridge } from '../cli/weighbridge.ts';
import { commit, hubWith, token, whole, type Content } from './hubStandIn.ts';
import { expected, foundIn, modelFiles, scanned, weightBytes } from './remoteModel.ts';

/** A safetensors file of 100 GB, which exists as far as it is read. */
function huge(): Content {
  const bytes = 100 * 2 ** 30;
  const header = JSON.stringify({ weight: { dtype: 'U8', shape: [bytes], data_offsets: [0, bytes] } });
  const start = Buffer.alloc(8 + header.length);
  start.writeBigUInt64LE(BigInt(header.length));
  start.write(header, 8);
  return {
    size: start.length + bytes,
    read: (from, to) => {
      const part = Buffer.from(Array.from({ length: to - from }, (_, index) => (from + index) % 251));
      if (from < start.length) start.copy(part, 0, from);
      return part;
    },
  };
}

const model = Object.fromEntries(Object.entries(modelFiles).map(([name, bytes]) => [name, whole(bytes)]));

describe('a model on a hub', { timeout: 300_000 }, () => {
  it('is judged by its headers and pickles, at the commit that the revision comes to', async (context) => {
    const { hub, store, folder, temporary, environment } = await hubWith(context, {
      ...model,
      'huge.safetensors': huge(),
    });
    const { code, stdout, stderr, report } = await scanned(folder, 'hf://org/name', environment);
    assert.equal(code, 1, stderr);
    assert.deepEqual(foundIn(report), expected);
    assert.deepEqual(report.errors, []);
    assert.ok(report.artifacts.every(({ complete }) => complete));
    const name = `hf://org/name@${commit}`;
    assert.equal(report.sources[0]?.name, name);
    const artifact = report.artifacts.find(({ path: file }) => file === `${name}/huge.safetensors`);
    assert.equal(artifact?.format, 'safetensors');
    assert.ok(artifact.size > 100 * 2 ** 30);

    const parts = store.asked.map(({ range }) => /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? []);
    const bytes = parts.reduce((sum, [, from, to]) => sum + Number(to) - Number(from) + 1, 0);
    assert.ok(bytes < weightBytes / 4, `${bytes} bytes were asked for`);
    assert.ok(hub.asked.length > 0 && store.asked.every(({ authorization }) => authorization === undefined));
    assert.doesNotMatch(stdout + stderr, new RegExp(token));
    assert.deepEqual(readdirSync(temporary), []);
  });

  it('is named in text and SARIF, and inspected by one file of it', async (context) => {
    const { folder, environment } = await hubWith(context, model);
    const text = await weighbridge(folder, ['scan', 'hf://org/name@main'], environment);
    assert.match(text.stdout, new RegExp(`Read hf://org/name@${commit}: [\\d.]+ kB of 12\\.6 MB, in \\d+ requests\\.`));
    const sarif = await weighbridge(folder, ['scan', 'hf://org/name', '--format', 'sarif'], environment);
    assert.ok(sarif.stdout.includes(`"uri": "hf://org/name@${commit}/weights/pytorch_model.bin"`));
    const one = 'hf://org/name/weights/pytorch_model.bin';
    const inspected = await weighbridge(folder, ['inspect', one, '--disassemble'], environment);
    assert.equal(inspected.code, 0, inspected.stderr);
    assert.match(
      inspected.stdout,
      new RegExp(`^hf://org/name@${commit}/weights/pytorch_model\\.bin: torch-zip, 6\\.3 MB`),
    );
    assert.match(inspected.stdout, /GLOBAL os system/);
    const several = await weighbridge(folder, ['inspect', 'hf://org/name'], environment);
    assert.equal(several.code, 2);
    assert.match(several.stderr, /holds 4 files: name one of them, such as hf:/);
  });

  it('is joined from the reports of its parts, byte for byte', async (context) => {
    const { folder, environment } = await hubWith(context, model);
    const whole = await scanned(folder, 'hf://org/name', environment);
    const names = ['1.json', '2.json'];
    for (const [at, name] of names.entries()) {
      const args = ['--shard', `${at + 1}/2`, '--format', 'json', '--fail-on', 'never', '--output', name];
      assert.equal((await weighbridge(folder, ['scan', 'hf://org/name', ...args], environment)).code, 0);
    }
    assert.equal((await weighbridge(folder, ['merge', ...names])).stdout, whole.stdout);
  });

  it('is read from the start where the store gives no parts, and told where bytes are missing', async (context) => {
    const { folder, store, environment } = await hubWith(context, model, true);
    const { report } = await scanned(folder, 'hf://org/name', environment);
    assert.deepEqual(foundIn(report), expected);
    const asked = store.asked.filter(({ path: file }) => file === '/model.safetensors');
    assert.equal(asked.length, 1);

    const short = await hubWith(context, {
      ...model,
      'model.safetensors': { size: weightBytes, read: (from, to) => Buffer.alloc(Math.min(9, to - from)) },
    });
    const cut = await scanned(short.folder, 'hf://org/name', short.environment);
    assert.deepEqual(
      foundIn(cut.report).filter((each) => !expected.includes(each)),
      ['file/incomplete model.safetensors'],
    );
    const artifact = cut.report.artifacts.find(({ path: file }) => file.endsWith('/model.safetensors'));
    assert.equal(artifact?.complete, false);
  });

  it('accepts by a baseline that outlives the commit, and by nothing that lies in the model', async (context) => {
    const { folder, environment } = await hubWith(context, {
      ...model,
      '.gitignore': whole(Buffer.from('*\n')),
      'weighbridge.yaml': whole(Buffer.from('rules: { "pickle/*": off }\n')),
    });
    const first = await scanned(folder, 'hf://org/name', environment);
    assert.deepEqual(foundIn(first.report), expected);
    const accepted = ['scan', 'hf://org/name', '--baseline', 'accepted.json', '--update-baseline'];
    assert.equal((await weighbridge(folder, accepted, environment)).code, 0);
    const again = await scanned(folder, 'hf://org/name', environment, '--baseline', 'accepted.json');
    assert.equal(again.code, 0);
    assert.deepEqual(again.report.findings, []);
  });

  it('fetches weights to verify a signature, and only where somebody is trusted to sign', async (context) => {
    const signed = mkdtempSync(path.join(tmpdir(), 'weighbridge-signed-'));
    context.after(() => rmSync(signed, { recursive: true, force: true }));
    const { writeModel } = await import('./remoteModel.ts');
    writeModel(path.join(signed, 'model'));
    const { generateKeyPairSync } = await import('node:crypto');
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    writeFileSync(path.join(signed, 'key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    assert.equal((await weighbridge(signed, ['sign', 'model', '--key', 'key.pem'])).code, 0);
    const { readFileSync } = await import('node:fs');
    const signature = whole(readFileSync(path.join(signed, 'model', 'model.sig')));

    const { folder, store, environment } = await hubWith(context, { ...model, 'model.sig': signature });
    const isWhole = () =>
      store.asked.reduce((sum, { range }) => {
        const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
        return sum + Number(to) - Number(from) + 1;
      }, 0) >
      2 * weightBytes;
    await scanned(folder, 'hf://org/name', environment);
    assert.ok(!isWhole());

    writeFileSync(path.join(folder, 'release.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
    writeFileSync(path.join(folder, 'weighbridge.yaml'), 'version: 1\nsigning:\n  trust:\n    - keys: [release.pub]\n');
    const good = await scanned(folder, 'hf://org/name', environment);
    assert.ok(isWhole());
    assert.ok(
      !good.report.findings.some(({ ruleId }) => ruleId.startsWith('model/') && /sign/.test(ruleId)),
      good.stdout,
    );

    const weights = Buffer.from(modelFiles['model.safetensors'] ?? []);
    weights[weights.length - 1] = 0;
    const changed = await hubWith(context, { ...model, 'model.safetensors': whole(weights), 'model.sig': signature });
    writeFileSync(path.join(changed.folder, 'release.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
    writeFileSync(
      path.join(changed.folder, 'weighbridge.yaml'),
      'version: 1\nsigning:\n  trust:\n    - keys: [release.pub]\n',
    );
    const bad = await scanned(changed.folder, 'hf://org/name', changed.environment);
    assert.ok(
      bad.report.findings.some(({ message }) => /model\.safetensors/.test(message) && /chang|sign/.test(message)),
      bad.stdout,
    );
  });

  it('says what is wrong with the address, the token and the network', async (context) => {
    const { folder, environment } = await hubWith(context, model);
    const cases: [string, NodeJS.ProcessEnv, RegExp][] = [
      ['hf://org/other', environment, /other\/revision\/main does not have it \(404\)/],
      ['hf://org/name/none.bin', environment, /has no file none\.bin/],
      [
        'hf://org/name',
        { ...environment, HF_TOKEN: 'hf_wrong' },
        /asks for credentials \(401\), or does not take those/,
      ],
      ['hf://org/name', { ...environment, HF_HUB_OFFLINE: '1' }, /HF_HUB_OFFLINE is set/],
      ['hf://org', environment, /no usable address: write hf:/],
      [
        'http://127.0.0.1:9/model.pt',
        environment,
        /model\.pt cannot be reached: port 9 is one that is never asked for web pages/,
      ],
      ['https://nowhere.invalid/model.pt', environment, /cannot be reached: /],
    ];
    for (const [address, env, told] of cases) {
      const { code, stderr } = await weighbridge(folder, ['scan', address], { HOME: folder, ...env });
      assert.equal(code, 2);
      assert.match(stderr, told);
      assert.equal(stderr.trim().split('\n').length, 1);
      assert.doesNotMatch(stderr, /hf_/);
    }
  });
});

describe('a file at an address', { timeout: 120_000 }, () => {
  it('is scanned and inspected, with the password of the address in nothing that is printed', async (context) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-web-'));
    context.after(() => rmSync(folder, { recursive: true, force: true }));
    const content = Buffer.from(modelFiles['weights/pytorch_model.bin'] ?? []);
    const { origin, asked } = await standIn(context, (request, response) => {
      const sent = Buffer.from('reader:pass').toString('base64');
      if (request.headers.authorization !== `Basic ${sent}`) return response.writeHead(401).end();
      return givePart(request, response, content);
    });
    const address = `${origin.replace('//', '//reader:pass@')}/models/model.bin?X-Amz-Signature=abc`;
    const { code, stdout, stderr, report } = await scanned(folder, address, {});
    assert.equal(code, 1, stderr);
    assert.equal(report.artifacts[0]?.path, `${origin}/models/model.bin`);
    assert.deepEqual(foundIn(report), ['pickle/dangerous-import model.bin']);
    assert.doesNotMatch(stdout + stderr, /pass|X-Amz/);
    assert.ok(asked.every(({ range }) => range !== undefined));
  });

  it('is named without the password and the signature where its length is told and its bytes are not', async (context) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-web-'));
    context.after(() => rmSync(folder, { recursive: true, force: true }));
    const { origin } = await standIn(context, (request, response) => {
      if (request.headers.range === 'bytes=0-0') return givePart(request, response, Buffer.alloc(9));
      return response.writeHead(403).end();
    });
    const address = `${origin.replace('//', '//reader:pass@')}/models/model.bin?X-Amz-Signature=abc`;
    for (const command of ['inspect', 'scan']) {
      const { code, stdout, stderr } = await weighbridge(folder, [command, address]);
      assert.equal(code, 2);
      assert.match(stderr, /cannot (?:be )?read.*\/models\/model\.bin/s);
      assert.doesNotMatch(stdout + stderr, /pass|X-Amz/);
    }
  });

  it('is asked for by the proxy of the environment, and not by it where that says so', async (context) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-web-'));
    context.after(() => rmSync(folder, { recursive: true, force: true }));
    const content = Buffer.from(modelFiles['weights/pytorch_model.bin'] ?? []);
    const { origin } = await standIn(context, (request, response) => givePart(request, response, content));
    const tunnels: string[] = [];
    const pass = `Basic ${Buffer.from('me:geheim').toString('base64')}`;
    const proxy = createServer().on('connect', (request, socket) => {
      if (request.headers['proxy-authorization'] !== pass)
        return socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
      tunnels.push(request.url ?? '');
      const { hostname, port } = new URL(`http://${request.url}`);
      const through = connect(Number(port), hostname, () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
      through.pipe(socket).pipe(through);
      for (const end of [through, socket]) end.on('error', () => through.destroy());
      return socket;
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    context.after(() => proxy.close());
    const at = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const scan = (environment: NodeJS.ProcessEnv) =>
      weighbridge(folder, ['scan', `${origin}/model.bin`, '--fail-on', 'never'], { NO_PROXY: '', ...environment });
    const by = await scan({ HTTP_PROXY: `http://me:geheim@${at}` });
    assert.equal(by.code, 0, by.stderr);
    assert.deepEqual([...new Set(tunnels)], [new URL(origin).host]);
    const count = tunnels.length;
    const past = await scan({ HTTP_PROXY: `http://me:geheim@${at}`, NO_PROXY: '127.0.0.1' });
    assert.deepEqual([past.code, tunnels.length], [0, count]);
    const refused = await scan({ http_proxy: `http://me:wrong@${at}` });
    assert.match(refused.stderr, /cannot be reached: the proxy answers with status 407/);
    const none = await scan({ HTTP_PROXY: 'socks4://geheim@x' });
    assert.match(none.stderr, /HTTP_PROXY or ALL_PROXY says is no address of a proxy/);
    for (const { stdout, stderr } of [by, past, refused, none]) assert.doesNotMatch(stdout + stderr, /geheim|wrong/);
  });

  it('is not read where nobody says how long it is', async (context) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-web-'));
    context.after(() => rmSync(folder, { recursive: true, force: true }));
    const { origin } = await standIn(context, (_request, response) => {
      response.writeHead(200);
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(1 << 16)));
      };
      response.on('drain', more);
      more();
    });
    const { code, stderr } = await weighbridge(folder, ['scan', `${origin}/endless.pkl`]);
    assert.equal(code, 2);
    assert.match(stderr, /does not say how long it is, and a file without an end is not read/);
  });
});
