import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { WeighbridgeError } from '../errors.ts';
import { replaceFile } from '../files/replaceFile.ts';
import type { Json } from '../formats/facts.ts';
import type { Finding } from '../rules/finding.ts';
import { slashes } from './gitignore.ts';
import { reasonOf } from '../files/reason.ts';

/** An accepted finding. */
export interface BaselineEntry {
  ruleId: string;
  /** Relative to the baseline's folder, with `/`. */
  path: string;
  fingerprint: string;
  message: string;
  /** Why it is accepted, in a person's words. */
  reason?: string;
}

/** The findings that a team has accepted, in a file that stands under version control. */
export class Baseline {
  readonly file: string;
  readonly #entries: Map<string, BaselineEntry>;

  private constructor(file: string, entries: Iterable<BaselineEntry>) {
    this.file = file;
    this.#entries = new Map([...entries].map((entry) => [entry.fingerprint, entry]));
  }

  /**
   * An absent file is an empty baseline when `mayBeMissing`.
   * @throws {WeighbridgeError} `not-found`, `unreadable` or `bad-input`.
   */
  static read(file: string, mayBeMissing = false): Baseline {
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch (cause) {
      const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
      if (missing && mayBeMissing) return new Baseline(file, []);
      if (missing) {
        throw new WeighbridgeError('not-found', `there is no baseline ${file}; write one with --update-baseline`, {
          cause,
        });
      }
      throw new WeighbridgeError('unreadable', `cannot read the baseline ${file}: ${reasonOf(cause)}`, { cause });
    }
    return new Baseline(file, parse(text, file));
  }

  get size(): number {
    return this.#entries.size;
  }

  /**
   * Splits the findings of one file into new ones and accepted ones.
   * @param base the folder that the findings' paths are relative to, absolute.
   */
  judge(findings: readonly Finding[], base: string): { open: Finding[]; accepted: Finding[] } {
    if (this.#entries.size === 0) return { open: [...findings], accepted: [] };
    const open: Finding[] = [];
    const accepted: Finding[] = [];
    for (const [finding, mark] of this.#fingerprints(findings, base)) {
      (this.#entries.has(mark) ? accepted : open).push(finding);
    }
    return { open, accepted };
  }

  /**
   * The baseline that accepts exactly these findings, with the reasons that are on file. Entries about files that were
   * not scanned stay.
   * @returns the entries that nothing matches any more, which are left out.
   */
  replace(findings: readonly Finding[], base: string, wasScanned: (file: string) => boolean): BaselineEntry[] {
    const kept = new Set<string>();
    for (const [finding, mark] of this.#fingerprints(findings, base)) {
      kept.add(mark);
      this.#accept(finding, mark, base, this.#entries.get(mark)?.reason);
    }
    const stale: BaselineEntry[] = [];
    for (const entry of [...this.#entries.values()]) {
      if (kept.has(entry.fingerprint) || !wasScanned(placeOf(entry.path) ?? join(dirname(this.file), entry.path)))
        continue;
      stale.push(entry);
      this.#entries.delete(entry.fingerprint);
    }
    return stale;
  }

  /** Accepts findings beside those that are accepted already. */
  add(findings: readonly Finding[], base: string, reason?: string): void {
    for (const finding of findings) {
      const plain = fingerprint(finding, this.#pathOf(finding, base));
      let count = 0;
      while (this.#entries.has(nth(plain, count))) count++;
      this.#accept(finding, nth(plain, count), base, reason);
    }
  }

  /** @throws {WeighbridgeError} `unwritable`. */
  save(): void {
    const findings = [...this.#entries.values()].sort(
      (a, b) => compare(a.path, b.path) || compare(a.ruleId, b.ruleId) || compare(a.fingerprint, b.fingerprint),
    );
    replaceFile(this.file, `${JSON.stringify({ version: 1, findings }, null, 2)}\n`);
  }

  #accept(finding: Finding, mark: string, base: string, reason: string | undefined): void {
    const { ruleId, message } = finding;
    const path = this.#pathOf(finding, base);
    this.#entries.set(mark, { ruleId, path, fingerprint: mark, message, ...(reason ? { reason } : {}) });
  }

  #pathOf(finding: Finding, base: string): string {
    return placeOf(finding.path) ?? slashes(relative(dirname(this.file), join(base, finding.path)));
  }

  #fingerprints(findings: readonly Finding[], base: string): [Finding, string][] {
    const marks = distinct(findings.map((finding) => fingerprint(finding, this.#pathOf(finding, base))));
    return findings.map((finding, index) => [finding, marks[index] ?? '']);
  }
}

/**
 * The path of a file in a source (`s3://bucket/a.pt`), without the commit or digest that the source had when it was scanned: what was
 * accepted stays so in the next one. Null for a path on this machine.
 */
export function placeOf(path: string): string | null {
  if (!/^[a-z][a-z0-9]+:\//i.test(path)) return null;
  return path.replace(/@(?:[0-9a-f]{40,64}|sha256:[0-9a-f]{64})(?=\/|$)/, '');
}

/**
 * Names a finding by what it says and not by where in the file it stands: rule, file, entry and evidence. It survives
 * lines that move and files that are written anew with the same content.
 */
export function fingerprint(finding: Finding, path: string = finding.path): string {
  return digest(
    [finding.ruleId, placeOf(path) ?? path, finding.location.entry ?? '', canonical(finding.evidence)].join('\0'),
  );
}

/**
 * Adds findings to a baseline file, which is made when there is none.
 * @param base the folder that the findings' paths are relative to; default: the folder of the baseline.
 * @throws {WeighbridgeError} `unreadable`, `unwritable` or `bad-input`.
 */
export function addToBaseline(file: string, findings: readonly Finding[], reason = '', base = dirname(file)): void {
  const baseline = Baseline.read(file, true);
  baseline.add(findings, base, reason);
  baseline.save();
}

/** Fingerprints in which the n-th of several equal ones has become one of its own, so that a second finding of equal content is new. */
export function distinct(fingerprints: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return fingerprints.map((plain) => {
    const count = seen.get(plain) ?? 0;
    seen.set(plain, count + 1);
    return nth(plain, count);
  });
}

/** The fingerprint of the n-th (from 0) of findings that are equal. */
function nth(plain: string, count: number): string {
  return count === 0 ? plain : digest(`${plain} ${count}`);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** JSON with sorted keys: the same evidence gives the same text. */
function canonical(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const fields = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key] ?? null)}`);
  return `{${fields.join(',')}}`;
}

function parse(text: string, file: string): BaselineEntry[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new WeighbridgeError('bad-input', `${file} is not a baseline: ${(cause as Error).message}`, { cause });
  }
  const { version, findings } = (value ?? {}) as { version?: unknown; findings?: unknown };
  if (version !== 1 || !Array.isArray(findings) || !findings.every(isEntry)) {
    throw new WeighbridgeError(
      'bad-input',
      `${file} is not a baseline; write it with "weighbridge scan --update-baseline"`,
    );
  }
  return findings;
}

function isEntry(value: unknown): value is BaselineEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { ruleId, path, fingerprint, message } = value as Record<string, unknown>;
  return [ruleId, path, fingerprint, message].every((field) => typeof field === 'string');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
