import { relative, resolve } from 'node:path';
import { type AibomCheck, checkAibom } from '../aibom/check.ts';
import { collect, type CollectOptions } from '../aibom/collect.ts';
import { writeCycloneDx } from '../aibom/cyclonedx/write.ts';
import { findAibom } from '../aibom/findAibom.ts';
import { isSignatureName } from '../aibom/names.ts';
import { slashes } from '../engine/gitignore.ts';
import { packageVulnerabilities } from '../engine/packageVulnerabilities.ts';
import { WorkspaceScanner } from '../engine/workspaceScanner.ts';
import { WeighbridgeError } from '../errors.ts';
import { entriesOf } from '../files/folderEntries.ts';
import { tool } from '../report/json.ts';
import { count, printable } from '../report/printable.ts';
import { writeDocument } from './aibomOutput.ts';
import { complain, emit, exitCodes, type Io } from './io.ts';
import { choice, configuration, file, flag, type OptionValues, readArguments, text } from './options.ts';
import { outputFile } from './outputFile.ts';
import { progressOn } from './progress.ts';

/** `weighbridge aibom MODEL`, with and without `--check`. */
export async function modelAction(args: string[], io: Io): Promise<number> {
  const { values, positionals } = readArguments('aibom', args, {
    out: { type: 'string' },
    spec: { type: 'string' },
    author: { type: 'string' },
    aibom: { type: 'string' },
    check: { type: 'boolean' },
  });
  const [name = '', ...more] = positionals;
  if (name === '') throw new WeighbridgeError('bad-usage', 'name the model: weighbridge aibom MODEL');
  if (more.length > 0)
    throw new WeighbridgeError('bad-usage', `aibom takes one model, and ${positionals.length} were named`);
  const spec = choice(values, 'spec', ['1.6', '1.7'], '1.6');
  const model = resolve(io.cwd, name);
  return flag(values, 'check') ? check(model, name, values, io) : generate(model, spec, values, io);
}

async function generate(model: string, spec: '1.6' | '1.7', values: OptionValues, io: Io): Promise<number> {
  choice(values, 'format', ['json'], 'json');
  if (text(values, 'aibom') !== undefined)
    throw new WeighbridgeError('bad-usage', '--aibom goes with --check; to write a file, name it with --out');
  const out = file(values, 'out', io.cwd) ?? file(values, 'output', io.cwd);
  const author = text(values, 'author');
  const record = await withExamination(values, io, out === undefined ? [] : [out], (options) =>
    collect(model, options),
  );
  if (record.draft.files.length === 0)
    throw new WeighbridgeError('bad-input', `${model} holds no files to describe: name the folder of a model`);
  const document = writeCycloneDx(record, { spec, tool, ...(author ? { author } : {}) });
  await writeDocument(document, out, io);
  if (flag(values, 'quiet')) return exitCodes.ok;
  for (const note of record.draft.notes) await complain(io, note);
  if (out !== undefined && hasSignature(model)) {
    await complain(
      io,
      'The signature beside the model does not cover the bill of materials that was just written: sign the model again.',
    );
  }
  return exitCodes.ok;
}

function hasSignature(model: string): boolean {
  try {
    return entriesOf(model).some(({ name }) => isSignatureName(name));
  } catch {
    return false;
  }
}

async function check(model: string, name: string, values: OptionValues, io: Io): Promise<number> {
  const format = choice(values, 'format', ['text', 'json'], 'text');
  const named = file(values, 'aibom', io.cwd) ?? file(values, 'out', io.cwd);
  const output = await outputFile(values, io.cwd, [model, named ?? findAibom(model)]);
  const checked = await withExamination(values, io, [], (options) =>
    checkAibom(model, { ...options, ...(named === undefined ? {} : { aibom: named }) }),
  );
  const shown = (path: string) => slashes(relative(io.cwd, path)) || '.';
  const report = format === 'json' ? checkJson(checked, shown(model), shown) : checkText(checked, name, shown);
  if (!flag(values, 'quiet') || output !== undefined) await emit(io, report, output);
  return checked.generated ? exitCodes.ok : exitCodes.findings;
}

/** Runs with what reads model files: the scanner, so that findings come along. */
export async function withExamination<T>(
  values: OptionValues,
  io: Io,
  without: readonly string[],
  act: (options: CollectOptions) => Promise<T>,
): Promise<T> {
  const settings = await configuration(values, io.cwd);
  const scanner = new WorkspaceScanner({
    base: io.cwd,
    configuration: settings,
    cache: false,
  });
  const progress = progressOn(io, flag(values, 'quiet'));
  try {
    return await act({
      without,
      signal: io.signal,
      environment: io.environment,
      vulnerabilities: packageVulnerabilities(settings.osv),
      examine: (path) => scanner.files.inspectFile(path, { signal: io.signal }),
      onProgress: (done, total, path) => progress.show({ done, total, path }),
    });
  } finally {
    progress.clear();
    await scanner.dispose();
  }
}

function checkJson(checked: AibomCheck, model: string, shown: (path: string) => string): string {
  const { aibom, valid, upToDate, specVersion, problems, differences, contradictions, coverage, digest } = checked;
  const report = {
    schemaVersion: 1,
    tool,
    model: { path: model, digest: `sha256:${digest}` },
    aibom: aibom === null ? null : shown(aibom),
    valid,
    upToDate,
    specVersion,
    problems: problems.map(({ place, ...rest }) => ({
      ...rest,
      line: place?.line ?? null,
      column: place?.column ?? null,
    })),
    differences,
    contradictions,
    coverage,
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

const inWords = {
  missing: 'is described and not there',
  changed: 'has another hash than is described',
  extra: 'is not described',
  unhashed: 'is described without a hash',
};

function checkText(checked: AibomCheck, name: string, shown: (path: string) => string): string {
  const { aibom, valid, upToDate, problems, differences, contradictions, coverage } = checked;
  if (aibom === null) {
    return `No bill of materials stands beside ${printable(name)}. Write one: weighbridge aibom ${printable(name)} --out ${printable(name)}/aibom.cdx.json\n`;
  }
  const lines = [`${printable(shown(aibom))}: ${valid ? 'valid' : 'not valid'}, ${upToDate ? 'up to date' : 'stale'}`];
  for (const { severity, message, place } of problems)
    lines.push(`  ${severity}${place ? ` ${place.line}:${place.column}` : ''}  ${printable(message)}`);
  for (const { path, kind } of differences) lines.push(`  ${printable(path)} ${inWords[kind]}`);
  for (const { field, written, found } of contradictions)
    lines.push(`  ${field} says ${printable(written)}, and the model says ${printable(found)}`);
  for (const { title, present, total, elements } of coverage) {
    lines.push(`${title}: ${present} of ${count(total, 'element')} present`);
    for (const each of elements.filter((element) => !element.present))
      lines.push(`  missing: ${each.title}${each.fill === undefined ? '' : ` (${each.fill})`}`);
  }
  if (!upToDate) lines.push(`Write it anew: weighbridge aibom ${printable(name)} --out ${printable(shown(aibom))}`);
  return `${lines.join('\n')}\n`;
}
