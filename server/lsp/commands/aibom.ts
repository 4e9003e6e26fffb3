import { existsSync, statSync } from 'node:fs';
import path, { basename } from 'node:path';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Written } from '../../engine/aibomJobs.ts';
import { findAibom } from '../../aibom/findAibom.ts';
import { isAibomName, isSignatureName, sideFileName, usualName } from '../../aibom/names.ts';
import { sideFileFor } from '../../aibom/editing/sideFileKeys.ts';
import { coverageOf } from '../../aibom/coverage/coverage.ts';
import { BomDocument } from '../../aibom/validate/document.ts';
import { version } from '../../engine/build.ts';
import { WeighbridgeError } from '../../errors.ts';
import { onDisk } from '../../files/diskPath.ts';
import { entriesOf } from '../../files/folderEntries.ts';
import { replaceFile } from '../../files/replaceFile.ts';
import { textOnDisk } from '../aibom/aiboms.ts';
import { pathOfUri, uriOfPath } from '../address.ts';
import type { ServerContext } from '../context.ts';
import type { AibomArguments, AibomOutcome, SideFileOutcome } from '../protocol.ts';
import type { LongWork } from './longWork.ts';

const tool = { name: 'weighbridge', version };

/** Writes the bill of materials of a model, or brings the one that is there up to date. */
export async function generateAibom(
  context: ServerContext,
  { uri }: AibomArguments,
  run: LongWork,
): Promise<AibomOutcome> {
  const model = modelOf(uri);
  const there = findAibom(model);
  return write(context, model, there ?? path.join(model, usualName), there === null ? 'generate' : 'update', run);
}

/** Brings a bill of materials up to date with its model: `uri` names it, or its model's folder. */
export async function updateAibom(
  context: ServerContext,
  { uri }: AibomArguments,
  run: LongWork,
): Promise<AibomOutcome> {
  const file = aibomOf(uri);
  return write(context, path.dirname(file), file, 'update', run);
}

/** Fills what a bill of materials leaves open from the papers of its model. Nothing that stands there is changed. */
export async function fillAibom(context: ServerContext, { uri }: AibomArguments, run: LongWork): Promise<AibomOutcome> {
  const file = aibomOf(uri);
  return write(context, path.dirname(file), file, 'fill', run);
}

/** Makes the side file beside a model, where it is missing, with the keys that fill what its bill of materials leaves open. */
export async function openSideFile(context: ServerContext, { uri }: AibomArguments): Promise<SideFileOutcome> {
  const model = modelOf(uri);
  const file = path.join(model, sideFileName);
  const isNew = !existsSync(onDisk(file)) && !context.documents.isOpen(file);
  if (isNew) {
    const aibom = findAibom(model);
    const text = aibom === null ? null : (context.documents.get(aibom)?.getText() ?? textOnDisk(aibom));
    const document = text === null ? null : BomDocument.read(text);
    replaceFile(file, sideFileFor(document instanceof BomDocument ? coverageOf(document.root) : []));
    context.folders.of(file).changed([file]);
  }
  const { session } = context;
  const outcome = { uri: uriOfPath(file), isNew };
  if (session.canShowDocument) await session.connection.window.showDocument({ uri: outcome.uri, takeFocus: true });
  else session.tell(`${isNew ? 'Wrote' : 'Fill in'} ${file}.`);
  return outcome;
}

async function write(
  context: ServerContext,
  model: string,
  file: string,
  how: 'generate' | 'update' | 'fill',
  run: LongWork,
): Promise<AibomOutcome> {
  const open = context.documents.get(file);
  const current = how === 'generate' ? null : (open?.getText() ?? textOnDisk(file));
  const written = await context.aiboms.write(
    model,
    { current, how: how === 'fill' ? 'fill' : 'update', spec: '1.6', tool, without: [file] },
    run,
  );
  const outcome = outcomeOf(written, how, file, model);
  if (written.state === 'new') replaceFile(file, written.text);
  if (written.state === 'change' && current !== null) {
    const { offset, length, text } = written.change;
    if (open) await edit(context, open, { offset, length, text });
    else replaceFile(file, current.slice(0, offset) + text + current.slice(offset + length));
  }
  if (written.state === 'new' || (written.state === 'change' && !open)) {
    const folder = context.folders.of(file);
    folder.changed([file]);
    await folder.flush();
    context.aiboms.touched([file]);
  }
  if (!context.session.reportsOutcomes) context.session.tell(outcome.text);
  return outcome;
}

