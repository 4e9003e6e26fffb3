import { statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { complianceFacts } from '../engine/complianceFacts.ts';
import { WorkspaceScanner } from '../engine/workspaceScanner.ts';
import { WeighbridgeError } from '../errors.ts';
import { complianceReport } from '../report/compliance/complianceReport.ts';
import { complianceHtml } from '../report/compliance/html.ts';
import { complianceMarkdown } from '../report/compliance/markdown.ts';
import { jsonText, tool } from '../report/json.ts';
import { emit, exitCodes, type Command } from './io.ts';
import { choice, commonHelp, configuration, flag, jobs, readArguments } from './options.ts';
import { outputFile } from './outputFile.ts';
import { progressOn } from './progress.ts';

const help = `Usage: weighbridge report [FOLDER] [OPTION...]

Writes a compliance report of a workspace: twelve controls, each met, not met, or not to be seen from here, with what shows it, mapped to NIST AI RMF,
the EU AI Act, OWASP and MITRE ATLAS. It says what the files show, and never that a law is fulfilled.

Options:
  --format FORMAT   markdown (default), html or json

${commonHelp}
The exit code is 0 whatever the report says; gates and scans are what stops a pipeline. SOURCE_DATE_EPOCH sets its time.

Examples:
  weighbridge report --format html --output report.html
  weighbridge report models/ > report.md
`;

export const report: Command = {
  help,
  async run(args, io) {
    const { values, positionals } = readArguments('report', args, {});
    if (positionals.length > 1) throw new WeighbridgeError('bad-usage', 'report takes one folder');
    const format = choice(values, 'format', ['markdown', 'html', 'json'], 'markdown');
    const base = resolve(io.cwd, positionals[0] ?? '.');
    if (!statSync(base, { throwIfNoEntry: false })?.isDirectory()) {
      throw new WeighbridgeError('not-found', `${base} is no folder: name the workspace that the report is about`);
    }
    const output = await outputFile(values, io.cwd, [base]);
    const settings = await configuration(values, base);
    const workers = jobs(values);
    const scanner = new WorkspaceScanner({
      base,
      configuration: settings,
      ...(flag(values, 'no-cache') ? { cache: false } : {}),
      ...(workers === undefined ? {} : { jobs: workers }),
    });
    const progress = progressOn(io, flag(values, 'quiet'));
    try {
      const at = new Date(timeOf(io.environment['SOURCE_DATE_EPOCH']));
      const scan = await scanner.scan([base], { signal: io.signal, onProgress: progress.show });
      const facts = await complianceFacts(scan, base, settings, at.getTime(), io.signal);
      progress.clear();
      const written = complianceReport(basename(base), facts, at);
      const text =
        format === 'html'
          ? complianceHtml(written)
          : format === 'json'
            ? jsonText({ schemaVersion: 1, tool, ...written })
            : complianceMarkdown(written);
      await emit(io, text, output);
      return exitCodes.ok;
    } finally {
      progress.clear();
      await scanner.dispose();
    }
  },
};

/** Milliseconds. */
function timeOf(epoch: string | undefined): number {
  return epoch !== undefined && /^\d{1,12}$/.test(epoch) ? Number(epoch) * 1000 : Date.now();
}
