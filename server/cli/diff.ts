import { resolve } from 'node:path';
import { severityWeight } from '../engine/verdicts.ts';
import { WeighbridgeError } from '../errors.ts';
import { compareReports, comparisonJson, comparisonText } from '../report/compareReports.ts';
import { readReport } from '../report/reportedFindings.ts';
import type { Severity } from '../rules/finding.ts';
import { inputText } from './inputFile.ts';
import { coloursFor, emit, exitCodes, type Command } from './io.ts';
import { longestReport } from './merge.ts';
import { choice, commonHelp, configuration, flag, readArguments, text } from './options.ts';
import { outputFile } from './outputFile.ts';

const help = `Usage: weighbridge diff BASE REPORT [OPTION...]

Says what REPORT has that BASE has not. Both are reports of "weighbridge scan" in JSON or SARIF, made in the same folder of two states
of a repository. Findings are the same when rule, file and content are: lines may move.

Options:
  --format FORMAT   text (default), json or markdown: the comment of a pull request, in which texts from files are inert
  --category NAME   What a comment is known by, where a pull request gets several (default: weighbridge)
  --fail-on LEVEL   error, warning, info or never: the severity of new findings from which on the exit code is 1
                    (default: what weighbridge.yaml says, or error)

${commonHelp}
Examples:
  weighbridge diff base.json head.json
  weighbridge diff base.sarif head.sarif --format markdown --output comment.md --fail-on never
`;

export const diff: Command = {
  help,
  endsAtOnce: true,
  async run(args, io) {
    const { values, positionals } = readArguments('diff', args, {
      'fail-on': { type: 'string' },
      category: { type: 'string' },
    });
    const [base, head] = positionals;
    if (!base || !head || positionals.length !== 2) {
      throw new WeighbridgeError('bad-usage', 'name two reports, the older one first; see "weighbridge diff --help"');
    }
    const format = choice(values, 'format', ['text', 'json', 'markdown'], 'text');
    const settings = await configuration(values, io.cwd);
    const failOn = choice(values, 'fail-on', ['error', 'warning', 'info', 'never'], settings.failOn);
    const category = text(values, 'category') ?? 'weighbridge';
    if (!/^[A-Za-z0-9][\w.-]{0,63}$/.test(category)) {
      throw new WeighbridgeError(
        'bad-usage',
        '--category must be 1 to 64 letters, digits, ".", "_" or "-", a letter or digit first',
      );
    }
    const used = [resolve(io.cwd, base), resolve(io.cwd, head), settings.file];
    const output = await outputFile(values, io.cwd, used);
    const read = (name: string) => readReport({ name, text: inputText(resolve(io.cwd, name), longestReport) });
    const compared = compareReports(read(base), read(head));
    io.takeInterrupts?.();
    if (!flag(values, 'quiet') || output !== undefined || format !== 'text') {
      const colours = coloursFor(io, { noColor: flag(values, 'no-color'), output });
      switch (format) {
        case 'text':
          await emit(io, comparisonText(compared, colours), output);
          break;
        case 'json':
          await emit(io, comparisonJson(compared), output);
          break;
        case 'markdown': {
          const { comparisonMarkdown } = await import('../report/comparisonMarkdown.ts');
          await emit(io, comparisonMarkdown(compared, category), output);
        }
      }
    }
    const isOver = (severity: Severity) =>
      failOn !== 'never' && compared.counts[severity] > 0 && severityWeight[severity] >= severityWeight[failOn];
    if (isOver('error') || isOver('warning') || isOver('info')) return exitCodes.findings;
    return compared.errors > 0 ? exitCodes.failed : exitCodes.ok;
  },
};