/** Into the open document, as one change that can be undone; refused where somebody typed meanwhile. */
async function edit(
  context: ServerContext,
  open: TextDocument,
  change: { offset: number; length: number; text: string },
): Promise<void> {
  const { uri, version: known } = open;
  const range = { start: open.positionAt(change.offset), end: open.positionAt(change.offset + change.length) };
  const edits = [{ range, newText: change.text }];
  const answer = await context.session.connection.workspace.applyEdit({
    label: 'Update the bill of materials',
    edit: context.session.editsByVersion
      ? { documentChanges: [{ textDocument: { uri, version: known }, edits }] }
      : { changes: { [uri]: edits } },
  });
  if (!answer.applied) {
    throw new WeighbridgeError(
      'unwritable',
      `${basename(uri)} was edited meanwhile, so nothing was changed in it: try again.`,
    );
  }
}

function outcomeOf(written: Written, how: 'generate' | 'update' | 'fill', file: string, model: string): AibomOutcome {
  const name = basename(file);
  const uri = uriOfPath(file);
  switch (written.state) {
    case 'empty':
      throw new WeighbridgeError(
        'bad-input',
        `${basename(model)} holds no files to describe: choose the folder of a model.`,
      );
    case 'unchanged': {
      const text =
        how === 'fill'
          ? `The model's papers say nothing that ${name} leaves open.`
          : `${name} says already what the model is.`;
      return { state: 'unchanged', uri, text, notes: [] };
    }
    case 'new':
      return {
        state: 'generated',
        uri,
        text: `Wrote ${name}: ${filesIn(written.files)}.${signAgain(model)}`,
        notes: written.notes,
      };
    case 'change': {
      const text =
        how === 'fill'
          ? `Filled ${written.filled.length === 1 ? '1 field' : `${written.filled.length} fields`} of ${name}: ${written.filled.map((each) => each.replace('modelCard.', '')).join(', ')}.`
          : `Brought ${name} up to date: ${filesIn(written.files)}.`;
      return {
        state: how === 'fill' ? 'filled' : 'updated',
        uri,
        text: `${text}${signAgain(model)}`,
        notes: written.notes,
      };
    }
  }
}

const filesIn = (count: number): string => (count === 1 ? '1 file' : `${count.toLocaleString('en')} files`);

/** A signature over the folder covers the document that was just changed. */
function signAgain(model: string): string {
  const signed = entriesOf(model).some(({ name }) => isSignatureName(name));
  return signed ? ' The signature beside the model does not cover it as it is now: sign the model again.' : '';
}

/** The folder of a model: what is named, or where it lies. */
function modelOf(uri: string): string {
  const file = localPath(uri);
  const stat = statSync(onDisk(file), { throwIfNoEntry: false });
  if (!stat) throw new WeighbridgeError('not-found', `${basename(file)} is no longer there.`);
  return stat.isDirectory() ? file : path.dirname(file);
}

function aibomOf(uri: string): string {
  const file = localPath(uri);
  const stat = statSync(onDisk(file), { throwIfNoEntry: false });
  if (stat?.isFile() && (file.endsWith('.json') || isAibomName(basename(file)))) return file;
  const found = stat ? findAibom(modelOf(uri)) : null;
  if (found === null) {
    throw new WeighbridgeError(
      'not-found',
      `No bill of materials stands beside ${basename(file)}: generate one first.`,
    );
  }
  return found;
}

function localPath(uri: string): string {
  const file = pathOfUri(uri);
  if (file === null)
    throw new WeighbridgeError('bad-usage', 'Only models on this machine have a bill of materials here.');
  return file;
}
