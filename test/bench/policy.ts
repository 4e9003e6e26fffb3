// Gates: a policy compiled for the first time, evaluated again, and a gate on a model of 5 GB that was seen before.
import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { gatePolicies } from '../../server/policy/shippedPolicies.ts';
import { PolicyEngine } from '../../server/policy/policyEngine.ts';
import { compare, medianOf, type Cost, type Measured } from './measure.ts';
import type { Goal, Row } from './table.ts';

export interface PolicyBench {
  /** Scratch folder, which the caller removes. */
  folder: string;
  /** Interpreter that measures. */
  python: string;
  /** The command. */
  weighbridge: readonly string[];
  rounds: number;
}

const policy = `package mlsecops.deployment

deny contains "unsigned" if input.model.signature_verified == false
`;

export async function benchPolicy({ folder, python, weighbridge, rounds }: PolicyBench): Promise<Row[]> {
  const model = path.join(folder, 'five-gigabytes');
  mkdirSync(path.join(folder, 'policies'), { recursive: true });
  mkdirSync(model);
  writeFileSync(path.join(folder, 'policies', 'deployment.rego'), policy);
  writeFileSync(path.join(folder, 'evidence.json'), '{"model": {"signature_verified": true}}');
  sparseModel(path.join(model, 'model.safetensors'), 5e9);
  const first = [
    ...weighbridge,
    'policy',
    'eval',
    path.join(folder, 'policies'),
    '--input',
    path.join(folder, 'evidence.json'),
  ];
  const gate = [...weighbridge, 'gate', 'dev-to-staging', model, '--quiet', '--no-audit'];
  const [node = '', ...program] = gate;
  try {
    execFileSync(node, program, { stdio: 'ignore' });
  } catch {
    // It denies, and its caches are warm now.
  }
  const cold = await compare(python, { ours: [...first, '--no-cache', '--quiet'] }, rounds, undefined, [0]);
  const warm = await compare(python, { ours: gate }, rounds, undefined, [1]);
  const again = await evaluatedAgain();
  return [
    { job: 'policy: first compile, with its process', ours: cold.ours, peers: {}, goals: [goal(1.5, cold.ours)] },
    { job: 'policy: evaluate the production gate again', ours: again, peers: {}, goals: [goal(0.005, again)] },
    { job: 'gate: 5 GB seen before', ours: warm.ours, peers: {}, goals: [goal(1, warm.ours)] },
  ];
}

/** A file of one tensor that takes no room on the disk. */
function sparseModel(file: string, bytes: number): void {
  const header = Buffer.from(JSON.stringify({ w: { dtype: 'F32', shape: [bytes / 4], data_offsets: [0, bytes] } }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const descriptor = openSync(file, 'w');
  writeSync(descriptor, Buffer.concat([length, header]));
  ftruncateSync(descriptor, 8 + header.length + bytes);
  closeSync(descriptor);
}

async function evaluatedAgain(): Promise<Measured> {
  const engine = new PolicyEngine({ cache: false });
  try {
    const policies = await engine.compile(gatePolicies());
    const runs: Cost[] = [];
    for (let round = 0; round < 200; round++) {
      const begun = performance.now();
      await engine.evaluate(policies, { gate: 'staging-to-production', model: {} });
      runs.push({ seconds: (performance.now() - begun) / 1000, cpuSeconds: NaN, peakBytes: NaN });
    }
    return medianOf(runs);
  } finally {
    await engine.close();
  }
}

function goal(seconds: number, measured: Measured): Goal {
  const inWords = (value: number) => (value < 0.1 ? `${(value * 1000).toFixed(1)} ms` : `${value.toFixed(2)} s`);
  return {
    wanted: `under ${inWords(seconds)}`,
    reached: inWords(measured.seconds),
    met: measured.seconds < seconds,
  };
}
