import { gt, gte, lt, lte, valid, explain } from '@renovatebot/pep440';
import { canonicalName } from '../formats/text/requirements.ts';

/** What is known of a vulnerability of a Python distribution. */
export interface Advisory {
  /** As its source names it: `GHSA-...`, `PYSEC-...`, `CVE-...`. */
  id: string;
  /** Other names of the same. */
  aliases: string[];
  summary: string;
  /** Canonical (PEP 503). */
  package: string;
  /** Half-open ranges by PEP 440: from `introduced` (null: from the first) to `fixed`, or through `last`. */
  ranges: { introduced: string | null; fixed: string | null; last: string | null }[];
  /** Versions that are named one by one. */
  versions: string[];
  /** Where to read more. */
  url: string;
}

/** Whether a version is affected. What is no version by PEP 440 is only compared by name. */
export function affects(advisory: Advisory, version: string): boolean {
  if (advisory.versions.includes(version)) return true;
  // `2.1.0+cu118` is 2.1.0 of another build.
  const plain = version.replace(/\+.*/, '');
  if (valid(plain) === null) return false;
  return advisory.ranges.some(({ introduced, fixed, last }) => {
    if (introduced !== null && (valid(introduced) === null || lt(plain, introduced))) return false;
    if (fixed !== null) return valid(fixed) !== null && lt(plain, fixed);
    if (last !== null) return valid(last) !== null && lte(plain, last);
    return true;
  });
}

/** The lowest version above this one that repairs it and is no pre-release; null where none is known. */
export function fixedIn(advisory: Advisory, version: string): string | null {
  let lowest: string | null = null;
  for (const { fixed } of advisory.ranges) {
    if (fixed === null || valid(fixed) === null || explain(fixed)?.is_prerelease === true) continue;
    if (valid(version) !== null && !gt(fixed, version)) continue;
    if (lowest === null || lt(fixed, lowest)) lowest = fixed;
  }
  return lowest;
}

/** The version above this one that none of them covers; null where none is known. One that repairs an advisory may be covered by a later range of another. */
export function fixedInAll(advisories: readonly Advisory[], version: string): string | null {
  let at = version;
  for (;;) {
    const still = advisories.filter((advisory) => affects(advisory, at));
    if (still.length === 0) return at === version ? null : at;
    let highest: string | null = null;
    for (const advisory of still) {
      const fixed = fixedIn(advisory, at);
      if (fixed === null) return null;
      if (highest === null || gte(fixed, highest)) highest = fixed;
    }
    // Each round goes up to the end of some range, of which there are so many.
    if (highest === null || (valid(at) !== null && !gt(highest, at))) return null;
    at = highest;
  }
}

/** One of each: where two sources tell of the same vulnerability under names of their own, the first is kept. */
export function distinctAdvisories(advisories: readonly Advisory[]): Advisory[] {
  const seen = new Set<string>();
  return advisories.filter(({ id, aliases }) => {
    const known = [id, ...aliases].some((name) => seen.has(name));
    for (const name of [id, ...aliases]) seen.add(name);
    return !known;
  });
}

/**
 * The advisories of an OSV record about distributions on PyPI; none for one that was withdrawn, or that is about something else.
 * Source: ossf.github.io/osv-schema, version 1.6.
 */
export function readOsv(record: unknown): Advisory[] {
  const { id, aliases, summary, details, withdrawn, affected } = object(record);
  if (typeof id !== 'string' || withdrawn !== undefined) return [];
  return list(affected).flatMap((entry) => {
    const { package: about, ranges, versions } = object(entry);
    const { ecosystem, name } = object(about);
    if (typeof name !== 'string' || typeof ecosystem !== 'string' || !/^PyPI(?::|$)/.test(ecosystem)) return [];
    return [
      {
        id,
        aliases: strings(aliases),
        summary: (typeof summary === 'string'
          ? summary
          : typeof details === 'string'
            ? (details.split('\n')[0] ?? '')
            : ''
        ).slice(0, 300),
        package: canonicalName(name),
        ranges: list(ranges).flatMap(rangesOf),
        versions: strings(versions),
        url: `https://osv.dev/vulnerability/${encodeURIComponent(id)}`,
      },
    ];
  });
}

/** Events in their order: each `introduced` opens a range, `fixed` and `last_affected` end it. */
function rangesOf(range: unknown): Advisory['ranges'] {
  const { type, events } = object(range);
  if (type !== 'ECOSYSTEM' && type !== 'SEMVER') return [];
  const found: Advisory['ranges'] = [];
  for (const event of list(events)) {
    const { introduced, fixed, last_affected: last } = object(event);
    if (typeof introduced === 'string')
      found.push({ introduced: introduced === '0' ? null : introduced, fixed: null, last: null });
    const open = found.at(-1);
    if (typeof fixed === 'string' && open) open.fixed = fixed;
    if (typeof last === 'string' && open) open.last = last;
  }
  return found;
}

function object(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function strings(value: unknown): string[] {
  return list(value).filter((each): each is string => typeof each === 'string');
}
