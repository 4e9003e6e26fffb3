// Hashing of models against the reference client and openssl: everything is verified, by the same key.
import { execFileSync } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { newKeys } from '../../server/signing/certificates.fixture.ts';
import type { Trust } from '../../server/signing/contract.ts';
import { verifyModel } from '../../server/signing/verifyModel.ts';
import { compare, medianOf, type Cost } from './measure.ts';
import { memoryGoal, ratioGoal, type Row } from './table.ts';

export interface SigningBench {
  /** Scratch folder, which the caller removes. */
  folder: string;
  /** Interpreter that measures. */
  python: string;
  /** Interpreter with model-signing. */
  reference: string;
  /** The command. */
  weighbridge: readonly string[];
  rounds: number;
}

export async function benchSigning({ folder, python, reference, weighbridge, rounds }: SigningBench): Promise<Row[]> {
  const { privateKey, publicKey } = newKeys();
  const at = (name: string): string => path.join(folder, name);
  writeFileSync(at('key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(at('public.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
  await writeModels(at('one-large'), 1, 2 ** 31);
  await writeModels(at('many-small'), 2000, 10_000);
  await writeModels(at('eight'), 8, 2 ** 28);
  const rows: Row[] = [];
  for (const [job, name, files, times] of [
    ['verify: 1 file of 2 GB', 'one-large', 1, 1],
    ['verify: 8 files of 268 MB', 'eight', 8, 1],
    ['verify: 2,000 files of 10 kB', 'many-small', 2000, 2],
  ] as const) {
    const model = at(name);
    const signature = path.join(model, 'model.sig');
    const [node = '', ...program] = weighbridge;
    execFileSync(node, [...program, 'sign', model, '--key', at('key.pem'), '--quiet']);
    const { ours, ...peers } = await compare(
      python,
      {
        ours: [...weighbridge, 'verify', model, '--key', at('public.pem'), '--quiet', '--no-cache'],
        [peer]: [
          reference,
          '-m',
          'model_signing',
          'verify',
          'key',
          model,
          '--signature',
          signature,
          '--public_key',
          at('public.pem'),
        ],
        'openssl dgst -sha256': [
          'openssl',
          'dgst',
          '-sha256',
          ...Array.from({ length: files }, (_, index) => fileIn(model, index)),
        ],
      },
      rounds,
      undefined,
      [0],
    );
    rows.push({ job, ours, peers, goals: [ratioGoal(times, ours, peers, peer), memoryGoal(ours)] });
    rows.push(await cached(job, model, at('public.pem'), at('digests.json'), rounds));
    rmSync(model, { recursive: true });
  }
  return rows;
}

/** With digests from the cache, as the language server verifies: without the start of a process. */
async function cached(job: string, model: string, key: string, digestCache: string, rounds: number): Promise<Row> {
  const trust: Trust = { method: 'key', publicKey: readFileSync(key, 'utf8') };
  const runs: Cost[] = [];
  for (let round = 0; round <= rounds; round++) {
    const begun = performance.now();
    const { verified, hashedBy } = await verifyModel({ model, trust, digestCache });
    const seconds = (performance.now() - begun) / 1000;
    if (!verified) throw new Error(`${model} does not verify`);
    // The first fills the cache.
    if (hashedBy.full === 0) runs.push({ seconds, cpuSeconds: Number.NaN, peakBytes: Number.NaN });
  }
  const ours = medianOf(runs);
  const goal = { wanted: 'at most 100 ms', reached: `${Math.round(ours.seconds * 1000)} ms`, met: ours.seconds <= 0.1 };
  return { job: `${job}, digests cached, in the server`, ours, peers: {}, goals: [goal] };
}

const peer = 'model-signing';

const fileIn = (model: string, index: number): string => path.join(model, `folder-${index % 20}`, `file-${index}`);

async function writeModels(model: string, files: number, bytes: number): Promise<void> {
  const block = randomBytes(Math.min(bytes, 1 << 24));
  for (let index = 0; index < files; index++) {
    const file = fileIn(model, index);
    mkdirSync(path.dirname(file), { recursive: true });
    const stream = createWriteStream(file);
    for (let at = 0; at < bytes; at += block.length) {
      if (!stream.write(block.subarray(0, bytes - at))) await once(stream, 'drain');
    }
    stream.end();
    await once(stream, 'close');
    if (statSync(file).size !== bytes) throw new Error(`${file} could not be written`);
  }
}
