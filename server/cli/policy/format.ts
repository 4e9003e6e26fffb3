import { resolve } from 'node:path';
import { WeighbridgeError } from '../../errors.ts';
import { replaceFile } from '../../files/replaceFile.ts';
import { PolicyError } from '../../policy/policyEngine.ts';
import { count, printable } from '../../report/printable.ts';
import { emit, exitCodes, type Command } from '../io.ts';
import { choice, flag, readArguments } from '../options.ts';
import { outputFile } from '../outputFile.ts';
import { policiesOf, withEngine } from './policyArguments.ts';

/** `weighbridge policy format`. */
export const formatPolicies: Command['run'] = async (args, io) => {
  const { values, positionals } = readArguments('policy', args, {
    write: { type: 'boolean' },
    'to-v1': { type: 'boolean' },
  });
  choice(values, 'format', ['text'], 'text');
  const modules = policiesOf('format', positionals, io.cwd);
  const output = await outputFile(values, io.cwd, []);
  const operation = flag(values, 'to-v1') ? 'rewrite' : 'format';
  const changed = await withEngine(values, async (engine) => {
    const found: { file: string; text: string }[] = [];
    for (const module of modules) {
      const { text, diagnostics } = await engine.ask({ operation, modules: [module] });
      const errors = diagnostics.filter(({ severity }) => severity === 'error');
      if (errors.length > 0) throw new PolicyError(errors);
      if (text === undefined) throw new WeighbridgeError('bad-input', `${module.file} cannot be laid out`);
      if (text !== module.text) found.push({ file: module.file, text });
    }
    return found;
  });
  const writes = flag(values, 'write');
  // All of them could be read and laid out: only now is anything written.
  if (writes) for (const { file, text } of changed) replaceFile(resolve(io.cwd, file), text);
  const list = changed.map(({ file }) => `${printable(file)}\n`).join('');
  const sum = `${count(changed.length, 'file')} of ${modules.length} ${writes ? 'written' : 'would change'}.\n`;
  if (!flag(values, 'quiet') || output !== undefined) await emit(io, list + sum, output);
  return changed.length > 0 && !writes ? exitCodes.findings : exitCodes.ok;
};
