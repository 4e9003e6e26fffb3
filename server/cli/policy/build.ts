import { resolve } from 'node:path';
import { writeAtomically } from '../../files/atomicWrite.ts';
import { policyBundle } from '../../policy/policyBundle.ts';
import { bytesInWords, count, printable } from '../../report/printable.ts';
import { emit, exitCodes, type Command } from '../io.ts';
import { choice, file, flag, readArguments } from '../options.ts';
import { policiesOf, withEngine } from './policyArguments.ts';

/** `weighbridge policy build`. */
export const buildPolicies: Command['run'] = async (args, io) => {
  const { values, positionals } = readArguments('policy', args, { out: { type: 'string' } });
  choice(values, 'format', ['text'], 'text');
  const modules = policiesOf('build', positionals, io.cwd);
  const target = file(values, 'out', io.cwd) ?? file(values, 'output', io.cwd) ?? resolve(io.cwd, 'bundle.tar.gz');
  const policies = await withEngine(values, (engine) => engine.compile(modules));
  const bundle = policyBundle(policies);
  await writeAtomically(target, { overwrite: true }, async (handle) => void (await handle.write(bundle)));
  if (!flag(values, 'quiet')) {
    const what = `${count(policies.decisions.length, 'decision')}, ${bytesInWords(bundle.length)}`;
    await emit(io, `Wrote ${printable(target)}: ${what}.\n`, undefined);
  }
  return exitCodes.ok;
};
