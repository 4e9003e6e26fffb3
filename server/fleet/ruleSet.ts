import { createHash } from 'node:crypto';
import type { ExamineSettings } from '../engine/examine.ts';
import { extensionOf } from '../formats/identify.ts';
import { promisedDigest } from '../formats/contentAddress.ts';
import { rules } from '../rules/index.ts';
import { readersDigest, ruleDigests } from './ruleDigests.ts';

/** The rules that results were judged by, and what else they depend on. */
export interface RuleSet {
  id: string;
  /** A digest of the readers' code, and of the settings of the configuration that they heed. */
  reading: string;
  /** By id: a digest of all code that the rule runs, and the kind of facts that it reads. */
  rules: Record<string, { digest: string; subject: string }>;
}

/** Texts, folders and data are not what a fleet judges. */
const elsewhere = new Set<string>(['text', 'directory', 'dataset']);

/**
 * The rules of this build.
 * @param digests of their code, by id; only tests give others.
 */
export function ruleSetOf(
  settings: ExamineSettings,
  digests: Readonly<Record<string, string>> = ruleDigests,
  readers: string = readersDigest,
): RuleSet {
  const known: RuleSet['rules'] = {};
  for (const { meta, subject } of rules) {
    if (!elsewhere.has(subject)) known[meta.id] = { digest: digests[meta.id] ?? readers, subject };
  }
  const reading = digestOf([readers, settings]);
  return { id: digestOf([reading, Object.entries(known).sort()]), reading, rules: known };
}

/**
 * Whether content that was judged by `before` has to be scanned again now: a rule that came, went or changed reads a kind of
 * facts that it has, or the readers changed.
 */
export function isConcerned(kinds: readonly string[], before: RuleSet | null, now: RuleSet): boolean {
  if (before?.id === now.id) return false;
  if (before?.reading !== now.reading) return true;
  const subjects = changedSubjects(before, now);
  return subjects.has('artifact') || kinds.some((kind) => subjects.has(kind));
}

function changedSubjects(before: RuleSet, now: RuleSet): Set<string> {
  const changed = new Set<string>();
  for (const id of new Set([...Object.keys(before.rules), ...Object.keys(now.rules)])) {
    const [old, fresh] = [before.rules[id], now.rules[id]];
    if (old?.digest === fresh?.digest && old?.subject === fresh?.subject) continue;
    if (old) changed.add(old.subject);
    if (fresh) changed.add(fresh.subject);
  }
  return changed;
}

/**
 * What of a file's name readers and rules ask: its extension, and the digest that the name of a blob promises. Two files with the
 * same content and the same reading have the same result.
 */
export function readingOf(path: string): string {
  const promised = promisedDigest(path);
  return extensionOf(path) + (promised === null ? '' : `@${promised}`);
}

function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);
}
