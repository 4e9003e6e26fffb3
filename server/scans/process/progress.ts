import type { ScanReporter } from './jobs.ts';

/** Tells progress with an estimate of what is left, by the time that each step took so far. */
export function teller(reporter: ScanReporter, phase: string, total: number): (done: number) => void {
  const from = performance.now();
  reporter.progress({ phase, done: 0, total, secondsLeft: null });
  return (done) => {
    const each = (performance.now() - from) / done / 1000;
    reporter.progress({ phase, done, total, secondsLeft: Math.round(each * (total - done)) });
  };
}
