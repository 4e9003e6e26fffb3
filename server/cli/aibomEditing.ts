import { dirname, relative, resolve } from 'node:path';
import { collect } from '../aibom/collect.ts';
import { fillFromCard, updateAibom } from '../aibom/editing/update.ts';
import { findAibom } from '../aibom/findAibom.ts';
import { slashes } from '../engine/gitignore.ts';
import { WeighbridgeError } from '../errors.ts';
import { tool } from '../report/json.ts';
import { count, printable } from '../report/printable.ts';
import { readBom, readDocument } from './aibomDocuments.ts';
import { withExamination } from './aibomModel.ts';
import { writeDocument } from './aibomOutput.ts';
import { complain, exitCodes, type Io } from './io.ts';
import { file, flag, readArguments } from './options.ts';

/** Brings the bill of materials of a model up to date, or fills what it leaves open; what people wrote into it stays. */
export async function editAction(how: 'update' | 'fill', args: string[], io: Io): Promise<number> {
  const { values, positionals } = readArguments('aibom', args, { aibom: { type: 'string' }, out: { type: 'string' } });
  const [name = '', ...more] = positionals;
  if (name === '' || more.length > 0)
    throw new WeighbridgeError('bad-usage', `aibom ${how} takes one model: weighbridge aibom ${how} MODEL`);
  const model = resolve(io.cwd, name);
  const aibom = file(values, 'aibom', io.cwd) ?? findAibom(model);
  if (aibom === null) {
    throw new WeighbridgeError(
      'not-found',
      `no bill of materials stands beside ${name}: write one with weighbridge aibom ${name} --out ${name}/aibom.cdx.json`,
    );
  }
  // Refused before the model is hashed, which may take minutes.
  readBom(aibom);
  const text = readDocument(aibom);
  const out = file(values, 'out', io.cwd) ?? aibom;
  const record = await withExamination(values, io, [aibom, out], (options) => collect(model, options));
  const filled = how === 'fill' ? fillFromCard(text, record, { tool }) : null;
  const change = how === 'fill' ? filled?.change : updateAibom(text, record, { tool });
  const after = change ? text.slice(0, change.offset) + change.text + text.slice(change.offset + change.length) : text;
  if (change || out !== aibom) await writeDocument(after, out, io);
  if (flag(values, 'quiet')) return exitCodes.ok;
  const shown = printable(slashes(relative(io.cwd, out)) || dirname(out));
  if (!change)
    await complain(
      io,
      how === 'fill'
        ? `${shown}: the papers of the model say nothing that it leaves open`
        : `${shown}: it says already what the model is`,
    );
  else if (filled) await complain(io, `${shown}: filled ${filled.filled.join(', ')}`);
  else await complain(io, `${shown}: up to date with ${count(record.draft.files.length, 'file')}`);
  for (const note of change ? record.draft.notes : []) await complain(io, note);
  return exitCodes.ok;
}
