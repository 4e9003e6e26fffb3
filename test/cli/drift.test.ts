import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  chatAnswer,
  promptOf,
  startLocalModel,
  type LocalModel,
} from '../../server/runtime/endpoints/localModel.fixture.ts';
import { ModelBuilder } from '../../server/scans/onnx/modelBuilder.fixture.ts';
import { program, weighbridge } from './weighbridge.ts';

interface Check {
  alarm: boolean;
  status: string;
  samples: number;
  look: number;
  features: { name: string; statistic: string; value: number; pValue: number; effect: number; alarm: boolean }[];
}

describe('weighbridge drift', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-drift-'));
  const at = (name: string) => path.join(folder, name);
  /** Words that each answer has more than usual; the answer of a probe depends on the probe alone. */
  let extra = 0;
  let fail = false;
  let model: LocalModel;

  before(async () => {
    writeFileSync(
      at('probes.jsonl'),
      Array.from({ length: 400 }, (_, index) => `{"id":"p${index}","input":"question ${index}"}\n`).join(''),
    );
    model = await startLocalModel((body) => {
      if (fail) return 500;
      const length = 3 + ((promptOf(body).length * 7 + promptOf(body).charCodeAt(promptOf(body).length - 1)) % 11);
      return chatAnswer(Array.from({ length: length + extra }, () => 'word').join(' '));
    });
  });
  after(async () => {
    await model.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const ask = (action: string, ...args: string[]) =>
    weighbridge(
      folder,
      [
        'drift',
        action,
        '--endpoint',
        model.url,
        '--model',
        'churn',
        '--probes',
        'probes.jsonl',
        '--concurrency',
        '1',
        ...args,
      ],
      { WEIGHBRIDGE_ENDPOINT_KEY: 'sk-very-secret' },
    );

  it('records how a model answers, and keeps neither its answers nor the key', async () => {
    const outcome = await ask('record', '--out', 'base.json');
    assert.equal(outcome.code, 0, outcome.stderr);
    assert.match(outcome.stdout, /400 probes, 3 features\. Asked again, 0 of 400 answers changed\./);
    const written = readFileSync(at('base.json'), 'utf8');
    assert.doesNotMatch(written, /secret|word word/);
    assert.equal(model.requests[0]?.headers.authorization, 'Bearer sk-very-secret');
    const again = await ask('record', '--out', 'base.json');
    assert.equal(again.code, 2);
    assert.match(again.stderr, /is there already: name another file, or replace it with --overwrite/);
    assert.equal(readFileSync(at('base.json'), 'utf8'), written);
  });

  it('finds nothing in a model that has not changed, counts its looks, and writes metrics', async () => {
    for (const look of [1, 2]) {
      const outcome = await ask('check', '--baseline', 'base.json', '--format', 'json', '--metrics', 'drift.prom');
      assert.equal(outcome.code, 0, outcome.stderr);
      const check = JSON.parse(outcome.stdout) as Check;
      assert.deepEqual([check.alarm, check.status, check.samples, check.look], [false, 'ok', 400, look]);
    }
    const metrics = readFileSync(at('drift.prom'), 'utf8');
    assert.match(metrics, /^ml_drift_alarm\{model="churn"\} 0$/m);
    assert.match(metrics, /# EOF\n$/);
  });

  it('replaces nothing that it reads', async () => {
    const [baseline, probes] = ['base.json', 'probes.jsonl'].map((name) => readFileSync(at(name), 'utf8'));
    const refused: [outcome: Promise<{ code: number | null; stderr: string }>, option: string][] = [
      [ask('record', '--out', 'probes.jsonl', '--overwrite'), 'out'],
      [ask('check', '--baseline', 'base.json', '--metrics', 'base.json'), 'metrics'],
      [ask('check', '--baseline', 'base.json', '--metrics', 'probes.jsonl'), 'metrics'],
      [ask('check', '--baseline', 'base.json', '--metrics', 'base.json.looks.json'), 'metrics'],
    ];
    for (const [running, option] of refused) {
      const { code, stderr } = await running;
      assert.equal(code, 2);
      assert.match(stderr, new RegExp(`--${option} would replace .*this command reads or writes that file itself`));
    }
    assert.deepEqual(
      [readFileSync(at('base.json'), 'utf8'), readFileSync(at('probes.jsonl'), 'utf8')],
      [baseline, probes],
    );
  });

  it('asks without a key only where none was named, and with none that a header cannot hold', async () => {
    const asked = model.requests.length;
    const missing = await ask('record', '--out', 'keyless.json', '--key-variable', 'WEIGHBRIDGE_TEST_NO_SUCH_KEY');
    assert.equal(missing.code, 2, missing.stdout);
    assert.match(missing.stderr, /the environment variable WEIGHBRIDGE_TEST_NO_SUCH_KEY holds no key/);
    const odd = await weighbridge(
      folder,
      ['drift', 'record', '--endpoint', model.url, '--probes', 'probes.jsonl', '--out', 'keyless.json'],
      { WEIGHBRIDGE_ENDPOINT_KEY: 'schlüssel' },
    );
    assert.equal(odd.code, 2, odd.stdout);
    assert.match(odd.stderr, /the key in WEIGHBRIDGE_ENDPOINT_KEY holds characters that no HTTP header can have/);
    assert.doesNotMatch(odd.stderr, /schl/);
    assert.equal(model.requests.length, asked);
    assert.ok(!existsSync(at('keyless.json')));
  });

  it('shows no query of the address to those who read the metrics', async () => {
    const address = `${model.url}/?api_key=s3cret`;
    const args = ['--endpoint', address, '--probes', 'probes.jsonl', '--baseline', 'base.json', '--port', '0'];
    const serving = spawn(process.execPath, [program, 'drift', 'serve', ...args], { cwd: folder });
    try {
      let told = '';
      serving.stdout.setEncoding('utf8').on('data', (chunk: string) => (told += chunk));
      // The baseline is of a model with a name, and this look has none: it fails, and the metrics say so.
      const [complaint] = (await once(serving.stderr, 'data')) as [Buffer];
      assert.match(String(complaint), /the baseline is of another model/);
      const metrics = await (await fetch(/http:\S+/.exec(told)?.[0] ?? '')).text();
      assert.match(metrics, /^ml_probe_success\{model="http:\/\/[^"?]+"\} 0$/m);
      assert.doesNotMatch(metrics, /s3cret/);
    } finally {
      serving.kill();
      await once(serving, 'exit');
    }
  });

  it('tells of probes that are no file or nested without end, and of words that it does not understand', async () => {
    writeFileSync(at('deep.jsonl'), `"fine"\n${'['.repeat(50_000)}${']'.repeat(50_000)}\n`);
    const record = (...args: string[]) =>
      weighbridge(folder, ['drift', 'record', '--endpoint', model.url, '--out', 'never.json', ...args]);
    for (const [args, expected] of [
      [['--probes', 'deep.jsonl'], /deep\.jsonl:2: this line is nested more than 64 deep/],
      [['--probes', '.'], /is no file: name one of probes/],
      [['--probes', 'probes.jsonl', 'stray'], /"stray" is not understood here/],
    ] as const) {
      const outcome = await record(...args);
      assert.equal(outcome.code, 2, outcome.stdout);
      assert.match(outcome.stderr, expected);
      assert.doesNotMatch(outcome.stderr, /internal error/);
    }
  });

  it('alarms when answers have changed, with exit code 1, and says which and what to do', async () => {
    extra = 6;
    const outcome = await ask('check', '--baseline', 'base.json');
    extra = 0;
    assert.equal(outcome.code, 1, outcome.stderr);
    assert.match(
      outcome.stdout,
      /churn has drifted from its baseline: answers, text\.characters, text\.words\. If nothing was meant to change, roll back/,
    );
    assert.match(outcome.stdout, /^! {2}text\.words +kolmogorov-smirnov/m);
    assert.doesNotMatch(outcome.stdout + outcome.stderr, /secret/);
  });

  it('promotes, holds and rolls back canaries', async () => {
    const other = await startLocalModel((body) =>
      promptOf(body).endsWith('1')
        ? 503
        : chatAnswer('a far longer answer than anybody was ever given here before, in many more words'),
    );
    const canary = (candidate: string, probes: string, ...args: string[]) =>
      weighbridge(folder, ['drift', 'canary', model.url, candidate, '--probes', probes, '--retries', '0', ...args]);
    try {
      const promoted = await canary(model.url, 'probes.jsonl', '--format', 'json');
      assert.equal(promoted.code, 0, promoted.stderr + promoted.stdout);
      assert.equal((JSON.parse(promoted.stdout) as { decision: string }).decision, 'promote');
      const broken = await canary(other.url, 'probes.jsonl');
      assert.equal(broken.code, 1);
      assert.match(
        broken.stdout,
        /^Roll back\. The candidate does not answer as it should: .* answers with status 503\./,
      );
      writeFileSync(at('few.jsonl'), '"one"\n"two"\n');
      const few = await canary(model.url, 'few.jsonl');
      assert.equal(few.code, 3);
      assert.match(few.stdout, /^Hold\. Too few probes to tell: 2, and \d+ are needed\./);
    } finally {
      await other.close();
    }
  });

  it('tells mistakes in one line each, and overwrites nothing', async () => {
    const baseline = readFileSync(at('base.json'), 'utf8');
    writeFileSync(at('changed.jsonl'), '"another question"\n');
    writeFileSync(at('empty.json'), '');
    writeFileSync(at('nan.json'), baseline.replace(/"values":\[[^,]*,/, '"values":[null,'));
    writeFileSync(at('none.jsonl'), '\n\n');
    writeFileSync(at('broken.jsonl'), '"fine"\n{"id": 1,\n');
    const check = ['--baseline', 'base.json'];
    const cases: [args: string[], expected: RegExp][] = [
      [
        [
          'check',
          '--endpoint',
          'http://127.0.0.1:1',
          '--probes',
          'probes.jsonl',
          '--model',
          'churn',
          ...check,
          '--retries',
          '0',
        ],
        /127\.0\.0\.1:1\/v1\/chat\/completions cannot be reached/,
      ],
      [
        ['check', '--endpoint', model.url, '--probes', 'changed.jsonl', '--model', 'churn', ...check],
        /the probes are not those of the baseline \(400 then, 1 now\)/,
      ],
      [
        ['check', '--endpoint', model.url, '--probes', 'probes.jsonl', '--model', 'other', ...check],
        /the baseline is of another model \(churn, not other\)/,
      ],
      [
        ['check', '--endpoint', model.url, '--probes', 'probes.jsonl', '--baseline', 'empty.json'],
        /empty\.json is no baseline of drift: it is not JSON/,
      ],
      [
        ['check', '--endpoint', model.url, '--probes', 'probes.jsonl', '--baseline', 'nan.json'],
        /a value of the feature .* is no number/,
      ],
      [
        ['check', '--endpoint', model.url, '--probes', 'probes.jsonl', '--baseline', 'gone.json'],
        /record one first with weighbridge drift record/,
      ],
      [['record', '--endpoint', model.url, '--probes', 'none.jsonl', '--out', 'x.json'], /none\.jsonl has no probes/],
      [
        ['record', '--endpoint', model.url, '--probes', 'broken.jsonl', '--out', 'x.json'],
        /broken\.jsonl:2: this line is not JSON/,
      ],
      [
        ['record', '--endpoint', 'churn', '--probes', 'probes.jsonl', '--out', 'x.json'],
        /an endpoint is an http or https address/,
      ],
      [
        ['record', '--endpoint', model.url, '--probes', 'probes.jsonl', '--out', 'x.json', '--repeats', '0'],
        /--repeats must be a number from 1 to 100/,
      ],
      [['recrod'], /did you mean "record"/],
      [['serve', '--endpoint', model.url, '--probes', 'probes.jsonl', '--model', 'churn', ...check], /name the port/],
    ];
    for (const [args, expected] of cases) {
      const outcome = await weighbridge(folder, ['drift', ...args]);
      assert.equal(outcome.code, 2, `${args.join(' ')}: ${outcome.stdout}`);
      assert.match(outcome.stderr, expected);
      assert.equal(outcome.stderr.trimEnd().split('\n').length, 1, outcome.stderr);
    }
    assert.ok(!existsSync(at('x.json')));
    assert.equal(readFileSync(at('base.json'), 'utf8'), baseline);
  });

  it('writes alert rules again, and nothing over what somebody changed in them', async () => {
    const write = () => weighbridge(folder, ['drift', 'rules', '--model', 'churn', '--out', 'alerts.yaml']);
    assert.equal((await write()).code, 0);
    assert.equal((await write()).code, 0, 'the same again is no loss');
    const changed = readFileSync(at('alerts_test.yaml'), 'utf8').replace('churn', 'churn2');
    writeFileSync(at('alerts_test.yaml'), changed);
    const refused = await write();
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /alerts_test\.yaml is there already and says something else: name another file/);
    assert.equal(readFileSync(at('alerts_test.yaml'), 'utf8'), changed);
  });

  it('lets no second look at a baseline begin before the first has been counted', async () => {
    writeFileSync(at('base.json.looks.json.lock'), JSON.stringify({ pid: process.pid, host: hostname() }));
    const args = ['--endpoint', model.url, '--probes', 'probes.jsonl', '--model', 'churn', '--baseline', 'base.json'];
    const second = await weighbridge(folder, ['drift', 'check', ...args]);
    assert.equal(second.code, 2, second.stdout);
    assert.match(second.stderr, /base\.json is in use by another run \(process \d+\): wait for it/);
    rmSync(at('base.json.looks.json.lock'));
  });

  it('says that a folder is no inference log', async () => {
    const outcome = await weighbridge(folder, ['drift', 'log', '.']);
    assert.equal(outcome.code, 2);
    assert.match(outcome.stderr, /is not a regular file/);
  });

  it('writes nothing when the model stops to answer half-way', async () => {
    fail = true;
    const outcome = await ask('record', '--out', 'half.json', '--retries', '0');
    fail = false;
    assert.equal(outcome.code, 2);
    assert.match(outcome.stderr, /answers with status 500/);
    assert.ok(!existsSync(at('half.json')));
  });
});

describe('weighbridge drift log', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-log-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  const entry = (second: number, client: string) =>
    `${JSON.stringify({
      time: new Date(Date.parse('2026-03-01T00:00:00Z') + second * 1000).toISOString(),
      client,
      input_hash: `${'a'.repeat(16)}${String(second).padStart(8, '0')}`,
      output_hash: `${'b'.repeat(16)}${String(second).padStart(8, '0')}`,
      latency_ms: 5,
    })}\n`;

  it('tells which client asks far more than it did, in text and in JSON, with exit code 1', async () => {
    const calm = Array.from({ length: 1800 }, (_, index) => entry(index * 2, `team-${index % 3}`)).join('');
    const rush = Array.from({ length: 200 }, (_, index) => entry(1800 + (index % 50), 'team-1')).join('');
    writeFileSync(path.join(folder, 'calm.jsonl'), calm);
    writeFileSync(path.join(folder, 'rush.jsonl'), calm + rush);
    const fine = await weighbridge(folder, ['drift', 'log', 'calm.jsonl']);
    assert.equal(fine.code, 0, fine.stdout + fine.stderr);
    assert.match(fine.stdout, /1800 requests of 3 clients/);
    const found = await weighbridge(folder, ['drift', 'log', 'rush.jsonl', '--format', 'json']);
    assert.equal(found.code, 1, found.stderr);
    const { findings } = JSON.parse(found.stdout) as { findings: { kind: string; client: string; line: number }[] };
    assert.deepEqual(
      findings.map(({ kind, client }) => [kind, client]),
      [['rate', 'team-1']],
    );
    const gone = await weighbridge(folder, ['drift', 'log', 'gone.jsonl']);
    assert.equal(gone.code, 2);
    assert.match(gone.stderr, /gone\.jsonl is not there: name an inference log/);
  });
});

describe('weighbridge drift of an ONNX file', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-drift-onnx-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const drift = (...args: string[]) => weighbridge(folder, ['drift', ...args, '--probes', 'probes.jsonl']);

  /** A linear model of four numbers to three; the seed makes its weights. */
  function model(seed: number, name: string): void {
    const builder = new ModelBuilder(seed);
    const scores = builder.node('MatMul', ['x', builder.weights([4, 3])]);
    writeFileSync(path.join(folder, name), builder.build(scores, [1, 4]));
  }

  it('finds nothing in the same file, drift in one that was swapped, and refuses probes that do not fit', async () => {
    writeFileSync(
      path.join(folder, 'probes.jsonl'),
      Array.from(
        { length: 300 },
        (_, index) => `[${[1, 2, 3, 4].map((each) => Math.sin(index * each)).join(', ')}]\n`,
      ).join(''),
    );
    model(1, 'model.onnx');
    const recorded = await drift('record', '--onnx', 'model.onnx', '--out', 'base.json');
    assert.equal(recorded.code, 0, recorded.stderr);
    const same = await drift('check', '--onnx', 'model.onnx', '--baseline', 'base.json', '--format', 'json');
    assert.equal(same.code, 0, same.stdout + same.stderr);
    const { status, target } = JSON.parse(same.stdout) as Check & { target: { digest: string } };
    assert.equal(status, 'ok');
    assert.equal(
      target.digest,
      createHash('sha256')
        .update(readFileSync(path.join(folder, 'model.onnx')))
        .digest('hex'),
    );
    model(2, 'model.onnx');
    const swapped = await drift('check', '--onnx', 'model.onnx', '--baseline', 'base.json');
    assert.equal(swapped.code, 1, swapped.stdout + swapped.stderr);
    assert.match(swapped.stdout, /has drifted from its baseline/);
    writeFileSync(path.join(folder, 'probes.jsonl'), '[1, 2, 3]\n');
    const misfit = await drift('record', '--onnx', 'model.onnx', '--out', 'other.json');
    assert.equal(misfit.code, 2);
    assert.match(misfit.stderr, /probe 1 has the shape \(3\) for the input x, which wants \(1, 4\)/);
  });
});
