import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const here = path.dirname(fileURLToPath(import.meta.url));

/** What one command cost. */
export interface Cost {
  /** Wall time, in seconds. */
  seconds: number;
  cpuSeconds: number;
  peakBytes: number;
}

/** The median of several runs. */
export interface Measured extends Cost {
  runs: Cost[];
}

/**
 * Runs commands in turn, `times` rounds, so that a change of the machine's load meets all of them alike.
 * @throws {Error} when a command ends in an exit code that is not among `codes`.
 */
export async function compare<Name extends string>(
  python: string,
  commands: Record<Name, string[]>,
  times: number,
  before: () => void = () => {},
  codes = [0, 1],
): Promise<Record<Name, Measured>> {
  const costs = {} as Record<Name, Cost[]>;
  const names = Object.keys(commands) as Name[];
  for (let round = 0; round < times; round++) {
    for (const name of names) {
      before();
      const { stdout } = await promisify(execFile)(python, [path.join(here, 'measure.py'), ...commands[name]]);
      const { code, ...cost } = JSON.parse(stdout) as Cost & { code: number };
      if (!codes.includes(code)) throw new Error(`${name} ended with exit code ${code}: ${commands[name].join(' ')}`);
      (costs[name] ??= []).push(cost);
    }
  }
  return Object.fromEntries(names.map((name) => [name, medianOf(costs[name])])) as Record<Name, Measured>;
}

export function medianOf(runs: Cost[]): Measured {
  const middle = (of: (cost: Cost) => number): number => median(runs.map(of));
  return {
    seconds: middle(({ seconds }) => seconds),
    cpuSeconds: middle(({ cpuSeconds }) => cpuSeconds),
    peakBytes: middle(({ peakBytes }) => peakBytes),
    runs,
  };
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
