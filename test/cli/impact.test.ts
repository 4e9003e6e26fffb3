import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { appendAuditEntry } from '../../server/policy/auditLog.ts';
import { weighbridge } from './weighbridge.ts';

interface Result {
  matches: { kind: string; name: string; file: string }[];
  reached: {
    path: string;
    kind: string;
    via: { file: string; says: string }[];
    promotions: { gate: string; digest: string }[];
  }[];
  unread: { file: string }[];
}

/** A safetensors file of one number. */
function weights(value: number): Buffer {
  const header = Buffer.from('{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const data = Buffer.alloc(4);
  data.writeFloatLE(value);
  return Buffer.concat([length, header, data]);
}

describe('weighbridge impact', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-impact-'));
  const at = (...names: string[]) => path.join(folder, ...names);
  const reviews = '{"text":"good"}\n';
  const sha256 = createHash('sha256').update(reviews).digest('hex');

  /** A model folder with a card, its bill of materials and a signature, all written by the commands themselves. */
  async function model(name: string, card: string, value: number): Promise<string> {
    const files: [string, string | Buffer][] = [
      ['model.safetensors', weights(value)],
      ['config.json', `{"model_type":"bert","_name_or_path":"${name}"}`],
      ['README.md', `---\n${card}---\n# ${name}\n`],
    ];
    mkdirSync(at('models', name), { recursive: true });
    for (const [file, content] of files) writeFileSync(at('models', name, file), content);
    const bom = await weighbridge(folder, ['aibom', `models/${name}`, '--out', `models/${name}/model.cdx.json`]);
    assert.equal(bom.code, 0, bom.stderr);
    const signed = await weighbridge(folder, ['sign', `models/${name}`, '--key', 'release.pem']);
    assert.equal(signed.code, 0, signed.stderr);
    const digest = await weighbridge(folder, ['digest', `models/${name}`]);
    return digest.stdout.trim().split('\n')[0] ?? '';
  }

  before(async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeFileSync(at('release.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    writeFileSync(at('weighbridge.yaml'), 'version: 1\npolicy:\n  audit-log: audit/decisions.jsonl\n');
    mkdirSync(at('data'));
    writeFileSync(at('data', 'reviews.jsonl'), reviews);
    const record = {
      path: 'reviews.jsonl',
      name: 'acme/reviews',
      source: { uri: 'https://example.com/reviews-2026.tar' },
      ingestedBy: { agent: 'loader@example.com', at: '2026-01-01T00:00:00Z' },
      validatedAt: null,
      transforms: null,
      hash: { algorithm: 'sha256', digest: sha256 },
    };
    writeFileSync(at('data', 'provenance.json'), JSON.stringify({ schemaVersion: 1, datasets: [record] }));
    await model('base', 'license: mit\ndatasets:\n  - acme/reviews\n', 1);
    const tuned = await model('tuned', 'license: mit\nbase_model: base\n', 2);
    await model('other', 'license: mit\ndatasets:\n  - acme/weather\n', 3);
    writeFileSync(at('models', 'broken.cdx.json'), '{"bomFormat": "CycloneDX", ');
    const gate = (digest: string, decidedAt: string) =>
      appendAuditEntry(at('audit', 'decisions.jsonl'), {
        kind: 'gate',
        gate: 'staging-to-production',
        decision: 'allow',
        decidedAt,
        model: { path: 'models/tuned', digest },
        obligations: [],
      });
    await gate(`sha256:${'0'.repeat(64)}`, '2026-01-05T00:00:00.000Z');
    await gate(tuned, '2026-02-05T00:00:00.000Z');
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const ask = async (...args: string[]): Promise<Result> => {
    const outcome = await weighbridge(folder, ['impact', ...args, '--format', 'json']);
    assert.ok(outcome.code === 0 || outcome.code === 1, outcome.stderr);
    return JSON.parse(outcome.stdout) as Result;
  };
  const paths = ({ reached }: Result) => reached.map((each) => each.path);

  it('follows data into the model that was trained on it, and into what was made of that', async () => {
    const result = await ask('acme/reviews');
    assert.deepEqual(paths(result), ['data/reviews.jsonl', 'models/base', 'models/tuned']);
    const tuned = result.reached.find((each) => each.path === 'models/tuned');
    assert.ok(tuned);
    assert.match(tuned.via.map(({ says }) => says).join('; '), /acme\/reviews.* is in .*base.* is in .*tuned/);
    assert.deepEqual(
      tuned.promotions.map(({ gate }) => gate),
      ['staging-to-production', 'staging-to-production'],
    );
    assert.deepEqual(
      result.unread.map(({ file }) => file),
      ['models/broken.cdx.json'],
    );
  });

  it('knows data by its source, by who brought it, and by the beginning of its digest', async () => {
    for (const query of [
      'https://example.com/reviews-2026.tar',
      'Loader@Example.com',
      sha256.slice(0, 12),
      `sha256:${sha256}`,
    ]) {
      assert.deepEqual(paths(await ask(query)), ['data/reviews.jsonl', 'models/base', 'models/tuned'], query);
    }
    const file = createHash('sha256').update(weights(3)).digest('hex');
    assert.deepEqual(paths(await ask(file)), ['models/other']);
  });

  it('reaches nothing by what nobody names, and says so', async () => {
    const outcome = await weighbridge(folder, ['impact', 'acme/rev']);
    assert.equal(outcome.code, 0);
    assert.match(outcome.stdout, /^No paper names acme\/rev: \d+ papers of models and data were read\./);
    assert.match(
      outcome.stdout,
      /The answer may be incomplete: 1 paper could not be read\.\n {2}models\/broken\.cdx\.json: it is not JSON/,
    );
    const named = await weighbridge(folder, ['impact', 'acme/reviews']);
    assert.equal(named.code, 1);
    assert.match(named.stdout, /passed staging-to-production at 2026-02-05T00:00:00\.000Z as sha256:/);
  });

  it('writes a runbook with the way back, and replaces none', async () => {
    const args = ['incident', 'new', 'acme/reviews', '--title', 'Poisoned *reviews*', '--out', 'incident.md'];
    const outcome = await weighbridge(folder, args);
    assert.equal(outcome.code, 0, outcome.stderr);
    const text = readFileSync(at('incident.md'), 'utf8');
    assert.match(text, /^# Poisoned \\\*reviews\\\*\n/);
    assert.match(
      text,
      /Take `models\/tuned` out of traffic, or roll it back:\n {2}- Last good version: `sha256:0{64}`, which passed staging-to-production at 2026-01-05/,
    );
    assert.match(text, /`weighbridge verify models\/base`/);
    assert.match(text, /The answer may be incomplete/);
    const again = await weighbridge(folder, args);
    assert.equal(again.code, 2);
    assert.match(again.stderr, /incident\.md is there already/);
    assert.equal(readFileSync(at('incident.md'), 'utf8'), text);
    const other = await weighbridge(folder, ['incident', 'new', 'acme/reviews', '-o', 'other.md']);
    assert.equal(other.code, 0, other.stderr);
    assert.match(readFileSync(at('other.md'), 'utf8'), /^# Incident: acme\/reviews\n/);
  });

  it('replaces no paper by its answer', async () => {
    const bom = readFileSync(at('models', 'base', 'model.cdx.json'), 'utf8');
    const outcome = await weighbridge(folder, ['impact', 'acme/reviews', '--output', 'models/base/model.cdx.json']);
    assert.equal(outcome.code, 2);
    assert.match(outcome.stderr, /--output would replace .*this command reads or writes that file itself/);
    assert.equal(readFileSync(at('models', 'base', 'model.cdx.json'), 'utf8'), bom);
  });

  it('refuses to tell where models are by a log that somebody has cut', async () => {
    const log = readFileSync(at('audit', 'decisions.jsonl'), 'utf8');
    writeFileSync(at('audit', 'decisions.jsonl'), log.slice(0, log.indexOf('\n') + 1));
    const outcome = await weighbridge(folder, ['impact', 'acme/reviews']);
    writeFileSync(at('audit', 'decisions.jsonl'), log);
    assert.equal(outcome.code, 2);
    assert.match(outcome.stderr, /the audit log .* is damaged .*weighbridge policy audit/);
  });
});
