import { applyConfiguration, compareFindings, severityWeight as weight } from '../engine/verdicts.ts';
import type { Configuration } from '../engine/configuration.ts';
import type { FormatId } from '../formats/facts.ts';
import { rules } from '../rules/index.ts';
import type { Finding, Severity } from '../rules/finding.ts';
import { isConcerned, type RuleSet } from './ruleSet.ts';
import type { Failure, PlacedResult, ResultStore, StoredResult } from './store/resultStore.ts';

/** What is known of all sources, for people and for Prometheus. */
export interface FleetReport {
  sources: SourceSummary[];
  /** Contents, each counted once, by format. */
  formats: Record<string, number>;
  /** How many contents each rule speaks of, the most severe first. */
  rules: { id: string; severity: Severity; title: string; contents: number; places: number }[];
  /** Content with findings at or above `warning`, or that was not seen whole: the worst first. */
  concerning: ContentSummary[];
  failures: Failure[];
  places: number;
  contents: number;
  /** Contents that were judged by rules that have changed since in a way that concerns them. */
  outdated: number;
}

export interface SourceSummary {
  source: string;
  places: number;
  bytes: number;
  error: number;
  warning: number;
  clean: number;
  incomplete: number;
  failed: number;
}

export interface ContentSummary {
  digest: string;
  format: FormatId;
  worst: Severity;
  places: string[];
  messages: { severity: Severity; ruleId: string; message: string }[];
}

/** What a stored result says by a configuration, with the path of the place. */
export function findingsOf(
  { findings }: Pick<StoredResult, 'findings'>,
  path: string,
  configuration: Pick<Configuration, 'rules'>,
): Finding[] {
  return applyConfiguration(
    findings.map((finding) => ({ ...finding, path })),
    configuration,
  ).sort(compareFindings);
}

export async function fleetReport(
  store: ResultStore,
  configuration: Pick<Configuration, 'rules'>,
  now: RuleSet,
): Promise<FleetReport> {
  const { placed, failures } = await store.everything();
  const judged = new Map<string, { findings: Finding[]; places: PlacedResult[] }>();
  const earlier = new Map<string, RuleSet | null>();
  let outdated = 0;
  for (const place of placed) {
    const key = `${place.digest} ${place.reading}`;
    const known = judged.get(key);
    if (known) known.places.push(place);
    else {
      judged.set(key, { findings: findingsOf(place.result, '', configuration), places: [place] });
      const { ruleSet, kinds } = place.result;
      if (!earlier.has(ruleSet)) earlier.set(ruleSet, await store.ruleSet(ruleSet));
      if (isConcerned(kinds, earlier.get(ruleSet) ?? null, now)) outdated++;
    }
  }
  return {
    sources: sourcesOf([...judged.values()], failures),
    formats: countBy([...judged.values()].map(({ places }) => places[0]?.result.format ?? 'unknown')),
    rules: rulesOf([...judged.values()]),
    concerning: [...judged.values()].flatMap(concerningOf).sort(worstFirst),
    failures,
    places: placed.length,
    contents: judged.size,
    outdated,
  };
}

type Judged = { findings: Finding[]; places: PlacedResult[] };

const worstOf = (findings: readonly Finding[]): Severity | null =>
  findings.reduce<Severity | null>(
    (worst, { severity }) => (worst === null || weight[severity] > weight[worst] ? severity : worst),
    null,
  );

function sourcesOf(judged: readonly Judged[], failures: readonly Failure[]): SourceSummary[] {
  const sources = new Map<string, SourceSummary>();
  const of = (source: string): SourceSummary => {
    const empty = { source, places: 0, bytes: 0, error: 0, warning: 0, clean: 0, incomplete: 0, failed: 0 };
    const known = sources.get(source) ?? empty;
    sources.set(source, known);
    return known;
  };
  for (const { findings, places } of judged) {
    const worst = worstOf(findings);
    for (const { source, result } of places) {
      const summary = of(source);
      summary.places++;
      summary.bytes += result.size;
      summary[worst === 'error' || worst === 'warning' ? worst : 'clean']++;
      if (!result.complete) summary.incomplete++;
    }
  }
  for (const { source } of failures) of(source).failed++;
  return [...sources.values()].sort((a, b) => (a.source < b.source ? -1 : 1));
}

function rulesOf(judged: readonly Judged[]): FleetReport['rules'] {
  const titles = new Map<string, string>(rules.map(({ meta }) => [meta.id, meta.title]));
  const known = new Map<string, FleetReport['rules'][number]>();
  for (const { findings, places } of judged) {
    const said = new Map<string, Severity>();
    for (const { ruleId, severity } of findings) {
      const before = said.get(ruleId);
      if (!before || weight[severity] > weight[before]) said.set(ruleId, severity);
    }
    for (const [id, severity] of said) {
      const rule = known.get(id) ?? { id, severity, title: titles.get(id) ?? id, contents: 0, places: 0 };
      known.set(id, rule);
      rule.contents++;
      rule.places += places.length;
      if (weight[severity] > weight[rule.severity]) rule.severity = severity;
    }
  }
  return [...known.values()].sort((a, b) => weight[b.severity] - weight[a.severity] || (a.id < b.id ? -1 : 1));
}

function concerningOf({ findings, places }: Judged): ContentSummary[] {
  const [first] = places;
  const worst = worstOf(findings);
  if (!first || worst === null || (worst === 'info' && first.result.complete)) return [];
  const messages = findings
    .filter(({ severity }) => severity !== 'info')
    .map(({ severity, ruleId, message }) => ({ severity, ruleId, message }));
  const { digest, result } = first;
  return [{ digest, format: result.format, worst, places: places.map(({ uri }) => uri).sort(), messages }];
}

function worstFirst(a: ContentSummary, b: ContentSummary): number {
  return weight[b.worst] - weight[a.worst] || b.places.length - a.places.length || (a.digest < b.digest ? -1 : 1);
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of [...names].sort()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
