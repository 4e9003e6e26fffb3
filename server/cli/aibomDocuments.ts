import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { compareBoms } from '../aibom/diff.ts';
import { markdownOf } from '../aibom/exports/markdown.ts';
import { spdx3Of } from '../aibom/exports/spdx3.ts';
import { mergeBoms } from '../aibom/merge.ts';
import type { JsonObject } from '../aibom/validate/document.ts';
import { type Validation, validateBom } from '../aibom/validate/validate.ts';
import { slashes } from '../engine/gitignore.ts';
import { reasonOf } from '../files/reason.ts';
import { WeighbridgeError } from '../errors.ts';
import { onDisk } from '../files/diskPath.ts';
import { tool } from '../report/json.ts';
import { count, printable } from '../report/printable.ts';
import { writeDocument } from './aibomOutput.ts';
import { complain, emit, exitCodes, type Io } from './io.ts';
import { choice, file, flag, type OptionValues, readArguments } from './options.ts';
import { outputFile } from './outputFile.ts';

/** @throws {WeighbridgeError} `not-found` or `unreadable`. */
export function readDocument(path: string): string {
  try {
    return readFileSync(onDisk(path), 'utf8');
  } catch (cause) {
    const gone = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new WeighbridgeError(gone ? 'not-found' : 'unreadable', `cannot read ${path}: ${reasonOf(cause)}`, { cause });
  }
}

/** The document of a file. @throws {WeighbridgeError} `bad-input` when it is no CycloneDX JSON. */
export function readBom(path: string): JsonObject {
  const { document, problems } = validateBom(readDocument(path));
  if (!document || document.root['bomFormat'] !== 'CycloneDX')
    throw new WeighbridgeError('bad-input', `${path}: ${problems[0]?.message ?? 'it is no CycloneDX JSON'}`);
  return document.root;
}

/** The named files, absolute. @throws {WeighbridgeError} `bad-usage` when their number does not fit. */
export function named(action: string, positionals: string[], least: number, most: number, io: Io): string[] {
  if (positionals.length < least || positionals.length > most || positionals.includes('')) {
    throw new WeighbridgeError(
      'bad-usage',
      `aibom ${action} takes ${least === most ? count(least, 'file') : `at least ${count(least, 'file')}`}; see "weighbridge aibom --help"`,
    );
  }
  return positionals.map((name) => resolve(io.cwd, name));
}

export async function validateAction(args: string[], io: Io): Promise<number> {
  const { values, positionals } = readArguments('aibom', args, {});
  const format = choice(values, 'format', ['text', 'json'], 'text');
  const files = named('validate', positionals, 1, Infinity, io);
  const output = await outputFile(values, io.cwd, files);
  const results = files.map((path) => ({ path: slashes(relative(io.cwd, path)), ...validateBom(readDocument(path)) }));
  const report = format === 'json' ? validationJson(results) : results.map(validationText).join('');
  if (!flag(values, 'quiet') || output !== undefined) await emit(io, report, output);
  return results.every(({ valid }) => valid) ? exitCodes.ok : exitCodes.findings;
}

type Named = Validation & { path: string };

function validationJson(results: Named[]): string {
  const documents = results.map(({ path, valid, specVersion, problems }) => ({
    path,
    valid,
    specVersion,
    problems: problems.map(({ place, ...rest }) => ({
      ...rest,
      line: place?.line ?? null,
      column: place?.column ?? null,
    })),
  }));
  return `${JSON.stringify({ schemaVersion: 1, tool, valid: documents.every(({ valid }) => valid), documents }, null, 2)}\n`;
}

function validationText({ path, valid, specVersion, problems }: Named): string {
  const head = `${printable(path)}: ${valid ? 'valid' : 'not valid'}${specVersion === null ? '' : ` CycloneDX ${printable(specVersion)}`}\n`;
  return (
    head +
    problems
      .map(
        ({ severity, place, message, pointer }) =>
          `  ${severity}${place ? ` ${place.line}:${place.column}` : ''}  ${printable(pointer)}  ${printable(message)}\n`,
      )
      .join('')
  );
}

export async function diffAction(args: string[], io: Io): Promise<number> {
  const { values, positionals } = readArguments('aibom', args, {});
  const format = choice(values, 'format', ['text', 'json'], 'text');
  const files = named('diff', positionals, 2, 2, io);
  const output = await outputFile(values, io.cwd, files);
  const [before = {}, after = {}] = files.map(readBom);
  const changes = compareBoms(before, after);
  const [old, now] = files.map((path) => slashes(relative(io.cwd, path)));
  const lines = changes.map(({ kind, what, name, field, before: was, after: is }) => {
    const values = was !== undefined || is !== undefined ? `: ${was ?? '(nothing)'} -> ${is ?? '(nothing)'}` : '';
    return printable(`${kind} ${what} ${name}${field === undefined ? '' : `, ${field}`}${values}`);
  });
  const report =
    format === 'json'
      ? `${JSON.stringify({ schemaVersion: 1, tool, before: old, after: now, changes }, null, 2)}\n`
      : `${lines.length === 0 ? 'Both say the same of the model.' : lines.join('\n')}\n`;
  if (!flag(values, 'quiet') || output !== undefined) await emit(io, report, output);
  return changes.length === 0 ? exitCodes.ok : exitCodes.findings;
}

export async function mergeAction(args: string[], io: Io): Promise<number> {
  const { values, positionals } = readArguments('aibom', args, { out: { type: 'string' } });
  const files = named('merge', positionals, 2, Infinity, io);
  const [aibom = {}, ...sboms] = files.map(readBom);
  const merged = mergeBoms(aibom, sboms);
  await writeDocument(merged.text, outOf(values, io), io);
  const { valid, problems } = validateBom(merged.text);
  if (!flag(values, 'quiet')) {
    await complain(io, `${count(merged.added, 'component')} added, ${merged.shared} in both`);
    for (const note of merged.notes) await complain(io, note);
    for (const { severity, pointer, message } of problems.slice(0, 20))
      await complain(io, `${severity} in the merged document: ${pointer} ${message}`);
  }
  return valid ? exitCodes.ok : exitCodes.findings;
}

export async function exportAction(args: string[], io: Io): Promise<number> {
  const { values, positionals } = readArguments('aibom', args, { out: { type: 'string' } });
  const format = choice(values, 'format', ['spdx3', 'markdown'], 'markdown');
  const [path = ''] = named('export', positionals, 1, 1, io);
  const out = file(values, 'out', io.cwd) ?? (await outputFile(values, io.cwd, [path]));
  if (out === path)
    throw new WeighbridgeError('bad-usage', `--out names ${path}, which is what is exported: name another file`);
  const root = readBom(path);
  const spdx = format === 'spdx3' ? spdx3Of(root) : null;
  const content = spdx?.text ?? markdownOf(root);
  await emit(io, content, out);
  if (spdx && spdx.missing.length > 0 && !flag(values, 'quiet')) {
    const more = spdx.missing.length > 5 ? ` and ${spdx.missing.length - 5} more` : '';
    await complain(io, `SPDX wants more than the document says: ${spdx.missing.slice(0, 5).join('; ')}${more}`);
  }
  return exitCodes.ok;
}

/** `--out`, or the common `--output`. */
export function outOf(values: OptionValues, io: Io): string | undefined {
  return file(values, 'out', io.cwd) ?? file(values, 'output', io.cwd);
}
