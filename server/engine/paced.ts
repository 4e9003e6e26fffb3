import { setImmediate } from 'node:timers/promises';
import { WeighbridgeError } from '../errors.ts';

/** Milliseconds of work before others get their turn: a signal, a line of progress. */
const slice = 50;

/**
 * Runs work that yields the share done, and lets others have their turn now and then.
 * @throws {WeighbridgeError} `cancelled`.
 */
export async function paced<T>(
  steps: Generator<number, T>,
  signal: AbortSignal,
  onShare: (share: number) => void,
): Promise<T> {
  let last = performance.now();
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value;
    if (performance.now() - last < slice) continue;
    onShare(step.value);
    await setImmediate();
    if (signal.aborted) throw new WeighbridgeError('cancelled', 'the scan was cancelled');
    last = performance.now();
  }
}
