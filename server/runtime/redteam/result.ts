import { readFileSync, statSync } from 'node:fs';
import { WeighbridgeError } from '../../errors.ts';
import type { AttackOutcome } from './run.ts';

/** What a later run needs of a result. */
export interface RedteamBaseline {
  suiteSha256: string;
  repeats: number;
  outcomes: AttackOutcome[];
}

/** @throws {WeighbridgeError} `not-found`, or `bad-input` saying what is wrong with it. */
export function readRedteamBaseline(file: string): RedteamBaseline {
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  if (size === undefined)
    throw new WeighbridgeError(
      'not-found',
      `${file} is not there: run weighbridge redteam --output ${file} against the model in production first`,
    );
  const wrong = (what: string) =>
    new WeighbridgeError('bad-input', `${file} is no result of weighbridge redteam: ${what}`);
  if (size > 64 * 1024 * 1024) throw wrong('it is too large');
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw wrong('it is not JSON');
  }
  const { suiteSha256, repeats, outcomes } = (value ?? {}) as Record<string, unknown>;
  if (typeof suiteSha256 !== 'string') throw wrong('it does not say which suite');
  if (typeof repeats !== 'number' || !Array.isArray(outcomes) || outcomes.length === 0)
    throw wrong('it has no outcomes');
  for (const each of outcomes as unknown[]) if (!isOutcome(each)) throw wrong('an outcome of it is none');
  return { suiteSha256, repeats, outcomes: outcomes as AttackOutcome[] };
}

function isOutcome(value: unknown): value is AttackOutcome {
  const { id, category, tried, succeeded } = (value ?? {}) as Record<string, unknown>;
  const isCount = (number: unknown) => Number.isSafeInteger(number) && Number(number) >= 0;
  return (
    typeof id === 'string' &&
    typeof category === 'string' &&
    isCount(tried) &&
    isCount(succeeded) &&
    Number(succeeded) <= Number(tried)
  );
}
