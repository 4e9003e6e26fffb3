import type { ErrorCode } from '../../errors.ts';
import type { ScanJobs } from './jobs.ts';

/** How far a scan is. */
export interface ScanProgress {
  /** What it is doing, in a few words. */
  phase: string;
  done: number;
  total: number;
  /** Seconds that it may still take; null before that can be told. */
  secondsLeft: number | null;
}

/** What a scan may cost. */
export interface ScanLimits {
  /** Milliseconds after which it is ended. */
  timeMs: number;
  /** Bytes of resident memory above which it is ended. */
  memoryBytes: number;
}

export type ScanKind = keyof ScanJobs;

export interface ScanOrder<K extends ScanKind = ScanKind> {
  kind: K;
  job: ScanJobs[K]['job'];
  limits: ScanLimits;
}

export type ScanMessage =
  | { progress: ScanProgress }
  /** What is known so far, should the scan end early. */
  | { partial: unknown }
  | { result: unknown }
  | { error: { code: ErrorCode | null; message: string } };

/** What the process writes before it ends itself for its memory. */
export const memoryMark = 'weighbridge: the memory limit was reached';
