import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { WeighbridgeError } from '../../errors.ts';
import { replaceFile } from '../../files/replaceFile.ts';
import { holdAlone } from '../../files/runLock.ts';
import { driftJson, driftText } from '../../report/driftText.ts';
import { readBaseline } from '../../runtime/drift/baseline.ts';
import { looksFile, nextLook, rememberLook } from '../../runtime/drift/looks.ts';
import { checkAgainst } from '../../runtime/drift/record.ts';
import { emit, exitCodes, type Io } from '../io.ts';
import { choice, file, flag } from '../options.ts';
import { outputFile, refuseUsed } from '../outputFile.ts';
import { whole } from '../endpointArguments.ts';
import { askOptions, driftOptions, targetOf, level, probesOf } from './driftArguments.ts';

/** `weighbridge drift check`. */
export async function check(args: string[], io: Io): Promise<number> {
  const values = driftOptions(args, {
    baseline: { type: 'string' },
    metrics: { type: 'string' },
    look: { type: 'string' },
  });
  const format = choice(values, 'format', ['text', 'json'], 'text');
  const path = file(values, 'baseline', io.cwd);
  if (path === undefined) throw new WeighbridgeError('bad-usage', 'name what to compare with: --baseline FILE');
  const baseline = readBaseline(path);
  const probes = probesOf(values, io.cwd);
  const metrics = file(values, 'metrics', io.cwd);
  const state = looksFile(path);
  const read = [path, state, ...['probes', 'onnx', 'system', 'template'].map((name) => file(values, name, io.cwd))];
  if (metrics !== undefined) refuseUsed('metrics', metrics, read);
  const output = await outputFile(values, io.cwd, [...read, metrics]);
  // Two looks at once would be held to the level of one.
  const letGo = holdAlone(`${state}.lock`, path);
  try {
    const digest = createHash('sha256').update(readFileSync(path)).digest('hex');
    const given = whole(values, 'look', 0, 0, 1_000_000_000);
    const look = given > 0 ? given : nextLook(state, digest);
    const options = askOptions(values, io);
    const { endpoint, target } = await targetOf(values, io, probes, 1);
    const run = { ...options, look, level: level(values) };
    const result = await checkAgainst(baseline, endpoint, target, probes, run).finally(options.done);
    if (given === 0) rememberLook(state, digest, look);
    if (metrics !== undefined) {
      const { DriftMetrics } = await import('../../runtime/drift/metrics.ts');
      const written = new DriftMetrics(target.model ?? target.name);
      written.record(result, new Date());
      replaceFile(metrics, await written.text());
    }
    if (!flag(values, 'quiet') || output !== undefined || format !== 'text') {
      await emit(io, format === 'json' ? driftJson(result, target) : driftText(result, target), output);
    }
    return result.alarm ? exitCodes.findings : exitCodes.ok;
  } finally {
    letGo();
  }
}
