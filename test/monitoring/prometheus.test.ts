import assert from 'node:assert/strict';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import {
  chatAnswer,
  promptOf,
  startLocalModel,
  type LocalModel,
} from '../../server/runtime/endpoints/localModel.fixture.ts';
import { program, weighbridge } from '../cli/weighbridge.ts';

const run = promisify(execFile);

interface Alert {
  labels: Record<string, string>;
  state: string;
}

/** Asks until the answer is what is awaited; what is last answered is told when it never is. */
async function until<T>(what: string, ask: () => Promise<T>, awaited: (answer: T) => boolean): Promise<T> {
  const end = Date.now() + 120_000;
  let last: unknown;
  while (Date.now() < end) {
    try {
      const answer = await ask();
      if (awaited(answer)) return answer;
      last = answer;
    } catch (error) {
      last = error;
    }
    await pause(200);
  }
  throw new Error(
    `${what} did not happen within two minutes; the last answer was ${JSON.stringify(last)} ${String(last)}`,
  );
}

describe('drift, watched by a real Prometheus', { timeout: 600_000 }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-prometheus-'));
  const at = (name: string) => path.join(folder, name);
  const children: ChildProcess[] = [];
  let model: LocalModel;
  let drifted = false;

  before(async () => {
    const lines = Array.from({ length: 200 }, (_, index) => `"question ${index}"\n`);
    writeFileSync(at('probes.jsonl'), lines.join(''));
    model = await startLocalModel((body) => {
      const words = 3 + (Number(/\d+/.exec(promptOf(body))?.[0] ?? 0) % 13) + (drifted ? 8 : 0);
      return chatAnswer(new Array<string>(words).fill('word').join(' '));
    });
    const asked = ['--endpoint', model.url, '--model', 'churn "v2"', '--probes', 'probes.jsonl'];
    const recorded = await weighbridge(folder, ['drift', 'record', ...asked, '--out', 'base.json']);
    assert.equal(recorded.code, 0, recorded.stderr);
    const written = await weighbridge(folder, [
      'drift',
      'rules',
      '--model',
      'churn "v2"',
      '--interval',
      '1',
      '--out',
      'drift.yaml',
    ]);
    assert.equal(written.code, 0, written.stderr);
  });
  after(async () => {
    for (const child of children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    await model.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** @returns its first line on standard output that matches. */
  async function start(command: string, args: string[], awaited: RegExp): Promise<string> {
    const child = spawn(command, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    children.push(child);
    let said = '';
    return new Promise((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => {
          said += text;
          const found = awaited.exec(said)?.[0];
          if (found !== undefined) resolve(found);
        });
      }
      child.once('exit', (code) => reject(new Error(`${command} ended with ${code}:\n${said}`)));
    });
  }

  it('has rules and metrics that promtool accepts, and tests of the rules that pass', async () => {
    await run('promtool', ['check', 'rules', at('drift.yaml')]);
    await run('promtool', ['test', 'rules', at('drift_test.yaml')]);
    const checked = await weighbridge(folder, [
      ...['drift', 'check', '--endpoint', model.url, '--model', 'churn "v2"', '--probes', 'probes.jsonl'],
      ...['--baseline', 'base.json', '--look', '1', '--metrics', 'drift.prom'],
    ]);
    assert.equal(checked.code, 0, checked.stderr);
    // promtool reads the text form, which has no end mark.
    await run('sh', ['-c', `grep -v '^# EOF' drift.prom | promtool check metrics`], { cwd: folder });
  });

  it('is scraped, and the alert fires when the model drifts and not before', async () => {
    const line = await start(
      process.execPath,
      [
        ...[program, 'drift', 'serve', '--endpoint', model.url, '--model', 'churn "v2"', '--probes', 'probes.jsonl'],
        ...['--baseline', 'base.json', '--port', '0', '--interval', '0.5'],
      ],
      /Metrics at http:\/\/[\d.]+:\d+\/metrics/,
    );
    const target = new URL(line.slice('Metrics at '.length)).host;
    mkdirSync(at('data'));
    writeFileSync(
      at('prometheus.yml'),
      JSON.stringify({
        global: { scrape_interval: '1s', evaluation_interval: '1s' },
        rule_files: ['drift.yaml'],
        scrape_configs: [{ job_name: 'weighbridge', static_configs: [{ targets: [target] }] }],
      }),
    );
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const listen = `127.0.0.1:${(probe.address() as AddressInfo).port}`;
    probe.close();
    await once(probe, 'close');
    await start(
      'prometheus',
      ['--config.file=prometheus.yml', '--storage.tsdb.path=data', `--web.listen-address=${listen}`],
      /Server is ready/,
    );
    const ask = async <T>(query: string): Promise<T> => {
      const response = await fetch(`http://${listen}/api/v1/${query}`);
      return ((await response.json()) as { data: T }).data;
    };
    const firing = async () =>
      (await ask<{ alerts: Alert[] }>('alerts')).alerts.filter(({ state }) => state === 'firing');
    await until(
      'a scrape of a look without drift',
      () => ask<{ result: { value: [number, string] }[] }>('query?query=ml_drift_alarm'),
      ({ result }) => result[0]?.value[1] === '0',
    );
    // Until the first scrape there were no metrics, which is an alert of its own.
    const drift = async () => (await firing()).filter(({ labels }) => labels['alertname'] === 'ModelDrift');
    assert.deepEqual(await drift(), []);
    drifted = true;
    const alerts = await until('the alert', drift, (found) => found.length > 0);
    assert.equal(alerts[0]?.labels['model'], 'churn "v2"');
    await model.close();
    await until('the alert of a model that is gone', firing, (found) =>
      found.some(({ labels }) => labels['alertname'] === 'ModelProbesFail'),
    );
    model = await startLocalModel(() => ({}));
  });
});
