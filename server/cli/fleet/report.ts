import { severityWeight } from '../../engine/verdicts.ts';
import { fleetMetrics } from '../../fleet/fleetMetrics.ts';
import { fleetPage } from '../../fleet/fleetPage.ts';
import { fleetReport, type FleetReport } from '../../fleet/fleetReport.ts';
import { ruleSetOf } from '../../fleet/ruleSet.ts';
import { jsonText, tool } from '../../report/json.ts';
import { count, printable } from '../../report/printable.ts';
import { emit, exitCodes, type Io } from '../io.ts';
import { choice, configuration, flag, readArguments, requireNoMore } from '../options.ts';
import { outputFile } from '../outputFile.ts';
import { examineSettings, fleetOptions, openStore } from './fleetArguments.ts';

/** `weighbridge fleet report`. */
export async function reportAction(args: string[], io: Io): Promise<number> {
  const { values, positionals } = readArguments('fleet', args, { ...fleetOptions, 'fail-on': { type: 'string' } });
  requireNoMore(positionals);
  const format = choice(values, 'format', ['text', 'json', 'html', 'openmetrics'], 'text');
  const failOn = choice(values, 'fail-on', ['error', 'warning', 'info', 'never'], 'never');
  const settings = await configuration(values, io.cwd);
  const output = await outputFile(values, io.cwd, []);
  const store = await openStore(values, io);
  try {
    const report = await fleetReport(store, settings, ruleSetOf(examineSettings(settings)));
    if (!flag(values, 'quiet') || output !== undefined || format !== 'text') {
      await emit(io, await printed(report, format), output);
    }
    const isOver =
      failOn !== 'never' && report.rules.some(({ severity }) => severityWeight[severity] >= severityWeight[failOn]);
    return isOver ? exitCodes.findings : exitCodes.ok;
  } finally {
    await store.close();
  }
}

async function printed(report: FleetReport, format: 'text' | 'json' | 'html' | 'openmetrics'): Promise<string> {
  switch (format) {
    case 'json':
      return jsonText({ schemaVersion: 1, tool, ...report });
    case 'html':
      return fleetPage(report);
    case 'openmetrics':
      return fleetMetrics(report);
    case 'text':
      return textOf(report);
  }
}

function textOf({ sources, rules, places, contents, failures, outdated }: FleetReport): string {
  const lines = sources.map(({ source, places: files, error, warning, clean, failed }) => {
    const lost = failed > 0 ? `, ${failed} failed` : '';
    return `${printable(source)}: ${count(files, 'file')}: ${error} with errors, ${warning} with warnings, ${clean} with neither${lost}`;
  });
  for (const { id, severity, contents: found, places: at } of rules) {
    lines.push(`  ${severity.padEnd(7)}  ${id}: ${count(found, 'content')} in ${count(at, 'file')}`);
  }
  for (const { uri, reason } of failures) lines.push(`  failed   ${printable(uri)}: ${printable(reason)}`);
  const old = outdated > 0 ? `; ${count(outdated, 'content')} to scan again because rules changed` : '';
  lines.push(`${count(places, 'file')} with ${count(contents, 'different content')}${old}.`);
  return `${lines.join('\n')}\n`;
}
