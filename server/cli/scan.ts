import { resolve } from 'node:path';
import { Baseline, placeOf } from '../engine/baseline.ts';
import type { Configuration } from '../engine/configuration.ts';
import type { ScanReport } from '../engine/report.ts';
import { severityWeight } from '../engine/verdicts.ts';
import type { Shard } from '../engine/shard.ts';
import { WorkspaceScanner } from '../engine/workspaceScanner.ts';
import { WeighbridgeError } from '../errors.ts';
import { plain, type Colours } from '../report/colour.ts';
import { count } from '../report/printable.ts';
import { addressForms, isSourceAddress } from '../sources/address.ts';
import type { RuleSetting, Severity } from '../rules/finding.ts';
import { complain, coloursFor, emit, exitCodes, write, type Command, type Io } from './io.ts';
import {
  choice,
  commonHelp,
  configuration,
  file,
  flag,
  jobs,
  readArguments,
  text,
  texts,
  type OptionValues,
} from './options.ts';
import { outputFile } from './outputFile.ts';
import { progressOn } from './progress.ts';
import { furtherReports, scanFormats, type ScanFormat } from './scanFormats.ts';

const help = `Usage: weighbridge scan [PATH|SOURCE...] [OPTION...]

Finds models, configs and dataset manifests below PATH (default: the working directory), inspects them without executing
anything, and says what is dangerous. Files that .gitignore names are left out, unless PATH names them itself.

A SOURCE is a model elsewhere, of which only headers, pickles and texts are fetched (docs/sources.md):
  ${Object.values(addressForms).join('\n  ')}

Options:
  --format FORMAT   text (default), json, sarif, or gitlab (GitLab's code quality report)
  --report F=FILE   Write the report in format F, too; may be repeated
  --fail-on LEVEL   error (default), warning, info or never: the severity from which on the exit code is 1
  --rule ID=LEVEL   error, warning, info or off for a rule (pickle/unknown-import) or an area (pickle/*); may be repeated
  --baseline FILE   findings that are accepted; default: what weighbridge.yaml names
  --update-baseline Accept all findings of this scan: write them to the baseline
  --shard I/N       Only part I of N, split by size; "weighbridge merge" joins the reports

${commonHelp}
Examples:
  weighbridge scan
  weighbridge scan models/ train.yaml --fail-on warning
  weighbridge scan --report sarif=weighbridge.sarif --report json=weighbridge.json
  weighbridge scan hf://organisation/model@main s3://bucket/models
  weighbridge scan --baseline weighbridge-baseline.json --update-baseline
`;

export const scan: Command = {
  help,
  endsAtOnce: true,
  async run(args, io) {
    const { values, positionals } = readArguments('scan', args, {
      'fail-on': { type: 'string' },
      rule: { type: 'string', multiple: true },
      baseline: { type: 'string' },
      'update-baseline': { type: 'boolean' },
      shard: { type: 'string' },
      report: { type: 'string', multiple: true },
    });
    const shard = await shardOf(values);
    const format = choice(values, 'format', scanFormats, 'text');
    const settings = await settingsOf(values, io);
    const sources = positionals.filter(isSourceAddress);
    const paths = pathsOf(positionals, io.cwd);
    const output = await outputFile(values, io.cwd, [...paths, settings.file, settings.baseline]);
    const further = await furtherReports(values, io.cwd, [...paths, settings.file, settings.baseline, output]);
    const workers = jobs(values);
    const scanner = new WorkspaceScanner({
      base: io.cwd,
      configuration: settings,
      ...(flag(values, 'no-cache') ? { cache: false } : {}),
      ...(workers === undefined ? {} : { jobs: workers }),
      ...(io.isolate === true ? { isolate: true } : {}),
    });
    const progress = progressOn(io, flag(values, 'quiet'));
    try {
      const onSaving = () => io.takeInterrupts?.();
      const run = { signal: io.signal, onProgress: progress.show, onSaving, ...(shard ? { shard } : {}) };
      const reports: ScanReport[] = [];
      if (paths.length > 0) reports.push(await scanner.scan(paths, run));
      // Here come reports, and folders for what is fetched.
      io.takeInterrupts?.();
      for (const source of sources) {
        const { scanSource } = await import('../engine/scanSource.ts');
        reports.push(
          await scanSource(source, {
            configuration: settings,
            environment: io.environment,
            ...run,
            ...(workers === undefined ? {} : { jobs: workers }),
          }),
        );
      }
      const report = await joined(reports, settings, io);
      progress.clear();
      if (flag(values, 'update-baseline')) return await acceptAll(report, paths, settings, io, flag(values, 'quiet'));
      for (const { format, file } of further) await emit(io, await print(report, format, plain), file);
      // Who asks for JSON or SARIF wants it; quiet are the texts for people.
      if (!flag(values, 'quiet') || output !== undefined || format !== 'text') {
        const colours = coloursFor(io, { noColor: flag(values, 'no-color'), output });
        await emit(io, await print(report, format, colours), output);
      }
      for (const { path, message } of report.errors) await complain(io, `cannot read ${path}: ${message}`);
      return exitCode(report, settings.failOn);
    } finally {
      progress.clear();
      await scanner.dispose();
    }
  },
};

