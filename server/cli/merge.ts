import { resolve } from 'node:path';
import { severityWeight } from '../engine/verdicts.ts';
import { WeighbridgeError } from '../errors.ts';
import { mergeReports } from '../report/mergeReports.ts';
import type { Severity } from '../rules/finding.ts';
import { inputText } from './inputFile.ts';
import { emit, exitCodes, type Command } from './io.ts';
import { choice, commonHelp, flag, readArguments } from './options.ts';
import { outputFile } from './outputFile.ts';

/** A report longer than this many bytes is taken for something else: V8 has no longer strings. */
export const longestReport = 500 << 20;

const help = `Usage: weighbridge merge REPORT... [OPTION...]

Joins the reports of the parts of a scan ("weighbridge scan --shard I/N") into the one that a scan of everything prints, byte for
byte. REPORT is JSON or SARIF, all of one format. Reports that overlap are joined, too: what two of them say of the same file is
said once. A part that is missing is an error.

Options:
  --fail-on LEVEL   error (default), warning, info or never: the severity from which on the exit code is 1
  --partial         Join what is there; the result says which parts it holds

${commonHelp}
Examples:
  weighbridge merge part-*.json --output all.json
  weighbridge merge reports/*.sarif --fail-on never > weighbridge.sarif
`;

export const merge: Command = {
  help,
  endsAtOnce: true,
  async run(args, io) {
    const { values, positionals } = readArguments('merge', args, {
      'fail-on': { type: 'string' },
      partial: { type: 'boolean' },
    });
    if (positionals.length === 0 || positionals.includes('')) {
      throw new WeighbridgeError('bad-usage', 'name the reports to join; see "weighbridge merge --help"');
    }
    const failOn = choice(values, 'fail-on', ['error', 'warning', 'info', 'never'], 'error');
    const paths = positionals.map((name) => resolve(io.cwd, name));
    const output = await outputFile(values, io.cwd, paths);
    const files = positionals.map((name, at) => ({ name, text: inputText(paths[at] ?? name, longestReport) }));
    const { format, text, counts, errors } = mergeReports(files, flag(values, 'partial'));
    choice(values, 'format', [format], format);
    io.takeInterrupts?.();
    await emit(io, text, output);
    const isOver = (severity: Severity) =>
      failOn !== 'never' && counts[severity] > 0 && severityWeight[severity] >= severityWeight[failOn];
    if (isOver('error') || isOver('warning') || isOver('info')) return exitCodes.findings;
    return errors > 0 ? exitCodes.failed : exitCodes.ok;
  },
};
