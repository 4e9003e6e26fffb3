import { WeighbridgeError } from '../../errors.ts';
import { canaryJson, canaryText } from '../../report/driftText.ts';
import { compareCanary } from '../../runtime/drift/canary.ts';
import { emit, exitCodes, type Io } from '../io.ts';
import { choice, file, flag } from '../options.ts';
import { outputFile } from '../outputFile.ts';
import { askOptions, driftArguments, endpointAt, level, probesOf } from './driftArguments.ts';

/** Neither promoted nor rolled back: a pipeline waits, or asks more probes. */
const hold = 3;

/** `weighbridge drift canary`. */
export async function canary(args: string[], io: Io): Promise<number> {
  const { values, positionals } = driftArguments(args, {});
  const format = choice(values, 'format', ['text', 'json'], 'text');
  const [stable, tried, ...more] = positionals;
  if (stable === undefined || tried === undefined || more.length > 0) {
    throw new WeighbridgeError('bad-usage', 'name two addresses: weighbridge drift canary BASELINE-URL CANDIDATE-URL');
  }
  const probes = probesOf(values, io.cwd);
  const output = await outputFile(values, io.cwd, [file(values, 'probes', io.cwd)]);
  const baseline = endpointAt(stable, values, io);
  const candidate = endpointAt(tried, values, io);
  const options = askOptions(values, io);
  const run = { ...options, level: level(values) };
  const result = await compareCanary(baseline.endpoint, candidate.endpoint, probes, run).finally(options.done);
  if (!flag(values, 'quiet') || output !== undefined || format !== 'text') {
    await emit(io, format === 'json' ? canaryJson(result) : canaryText(result), output);
  }
  switch (result.decision) {
    case 'promote':
      return exitCodes.ok;
    case 'rollback':
      return exitCodes.findings;
    case 'hold':
      return hold;
  }
}
