import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { after, before, describe, it, type TestContext } from 'node:test';
import nodePath from 'node:path';
import { dangerousPickle, harmlessPickle } from '../../server/engine/workspace.fixture.ts';
import { defaultConfiguration } from '../../server/engine/configuration.ts';
import { decide } from '../../server/fleet/admission/decide.ts';
import { connect } from '../../server/fleet/jobQueue.ts';
import { ruleSetOf } from '../../server/fleet/ruleSet.ts';
import { ResultStore } from '../../server/fleet/store/resultStore.ts';
import { defaultLimits } from '../../server/formats/limits.ts';
import { givePart, standIn } from '../../server/sources/standIn.fixture.ts';
import { hubWith, token, whole } from '../sources/hubStandIn.ts';
import { password, startRegistry, title, type OciRegistry } from '../sources/ociRegistry.ts';
import { modelFiles, weightBytes } from '../sources/remoteModel.ts';
import { keys, startS3Store, type S3Store } from '../sources/s3Store.ts';
import { fleetOf as newFleet, kinds } from './fleetOf.ts';
import { startRedis, type Service } from './services.ts';

const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');
/** Weights with a dangerous pickle among them, too long to be fetched whole. */
const weights = modelFiles['weights/pytorch_model.bin'] ?? Buffer.of();
/** Bytes that are worth no request for a part of them, after a pickle. */
const padded = (pickle: string | Uint8Array, bytes = 300 << 10): Buffer =>
  Buffer.concat([Buffer.from(pickle as string, 'latin1'), Buffer.alloc(bytes)]);

