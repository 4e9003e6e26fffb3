import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { WeighbridgeError } from '../../errors.ts';
import { readBaseline } from '../../runtime/drift/baseline.ts';
import { looksFile, nextLook, rememberLook } from '../../runtime/drift/looks.ts';
import { DriftMetrics } from '../../runtime/drift/metrics.ts';
import { checkAgainst } from '../../runtime/drift/record.ts';
import { serveMetrics } from '../../runtime/drift/serve.ts';
import { complain, exitCodes, messageOf, write, type Io } from '../io.ts';
import { file, flag, text } from '../options.ts';
import { number, whole } from '../endpointArguments.ts';
import { askOptions, driftOptions, endpointAt, targetOf, level, probesOf } from './driftArguments.ts';

/** `weighbridge drift serve`: until it is stopped. */
export async function serve(args: string[], io: Io): Promise<number> {
  const values = driftOptions(args, {
    baseline: { type: 'string' },
    port: { type: 'string' },
    host: { type: 'string' },
    interval: { type: 'string' },
  });
  const recorded = file(values, 'baseline', io.cwd);
  if (recorded === undefined) throw new WeighbridgeError('bad-usage', 'name what to compare with: --baseline FILE');
  if (text(values, 'port') === undefined)
    throw new WeighbridgeError('bad-usage', 'name the port to listen on: --port N');
  const baseline = readBaseline(recorded);
  const probes = probesOf(values, io.cwd);
  // An address stays the same; a file is read and asked anew at each look.
  const url = text(values, 'endpoint');
  // Without the query, in which people put keys; as `drift check --metrics` names it.
  const asked =
    url === undefined ? path.basename(text(values, 'onnx') ?? '') : endpointAt(url, values, io).endpoint.name;
  const named = text(values, 'model') ?? asked;
  const metrics = new DriftMetrics(named);
  const digest = createHash('sha256').update(readFileSync(recorded)).digest('hex');
  const state = looksFile(recorded);
  try {
    await serveMetrics(metrics, {
      host: text(values, 'host') ?? '127.0.0.1',
      port: whole(values, 'port', 0, 0, 65_535),
      intervalMs: 1000 * number(values, 'interval', 300, 0.1, 86_400),
      signal: io.signal,
      async look() {
        const look = nextLook(state, digest);
        const options = askOptions({ ...values, quiet: true }, io);
        const { endpoint, target } = await targetOf({ ...values, quiet: true }, io, probes, 1);
        const result = await checkAgainst(baseline, endpoint, target, probes, {
          ...options,
          look,
          level: level(values),
        });
        rememberLook(state, digest, look);
        metrics.record(result, new Date());
        if (!flag(values, 'quiet')) await write(io.stdout, `Look ${look}: ${result.status}\n`);
      },
      onFailure: (error) => void complain(io, messageOf(error)),
      onListening: (address) => void (flag(values, 'quiet') ? null : write(io.stdout, `Metrics at ${address}\n`)),
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') throw error;
    throw new WeighbridgeError('refused', `cannot listen on port ${String(values['port'])}: ${code}; name another one`);
  }
  return exitCodes.ok;
}
