import type { PolicyDiagnostic } from '../../policy/compiler/protocol.ts';
import type { Colours } from '../../report/colour.ts';
import { jsonText, tool } from '../../report/json.ts';
import { policySarif } from '../../report/policySarif.ts';
import { count, printable } from '../../report/printable.ts';
import { coloursFor, emit, exitCodes, type Command } from '../io.ts';
import { choice, flag, readArguments } from '../options.ts';
import { outputFile } from '../outputFile.ts';
import { policiesOf, withEngine } from './policyArguments.ts';

/** `weighbridge policy check`. */
export const checkPolicies: Command['run'] = async (args, io) => {
  const { values, positionals } = readArguments('policy', args, {});
  const format = choice(values, 'format', ['text', 'json', 'sarif'], 'text');
  const modules = policiesOf('check', positionals, io.cwd);
  const output = await outputFile(values, io.cwd, []);
  const { diagnostics } = await withEngine(values, (engine) => engine.ask({ operation: 'check', modules }));
  const found = [...diagnostics].sort(byPlace);
  const errors = found.filter(({ severity }) => severity === 'error').length;
  const colours = coloursFor(io, { noColor: flag(values, 'no-color'), output });
  const report =
    format === 'json'
      ? jsonText({ schemaVersion: 1, tool, files: modules.length, diagnostics: found })
      : format === 'sarif'
        ? sarifOf(found)
        : textOf(found, modules.length, errors, colours);
  if (!flag(values, 'quiet') || output !== undefined) await emit(io, report, output);
  return errors > 0 ? exitCodes.findings : exitCodes.ok;
};

const byPlace = (a: PolicyDiagnostic, b: PolicyDiagnostic): number =>
  a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line || a.column - b.column;

function textOf(found: readonly PolicyDiagnostic[], files: number, errors: number, colours: Colours): string {
  const lines = found.map(
    ({ file, line, column, severity, message, code }) =>
      `${printable(file)}:${line}:${column}  ${colours.severity(severity, severity)}  ${printable(message)}  [${code}]`,
  );
  const sum = `${count(files, 'file')}: ${count(errors, 'error')}, ${count(found.length - errors, 'warning')}.`;
  return [...lines, sum, ''].join('\n');
}

function sarifOf(found: readonly PolicyDiagnostic[]): string {
  const codes = [...new Set(found.map(({ code }) => code))].sort();
  return policySarif(
    codes.map((id) => ({ id, title: id.replaceAll('_', ' ') })),
    found.map(({ file, code, message, severity, ...place }) => ({
      rule: code,
      level: severity,
      message,
      path: file,
      place: { line: place.line, endLine: place.endLine },
      related: [],
    })),
  );
}
