import assert from 'node:assert/strict';
import type { BackdoorJob, BackdoorScan } from './backdoor.ts';
import type { SamplesRequest } from './samples/loadSamples.ts';

/** Samples as the command asks for them when it is told nothing but the file. */
export const samplesAt = (path: string, more: Partial<SamplesRequest> = {}): SamplesRequest => ({
  path,
  labels: null,
  range: null,
  preprocessing: null,
  labelColumn: null,
  most: 1000,
  ...more,
});

/** A scan with all methods, and more time than it takes. */
export const backdoorJob = (model: string, samples: SamplesRequest, more: Partial<BackdoorJob> = {}): BackdoorJob => ({
  model,
  samples,
  inputs: null,
  methods: ['neural-cleanse', 'mm-bd', 'untargeted', 'strip'],
  schedule: 'fast',
  provider: 'cpu',
  seed: 1,
  batch: 32,
  classes: null,
  budgetMs: 3_600_000,
  falseRejectionRate: 0.01,
  known: [],
  ...more,
});

/** What two scans of the same have in common. */
export const withoutTime = ({ durationMs, ...scan }: BackdoorScan): object => {
  assert.ok(durationMs > 0);
  return scan;
};