describe('a fleet and sources that are no folders', { timeout: 600_000 }, () => {
  const folder = mkdtempSync(nodePath.join(tmpdir(), 'weighbridge-fleet-'));
  let redis: Service;
  let store: S3Store;
  let registry: OciRegistry;
  before(async () => {
    // One after another: a port that is free is not taken twice.
    redis = await startRedis();
    store = await startS3Store(folder);
    registry = await startRegistry(folder);
  });
  after(async () => {
    store?.close();
    registry?.close();
    await redis?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const fleetOf = (context: TestContext, environment: NodeJS.ProcessEnv, files: Record<string, string | Buffer> = {}) =>
    newFleet(redis, context, files, environment);
  const s3 = (): NodeJS.ProcessEnv => ({
    ...keys,
    HOME: folder,
    AWS_ENDPOINT_URL_S3: store.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_PROFILE: '',
  });

  /** All that Redis holds, and all files below a folder. */
  async function everythingKept(root: string): Promise<string> {
    const client = connect(redis.url);
    const dumps = await Promise.all((await client.keys('*')).map((key) => client.dumpBuffer(key)));
    client.disconnect();
    const names = readdirSync(root, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
    const files = names.map((each) => readFileSync(nodePath.join(each.parentPath, each.name)));
    return Buffer.concat([...dumps.map((dump) => dump ?? Buffer.of()), ...files]).toString('latin1');
  }

  const nameOf = (uri: string) => uri.slice(uri.lastIndexOf('/') + 1);

  it('reads of a hub what readers read, and content that it tells to be the same once', async (context) => {
    const large = { ...whole(weights), sha256: sha256(weights) };
    const files = { 'a.bin': large, 'b.bin': large, 'c/d.bin': large, 'small.pkl': whole(Buffer.from(harmlessPickle)) };
    const { store: content, environment } = await hubWith(context, files);
    const { cwd, passes, status, report, drain } = fleetOf(context, environment);
    assert.equal(await passes('enqueue', 'hf://org/name@main'), 'hf://org/name: 4 files: 4 to scan.\n');
    const kept = await everythingKept(cwd);
    assert.ok(kept.includes('hf://org/name') && !kept.includes(token));
    const events = await drain('--concurrency', '2');
    assert.deepEqual(kinds(events), ['known', 'known', 'scanned', 'scanned']);
    assert.ok(!JSON.stringify(events).includes(token));
    assert.ok(!(await everythingKept(cwd)).includes(token));
    const parts = content.asked.map(({ range }) => /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? []);
    const bytes = parts.reduce((sum, [, from, to]) => sum + Number(to) - Number(from) + 1, 0);
    assert.ok(bytes < weightBytes / 4, `${bytes} bytes were asked for`);
    assert.ok(content.asked.every(({ authorization }) => authorization === undefined));
    const { places, contents, concerning, sources } = await report();
    assert.deepEqual([places, contents, sources[0]?.source], [4, 2, 'hf://org/name']);
    assert.deepEqual(
      concerning[0]?.places,
      ['a.bin', 'b.bin', 'c/d.bin'].map((name) => `hf://org/name/${name}`),
    );
    assert.deepEqual((await status()).sources[0]?.done, 4);
    // What its digest tells to be the same is not asked for again.
    const asked = content.asked.length;
    Object.assign(files, { 'e.bin': large });
    assert.match(await passes('enqueue', 'hf://org/name'), /: 5 files: 2 to scan, 3 as they were\.\n$/);
    // The hub of this test tells nothing of the small one: it is asked for, and is as it was.
    assert.deepEqual(kinds(await drain()), ['known', 'known']);
    assert.equal(content.asked.length, asked + 1);
    assert.equal((await report()).concerning[0]?.places.length, 4);
  });

  it('takes what a server says of a digest for nobody else', async (context) => {
    const evil = padded(dangerousPickle);
    const lie = { ...whole(padded(harmlessPickle)), sha256: sha256(evil) };
    const { environment } = await hubWith(context, { 'x.pkl': lie, 'y.pkl': lie });
    const { root, cwd, passes, report, drain } = fleetOf(context, environment, { 'evil.pkl': evil });
    await passes('enqueue', 'hf://org/name');
    assert.deepEqual(kinds(await drain()), ['known', 'scanned']);
    await passes('enqueue', root);
    assert.deepEqual(kinds(await drain()), ['scanned']);
    const [source] = (await report()).sources;
    assert.deepEqual([source?.source.startsWith('file:'), source?.error], [true, 1]);
    // Nor is it answered for the digest itself, which nobody has seen.
    const results = await ResultStore.open('.weighbridge/fleet.db', cwd);
    const settings = { limits: defaultLimits, maxFileSize: null, allowedImports: [] };
    const configuration = defaultConfiguration(cwd);
    const denyFrom = { load: 'error', promote: 'warning' } as const;
    const policy = { denyFrom, configuration, rules: ruleSetOf(settings), mappings: [] };
    const ask = (model: string) => decide(model, 'load', results, policy);
    assert.equal((await ask(`sha256:${sha256(evil)}`)).reasons[0]?.code, 'finding');
    const hub = await ask('hf://org/name@main/');
    assert.deepEqual([hub.allow, hub.digests], [true, []]);
    assert.equal((await ask('hf://org/other')).reasons[0]?.code, 'unknown');
    await results.close();
    // Whoever does not believe it has it read.
    await passes('enqueue', 'hf://org/name', '--hash');
    assert.deepEqual(kinds(await drain()), ['dead', 'dead']);
    assert.match((await report()).failures[0]?.reason ?? '', /sends other bytes than its digest promises/);
  });

  it('knows objects of a store by their tags, and by their content where that is asked for', async (context) => {
    for (const name of ['a.bin', 'b.bin', 'gone.bin', 'changed.bin']) await store.put(`fleet/${name}`, weights);
    const { passes, fleet, report, status, drain } = fleetOf(context, s3());
    assert.equal(await passes('enqueue', 's3://models/fleet/'), 's3://models/fleet: 4 files: 4 to scan.\n');
    await store.remove('fleet/gone.bin');
    await store.put('fleet/changed.bin', padded(harmlessPickle));
    assert.deepEqual(kinds(await drain()), ['dead', 'dead', 'scanned', 'scanned']);
    const reasons = Object.fromEntries((await status()).dead.map(({ uri, reason }) => [nameOf(uri), reason]));
    assert.match(reasons['gone.bin'] ?? '', /does not have it \(404\)/);
    assert.match(reasons['changed.bin'] ?? '', /gives another file than was listed: it has changed since/);
    assert.equal((await fleet('status', '--wait')).code, 1);
    assert.match(await passes('enqueue', 's3://models/fleet'), /: 3 files: 1 to scan, 2 as they were/);
    assert.deepEqual(kinds(await drain()), ['scanned']);
    assert.match(await passes('enqueue', 's3://models/fleet', '--hash'), /: 3 files: 3 to scan/);
    assert.deepEqual(kinds(await drain()), ['known', 'scanned', 'scanned']);
    assert.match(await passes('enqueue', 's3://models/fleet', '--hash'), /: 3 files: 0 to scan, 3 as they were/);
    const { contents, concerning } = await report();
    assert.deepEqual([contents, concerning[0]?.digest], [2, sha256(weights)]);
    // One object by its name.
    assert.match(
      await passes('enqueue', 's3://models/fleet/a.bin'),
      /^s3:\/\/models\/fleet\/a\.bin: 1 file: 1 to scan/,
    );
    assert.equal((await drain())[0]?.uri, 's3://models/fleet/a.bin');
  });

  it('says what a worker lacks, and goes on once it has it', async (context) => {
    await store.put('secret/a.bin', weights);
    const right = fleetOf(context, s3());
    await right.passes('enqueue', 's3://models/secret');
    const wrong = await right.drainWith({ AWS_SECRET_ACCESS_KEY: 'notTheSecret' });
    assert.deepEqual(kinds(wrong), ['dead']);
    assert.match(wrong[0]?.reason ?? '', /secret\/a\.bin refuses access \(403\)/);
    await right.passes('retry');
    const elsewhere = await right.drainWith({ AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1' });
    assert.deepEqual(kinds(elsewhere), ['dead']);
    assert.match(
      elsewhere[0]?.reason ?? '',
      /was listed by http:.*, and this worker would ask http:\/\/127\.0\.0\.1:1/,
    );
    await right.passes('retry');
    assert.deepEqual(kinds(await right.drain()), ['scanned']);
    assert.deepEqual((await right.report()).failures, []);
  });

  it('scans a layer of a registry once, whichever artifacts have it', async (context) => {
    const layers = [
      { mediaType: 'application/octet-stream', annotations: { [title]: 'model.bin' } },
      { mediaType: 'application/octet-stream', annotations: { [title]: 'small.pkl' } },
    ];
    const contents = [weights, Buffer.from(harmlessPickle)];
    for (const name of ['team/one', 'team/two']) {
      const pushed = [];
      for (const [index, layer] of layers.entries())
        pushed.push({ ...layer, ...(await registry.pushBlob(name, contents[index] ?? Buffer.of())) });
      const empty = 'application/vnd.oci.empty.v1+json';
      const config = { mediaType: empty, ...(await registry.pushBlob(name, Buffer.from('{}'))) };
      const mediaType = 'application/vnd.oci.image.manifest.v1+json';
      await registry.pushManifest(name, 'latest', { mediaType, config, layers: pushed } as { mediaType: string });
    }
    const { cwd, passes, report, drain } = fleetOf(context, registry.environment);
    const addresses = ['one', 'two'].map((name) => `oci://${registry.host}/team/${name}`);
    assert.match(
      await passes('enqueue', ...addresses),
      /one:latest: 2 files: 2 to scan\.\n.*two:latest: 2 files: 2 to/,
    );
    assert.deepEqual(kinds(await drain('--concurrency', '2')), ['known', 'known', 'scanned', 'scanned']);
    const { concerning, sources } = await report();
    assert.deepEqual(
      concerning[0]?.places,
      addresses.map((address) => `${address}:latest/model.bin`),
    );
    assert.deepEqual(
      sources.map(({ error, clean }) => [error, clean]),
      [
        [1, 1],
        [1, 1],
      ],
    );
    const kept = await everythingKept(cwd);
    assert.ok(!kept.includes(password) && !kept.includes(Buffer.from(`reader:${password}`).toString('base64')));
    assert.match(await passes('enqueue', ...addresses), /(?:2 files: 0 to scan, 2 as they were\.\n.*){2}/s);
  });

  it('reads whole what a server of MLflow tells nothing of, and sees when it changes meanwhile', async (context) => {
    const root = '/api/2.0/mlflow-artifacts/artifacts/1/model';
    let wasRead = false;
    const files: Record<string, Buffer> = {
      'a.bin': Buffer.from(weights),
      'b.bin': Buffer.from(weights),
      'two-faced.pkl': padded(dangerousPickle, 20 << 20),
    };
    const { origin } = await standIn(context, (request, response) => {
      const { pathname } = new URL(request.url ?? '', 'http://server');
      const json = (value: unknown) => void response.end(JSON.stringify(value));
      if (pathname.endsWith('/get-download-uri')) return json({ artifact_uri: 'mlflow-artifacts:/1/model' });
      if (pathname === '/api/2.0/mlflow-artifacts/artifacts')
        return json({
          files: Object.entries(files).map(([path, { length }]) => ({ path, is_dir: false, file_size: length })),
        });
      const name = pathname.slice(root.length + 1);
      const content = files[name];
      if (!content) return void response.writeHead(404).end();
      // Once it was read to its end, it is another file.
      const isOther = name === 'two-faced.pkl' && wasRead;
      if (request.headers.range?.endsWith(`-${content.length - 1}`)) wasRead ||= name === 'two-faced.pkl';
      givePart(request, response, isOther ? padded(harmlessPickle, content.length - harmlessPickle.length) : content);
    });
    const { passes, report, drain } = fleetOf(context, { MLFLOW_TRACKING_URI: origin, HOME: folder });
    assert.match(await passes('enqueue', 'models:/churn/3'), /^models:\/churn\/3: 3 files: 3 to scan/);
    assert.deepEqual(kinds(await drain()), ['dead', 'known', 'scanned']);
    const { failures, concerning } = await report();
    assert.match(
      failures[0]?.reason ?? '',
      /two-faced\.pkl gives other bytes than before: it changed while it was read/,
    );
    assert.deepEqual([concerning[0]?.digest, concerning[0]?.places.length], [sha256(weights), 2]);
  });

  it('tells of hostile servers among the dead letters, and asks others again', async (context) => {
    const content = padded(dangerousPickle);
    let broken = 0;
    const answers: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {
      'short.pkl': (request, response) => givePart(request, response, content.subarray(9)),
      'elsewhere.pkl': (_request, response) => void response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
      'endless.pkl': (request, response) => {
        response.writeHead(206, { 'content-range': `${rangeOf(request)}/${content.length}` });
        const more = () => {
          while (!response.destroyed && response.write(Buffer.alloc(1 << 16)));
        };
        response.on('drain', more);
        more();
      },
      'forbidden.pkl': (_request, response) => void response.writeHead(403).end(),
      'gone.pkl': (_request, response) => void response.writeHead(404).end(),
      'other.pkl': (request, response) => {
        response.setHeader('etag', '"2"');
        givePart(request, response, content);
      },
      'broken.pkl': (request, response) => {
        if (broken++ > 0) return givePart(request, response, content);
        response.writeHead(206, { 'content-range': `${rangeOf(request)}/${content.length}`, connection: 'close' });
        response.write(content.subarray(0, 100), () => response.destroy());
      },
    };
    const { origin } = await standIn(context, (request, response) => {
      const answer = answers[nameOf(request.url ?? '')];
      if (request.headers.range !== 'bytes=0-0') return answer?.(request, response);
      // When it is enqueued, all is well.
      response.setHeader('etag', '"1"');
      givePart(request, response, content);
    });
    // The tag is checked everywhere; only one of them changes it.
    const tagged = Object.entries(answers).map(([name, answer]): [string, typeof answer] => [
      name,
      (request, response) => {
        if (name !== 'other.pkl') response.setHeader('etag', '"1"');
        answer(request, response);
      },
    ]);
    Object.assign(answers, Object.fromEntries(tagged));
    const { passes, fleet, status, report, drain } = fleetOf(context, { HOME: folder });
    const addresses = Object.keys(answers).map((name) => `${origin}/models/${name}`);
    await passes('enqueue', ...addresses);
    const events = await drain();
    const dead = Object.keys(answers).filter((name) => name !== 'broken.pkl');
    assert.deepEqual(kinds(events), [...dead.map(() => 'dead'), 'retry', 'scanned']);
    const reasons = Object.fromEntries((await status()).dead.map(({ uri, reason }) => [nameOf(uri), reason]));
    const told: Record<string, RegExp> = {
      'short.pkl': /says that the file has \d+ bytes, where it had \d+ before/,
      'elsewhere.pkl': /answers with a redirect to file:, which is not followed/,
      'endless.pkl': /sends more bytes than it was asked for/,
      'forbidden.pkl': /refuses access \(403\)/,
      'gone.pkl': /does not have it \(404\)/,
      'other.pkl': /gives another file than was listed: it has changed since/,
    };
    assert.deepEqual(Object.keys(reasons).sort(), Object.keys(told).sort());
    for (const [name, reason] of Object.entries(told)) assert.match(reasons[name] ?? '', reason);
    assert.match(events.find(({ kind }) => kind === 'retry')?.reason ?? '', /broken\.pkl (?:broke off|ends after)/);
    assert.equal((await report()).failures.length, dead.length);
    // What may hold a password or a signature is not kept.
    for (const address of [
      `${origin}/a.pkl?X-Amz-Signature=geheim`,
      `${origin.replace('//', '//reader:geheim@')}/a.pkl`,
    ]) {
      const { code, stderr } = await fleet('enqueue', address);
      assert.equal(code, 2);
      assert.match(stderr, /a queue keeps no password, and no query of an address/);
      assert.ok(!stderr.includes('geheim'));
    }
  });
});

function rangeOf(request: IncomingMessage): string {
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  return `bytes ${from}-${to}`;
}
