// The service of admission under load: wrk with a good token, without one and with a bad one, on this machine.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import { ResultStore } from '../../server/fleet/store/resultStore.ts';
import { Served } from '../fleet/served.ts';
import type { Goal, Row } from './table.ts';

const models = 1_000;
const connections = 32;
const seconds = 10;
const slowest = 0.1;
const issuer = 'https://issuer.example';

interface Load {
  requests: number;
  /** Answers other than 2xx and 3xx. */
  refused: number;
  /** Connections that broke or gave no answer. */
  broken: number;
  /** 99th percentile, in seconds. */
  p99: number;
}

/** @param folder scratch, which the caller removes. */
export async function benchAdmission(folder: string): Promise<Row[]> {
  await fill(folder);
  const keys = await generateKeyPair('ES256', { extractable: true });
  const others = await generateKeyPair('ES256');
  const published = { keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'ES256', use: 'sig' }] };
  writeFileSync(path.join(folder, 'keys.json'), JSON.stringify(published));
  const served = await Served.start(folder, [
    ...['--plain-http', '--rate', '1000000', '--oidc-issuer', issuer],
    ...['--oidc-audience', 'weighbridge', '--oidc-keys', 'keys.json', '--store', 'admission.db'],
  ]);
  try {
    const url = `${served.url}/v1/decisions?model=s3://models/500&purpose=load`;
    const good = await load(url, await token(keys.privateKey));
    const missing = await load(url, null);
    const bad = await load(url, await token(others.privateKey));
    const row = (job: string, measured: Load, goals: Goal[]): Row => {
      const { p99, requests } = measured;
      const ours = { seconds: p99, cpuSeconds: Number.NaN, peakBytes: Number.NaN, runs: [] };
      const rate = Math.round(requests / seconds);
      return {
        job: `admission: ${job}, ${connections} at a time, ${rate} a second: 99th percentile`,
        ours,
        peers: {},
        goals,
      };
    };
    return [
      row('good token', good, [fastGoal(good), answeredGoal(good)]),
      row('no token', missing, [refusedGoal(missing)]),
      row("another issuer's token", bad, [refusedGoal(bad)]),
    ];
  } finally {
    await served.stop();
  }
}

async function fill(folder: string): Promise<void> {
  const store = await ResultStore.open('admission.db', folder);
  try {
    for (let index = 0; index < models; index++) {
      const [digest, reading] = [index.toString(16).padStart(64, '0'), '.safetensors'];
      const place = { source: 's3://models', path: `${index}/model.safetensors`, stamp: '1', digest, reading };
      const result = { digest, reading, format: 'safetensors', size: 5, complete: true, kinds: [] } as const;
      await store.record(
        { ...place, uri: `s3://models/${place.path}` },
        { ...result, kinds: [], findings: [], ruleSet: 'none' },
      );
    }
  } finally {
    await store.close();
  }
}

function token(by: CryptoKey): Promise<string> {
  const claims = { iss: issuer, aud: 'weighbridge', sub: 'deployer', exp: Math.floor(Date.now() / 1000) + 600 };
  return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'one' }).sign(by);
}

async function load(url: string, bearer: string | null): Promise<Load> {
  const headers = bearer === null ? [] : ['--header', `Authorization: Bearer ${bearer}`];
  const bounds = ['--threads', '1', '--connections', `${connections}`, '--duration', `${seconds}s`, '--latency'];
  const { stdout } = await promisify(execFile)('wrk', [...bounds, ...headers, url]);
  const number = (pattern: RegExp) => Number(pattern.exec(stdout)?.[1] ?? 0);
  const broken = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(stdout) ?? [];
  const [, value = '', unit = ''] = /^\s+99%\s+([\d.]+)(us|ms|s)$/m.exec(stdout) ?? [];
  const scale: Record<string, number> = { us: 1e-6, ms: 1e-3, s: 1 };
  return {
    requests: number(/(\d+) requests in/),
    refused: number(/Non-2xx or 3xx responses: (\d+)/),
    broken: broken.slice(1).reduce((sum, count) => sum + Number(count), 0),
    p99: Number(value) * (scale[unit] ?? Number.NaN),
  };
}

function fastGoal({ p99 }: Load): Goal {
  return { wanted: `under ${slowest * 1000} ms`, reached: `${(p99 * 1000).toFixed(1)} ms`, met: p99 < slowest };
}

function answeredGoal({ requests, refused, broken }: Load): Goal {
  const errors = refused + broken;
  return { wanted: 'no error', reached: `${errors} of ${requests}`, met: requests > 0 && errors === 0 };
}

function refusedGoal({ requests, refused, broken }: Load): Goal {
  const reached = `${refused} of ${requests}, ${broken} broken connections`;
  return { wanted: 'every request refused', reached, met: requests > 0 && refused === requests && broken === 0 };
}
