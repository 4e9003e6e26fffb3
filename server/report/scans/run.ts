import type { ProviderReport } from '../../scans/runtime/providers.ts';

/** What every report of a scan says of the run. */
export interface ScanRun {
  model: { path: string; digest: string };
  /** How the samples were named. */
  samples: string;
  provider: ProviderReport;
  seed: number;
  durationMs: number;
  notes: readonly string[];
}

/** The fields of a run as JSON has them. */
export function runJson({ model, samples, provider, seed, durationMs, notes }: ScanRun) {
  return {
    provider: provider.used,
    providerRequested: provider.requested,
    providersFailed: provider.failed,
    seed,
    model,
    samplesFile: samples,
    runtime: `onnxruntime-node ${provider.runtime}`,
    notes,
    durationMs,
  };
}

/** The run as rows of a table. */
export function runRows({ model, samples, provider, seed, durationMs }: ScanRun): [string, string][] {
  return [
    ['Model', model.path],
    ['Digest', model.digest],
    ['Samples', samples],
    [
      'Provider',
      provider.used === provider.requested ? provider.used : `${provider.used} (${provider.requested} was asked for)`,
    ],
    ['Runtime', `onnxruntime-node ${provider.runtime}`],
    ['Seed', String(seed)],
    ['Time', `${(durationMs / 1000).toFixed(1)} s`],
  ];
}
