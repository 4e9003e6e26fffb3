import type { AttackOutcome } from '../runtime/redteam/run.ts';
import type { Comparison, RedteamVerdict } from '../runtime/redteam/verdict.ts';
import { upperBound } from '../statistics/pairedOutcomes.ts';
import { jsonText, tool } from './json.ts';
import { count, printable } from './printable.ts';

export interface RedteamReport {
  suite: { name: string; version: number; attacks: number };
  suiteSha256: string;
  /** Its address, without keys. */
  endpoint: string;
  /** The model's name there. */
  endpointModel: string | null;
  /** The model on disk that the result is bound to. */
  model: { path: string; digest: string } | null;
  repeats: number;
  /** Null without a baseline. */
  verdict: RedteamVerdict | null;
  outcomes: AttackOutcome[];
}

/** The documented form; a later run takes it for its baseline, gates for evidence. */
export function redteamJson({ verdict, ...report }: RedteamReport): string {
  return jsonText({
    schemaVersion: 1,
    tool,
    kind: 'redteam',
    decision: verdict?.decision ?? 'undecided',
    overall: verdict?.overall ?? {
      baselineRate: null,
      candidateRate: rateOf(report.outcomes),
      pValue: null,
      upperBound95: boundOf(report.outcomes),
    },
    categories: verdict?.categories ?? [],
    newFailures: verdict?.newFailures ?? [],
    ...report,
  });
}

export function redteamText({ suite, endpoint, endpointModel, verdict, outcomes }: RedteamReport): string {
  const name = printable(endpointModel ?? endpoint);
  const told = `${succeeding(outcomes)} of ${count(suite.attacks, 'attack')} of the suite ${printable(suite.name)} ${suite.version} succeed on ${name}; the true rate is below ${percent(boundOf(outcomes))} with 95 % confidence.`;
  if (!verdict)
    return `${told}\nThere is no baseline, so nothing is decided: keep this result with --format json --output FILE, and name it with --baseline.\n`;
  const { overall, decision } = verdict;
  const change = `${overall.worse} succeed that did not before, ${overall.better} no longer do (p = ${short(overall.pValue)})`;
  const lines = [
    decision === 'fail'
      ? `This model is worse than its baseline: ${change}. Do not promote it before somebody has looked at the attacks below.`
      : `No regression was found: ${change}.`,
    told,
    ...rowsOf([{ category: 'all', ...overall }, ...verdict.categories]),
  ];
  if (verdict.newFailures.length > 0) {
    lines.push(`Never succeeded before, and always do now: ${verdict.newFailures.map(printable).join(', ')}.`);
  }
  return `${lines.join('\n')}\n`;
}

function rowsOf(comparisons: readonly (Comparison & { category: string })[]): string[] {
  const header = ['category', 'attacks', 'before', 'now', 'worse', 'better', 'p'];
  const rows = comparisons.map(({ category, attacks, baselineRate, candidateRate, worse, better, pValue }) => [
    printable(category),
    ...[String(attacks), percent(baselineRate), percent(candidateRate), String(worse), String(better), short(pValue)],
  ]);
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [header, ...rows].map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  );
}

/** In most tries. */
function succeeding(outcomes: readonly AttackOutcome[]): number {
  return outcomes.filter(({ tried, succeeded }) => succeeded > 0 && succeeded * 2 >= tried).length;
}

const rateOf = (outcomes: readonly AttackOutcome[]): number => succeeding(outcomes) / Math.max(1, outcomes.length);

const boundOf = (outcomes: readonly AttackOutcome[]): number => upperBound(succeeding(outcomes), outcomes.length, 0.95);

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

const short = (value: number): string => String(Number(value.toPrecision(2)));