/** @throws {WeighbridgeError} `bad-usage` for an empty name, which is what an unset variable of a script leaves. */
function pathsOf(positionals: readonly string[], cwd: string): string[] {
  if (positionals.includes('')) throw new WeighbridgeError('bad-usage', 'a PATH is empty: name a file or a folder');
  const paths = positionals.length > 0 ? positionals : ['.'];
  return paths.filter((path) => !isSourceAddress(path)).map((path) => resolve(cwd, path));
}

/** One report of all; findings in sources are held against the baseline here, because only now their files have names. */
async function joined(reports: readonly ScanReport[], { baseline }: Configuration, io: Io): Promise<ScanReport> {
  const [only, ...more] = reports;
  if (only && more.length === 0 && !only.sources) return only;
  const { acceptInSources, joinReports } = await import('../engine/scanSource.ts');
  return acceptInSources(joinReports(reports), baseline === null ? null : Baseline.read(baseline, true), io.cwd);
}

/** @throws {WeighbridgeError} `bad-usage`. */
async function shardOf(values: OptionValues): Promise<Shard | null> {
  const given = text(values, 'shard');
  if (given === undefined) return null;
  const { mostShards } = await import('../engine/shard.ts');
  const [, index, count] = (/^(\d{1,6})\/(\d{1,6})$/.exec(given) ?? []).map(Number);
  if (index === undefined || count === undefined || index < 1 || index > count || count > mostShards) {
    const range = `two numbers I/N with 1 <= I <= N <= ${mostShards}`;
    throw new WeighbridgeError('bad-usage', `--shard must be ${range}, not "${given}"`);
  }
  // A part does not know what the others found, and what they did not find any more.
  if (flag(values, 'update-baseline')) {
    throw new WeighbridgeError('bad-usage', '--update-baseline needs the whole scan, without --shard');
  }
  return { index, count };
}

async function print(report: ScanReport, format: ScanFormat, colours: Colours) {
  switch (format) {
    case 'text':
      return (await import('../report/text.ts')).textReport(report, colours);
    case 'json':
      return (await import('../report/json.ts')).jsonReport(report);
    case 'sarif':
      return (await import('../report/sarif.ts')).sarifReport(report);
    case 'gitlab':
      return (await import('../report/gitlab.ts')).gitlabReport(report);
  }
}

/** Findings beat errors: who reads 1 has something to look at. */
function exitCode({ counts, errors }: ScanReport, failOn: Severity | 'never'): number {
  const isOver = (severity: Severity) =>
    failOn !== 'never' && counts[severity] > 0 && severityWeight[severity] >= severityWeight[failOn];
  if (isOver('error') || isOver('warning') || isOver('info')) return exitCodes.findings;
  return errors.length > 0 ? exitCodes.failed : exitCodes.ok;
}

/** The configuration with what the command line says on top. */
async function settingsOf(values: OptionValues, { cwd }: Io): Promise<Configuration> {
  const base = await configuration(values, cwd);
  const rules = { ...base.rules };
  for (const given of texts(values, 'rule')) {
    const [id, severity] = await ruleSetting(given);
    rules[id] = { allow: rules[id]?.allow ?? [], severity };
  }
  const baseline = file(values, 'baseline', cwd) ?? base.baseline;
  const updates = flag(values, 'update-baseline');
  if (updates && baseline === null) {
    throw new WeighbridgeError(
      'bad-usage',
      '--update-baseline needs --baseline FILE, or "baseline" in weighbridge.yaml',
    );
  }
  // Reading it here tells a missing or damaged one before the scan and not after it.
  if (baseline !== null) Baseline.read(baseline, updates);
  const failOn = choice(values, 'fail-on', ['error', 'warning', 'info', 'never'], base.failOn);
  return { ...base, rules, baseline, failOn };
}

async function ruleSetting(given: string): Promise<[id: string, severity: RuleSetting]> {
  const { checkRuleSetting } = await import('../engine/ruleSetting.ts');
  return checkRuleSetting(given);
}

async function acceptAll(
  report: ScanReport,
  paths: string[],
  { baseline: name }: Configuration,
  io: Io,
  quiet: boolean,
): Promise<number> {
  const baseline = Baseline.read(name ?? '', true);
  const places = [...paths, ...(report.sources ?? []).map(({ name }) => placeOf(name) ?? name)];
  const isBelow = (path: string) => places.some((top) => path === top || path.startsWith(top.replace(/[\\/]?$/, '/')));
  const stale = baseline.replace([...report.findings, ...report.acceptedFindings], io.cwd, isBelow);
  baseline.save();
  for (const { path, message } of report.errors) await complain(io, `cannot read ${path}: ${message}`);
  if (!quiet) {
    const removed =
      stale.length > 0 ? `; ${count(stale.length, 'entry', 'entries')} matched nothing any more and went` : '';
    await write(io.stdout, `Wrote ${baseline.file}: ${count(baseline.size, 'accepted finding')}${removed}.\n`);
  }
  return report.errors.length > 0 ? exitCodes.failed : exitCodes.ok;
}
