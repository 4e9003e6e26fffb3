import { existsSync } from 'node:fs';
import { WeighbridgeError } from '../../errors.ts';
import { replaceFile } from '../../files/replaceFile.ts';
import { count } from '../../report/printable.ts';
import { recordBaseline } from '../../runtime/drift/record.ts';
import { exitCodes, write, type Io } from '../io.ts';
import { file, flag } from '../options.ts';
import { refuseUsed } from '../outputFile.ts';
import { askOptions, driftOptions, targetOf, probesOf } from './driftArguments.ts';

/** `weighbridge drift record`. */
export async function record(args: string[], io: Io): Promise<number> {
  const values = driftOptions(args, { out: { type: 'string' }, overwrite: { type: 'boolean' } });
  const out = file(values, 'out', io.cwd);
  if (out === undefined) throw new WeighbridgeError('bad-usage', 'name the baseline to write: --out FILE');
  if (existsSync(out) && !flag(values, 'overwrite')) {
    throw new WeighbridgeError('exists', `${out} is there already: name another file, or replace it with --overwrite`);
  }
  const read = ['probes', 'onnx', 'system', 'template'].map((name) => file(values, name, io.cwd));
  refuseUsed('out', out, read);
  const probes = probesOf(values, io.cwd);
  const options = askOptions(values, io);
  const { endpoint, target } = await targetOf(values, io, probes, options.repeats);
  const baseline = await recordBaseline(endpoint, target, probes, options, new Date()).finally(options.done);
  replaceFile(out, `${JSON.stringify(baseline)}\n`);
  if (!flag(values, 'quiet')) {
    const { changed, compared } = baseline.answers;
    const stable = compared === 0 ? '' : ` Asked again, ${changed} of ${count(compared, 'answer')} changed.`;
    await write(
      io.stdout,
      `Wrote ${out}: ${count(probes.probes.length, 'probe')}, ${count(baseline.features.length, 'feature')}.${stable}\n`,
    );
  }
  return exitCodes.ok;
}
