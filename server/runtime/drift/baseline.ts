import { readFileSync, statSync } from 'node:fs';
import { WeighbridgeError } from '../../errors.ts';
import type { Feature } from './features.ts';

/** How a model answered its probes when it was accepted. */
export interface DriftBaseline {
  schemaVersion: 1;
  kind: 'drift-baseline';
  recordedAt: string;
  probes: { sha256: string; count: number };
  target: DriftTarget;
  /** How often each probe was asked. */
  repeats: number;
  /** Values of the first round, in the order of the probes. */
  features: Feature[];
  /** Digests of the first round's answers, by probe, and how many answers of later rounds differed from them. */
  answers: { digests: string[]; changed: number; compared: number };
}

/** What was asked. Two records can only be compared when all but the digest are the same. */
export interface DriftTarget {
  /** Of the endpoint, or of the file. */
  name: string;
  kind: string;
  model: string | null;
  /** SHA-256 of the model file; null for what runs elsewhere. */
  digest: string | null;
}

const largestFile = 512 * 1024 * 1024;

/** @throws {WeighbridgeError} `not-found`, `bad-input` saying what is wrong with it. */
export function readBaseline(file: string): DriftBaseline {
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  if (size === undefined) {
    throw new WeighbridgeError('not-found', `${file} is not there: record one first with weighbridge drift record`);
  }
  const wrong = (what: string) => new WeighbridgeError('bad-input', `${file} is no baseline of drift: ${what}`);
  if (size > largestFile) throw wrong('it is too large');
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw wrong('it is not JSON');
  }
  const reason = flawOf(value);
  if (reason !== null) throw wrong(reason);
  return value as DriftBaseline;
}

function flawOf(value: unknown): string | null {
  if (!isRecord(value) || value['kind'] !== 'drift-baseline') return 'its kind is not "drift-baseline"';
  if (value['schemaVersion'] !== 1) return 'its version is not 1';
  const { probes, target, features, answers } = value;
  if (!isRecord(probes) || typeof probes['sha256'] !== 'string' || !isCount(probes['count']))
    return 'it does not say which probes';
  if (!isRecord(target) || typeof target['name'] !== 'string' || typeof target['kind'] !== 'string')
    return 'it does not say what was asked';
  if (!isCount(value['repeats'])) return 'it does not say how often';
  if (!Array.isArray(features) || features.length === 0) return 'it has no features';
  const wanted = probes['count'];
  for (const feature of features as unknown[]) {
    if (!isRecord(feature) || typeof feature['name'] !== 'string' || !Array.isArray(feature['values']))
      return 'a feature has no values';
    const { name, kind, values } = feature as { name: string; kind: unknown; values: unknown[] };
    if (values.length !== wanted) return `the feature ${name} has ${values.length} values, not ${wanted}`;
    const type = kind === 'label' ? 'string' : kind === 'number' || kind === 'latency' ? 'number' : null;
    if (type === null) return `the feature ${name} is of no known kind`;
    if (!values.every((each) => typeof each === type && (type === 'string' || Number.isFinite(each)))) {
      return `a value of the feature ${name} is no ${type === 'string' ? 'text' : 'number'}`;
    }
  }
  if (!isRecord(answers) || !Array.isArray(answers['digests']) || answers['digests'].length !== probes['count'])
    return 'it has no digests of answers';
  if (typeof answers['changed'] !== 'number' || typeof answers['compared'] !== 'number')
    return 'it does not say how stable answers were';
  return null;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
