import { existsSync } from 'node:fs';
import path from 'node:path';
import { WeighbridgeError } from '../../errors.ts';
import { replaceFile } from '../../files/replaceFile.ts';
import { alertRules, alertTests } from '../../runtime/drift/alertRules.ts';
import { exitCodes, write, type Io } from '../io.ts';
import { file, flag, text } from '../options.ts';
import { number, readText } from '../endpointArguments.ts';
import { driftOptions } from './driftArguments.ts';

/** `weighbridge drift rules`. */
export async function rules(args: string[], io: Io): Promise<number> {
  const values = driftOptions(args, { out: { type: 'string' }, interval: { type: 'string' } });
  const model = text(values, 'model');
  if (model === undefined || model === '')
    throw new WeighbridgeError('bad-usage', 'name the model as its metrics do: --model NAME');
  const options = { model, interval: number(values, 'interval', 300, 1, 86_400) };
  const out = file(values, 'out', io.cwd);
  if (out === undefined) {
    await write(io.stdout, alertRules(options));
    return exitCodes.ok;
  }
  const { dir, name, ext } = path.parse(out);
  const tests = path.join(dir, `${name}_test${ext || '.yaml'}`);
  const contents: [string, string][] = [
    [out, alertRules(options)],
    [tests, alertTests(options, path.basename(out))],
  ];
  for (const [file, text] of contents) refuseOther(file, text);
  for (const [file, text] of contents) replaceFile(file, text);
  if (!flag(values, 'quiet')) await write(io.stdout, `Wrote ${out}, and its tests: promtool test rules ${tests}\n`);
  return exitCodes.ok;
}

/** Alert rules are edited by hand: what somebody changed is not written over. */
function refuseOther(file: string, text: string): void {
  if (existsSync(file) && readText(file) !== text)
    throw new WeighbridgeError(
      'exists',
      `${file} is there already and says something else: name another file, or remove it`,
    );
}
