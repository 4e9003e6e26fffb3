import type { GradientCheck } from '../../scans/gradient/selfCheck.ts';
import type { ModelDigest } from '../../scans/modelDigest.ts';
import type { Placement } from '../../scans/runtime/session.ts';
import type { ProviderReport } from '../../scans/runtime/providers.ts';

/** A model, and the bytes that were run. */
export type ScannedModel = { path: string } & ModelDigest;

/** What every report of a scan says of the run. */
export interface ScanRun {
  model: ScannedModel;
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
    ...(model.data ?? []).map(({ path, digest }): [string, string] => [path, digest]),
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

/** How a model was run and differentiated. */
export interface HowItRan {
  gradient?: 'exact' | 'estimate' | 'none';
  gradientCheck?: GradientCheck | null;
  placement: Placement | null;
}

/** Gradient and placement: what a result hangs on. */
export function howRows({ gradient, gradientCheck: check, placement }: HowItRan): [string, string][] {
  const rows: [string, string][] = [];
  if (gradient)
    rows.push(['Gradient', { exact: 'exact', estimate: 'an estimate (the model rounds)', none: 'none' }[gradient]]);
  if (check)
    rows.push([
      'Gradient check',
      `correlation ${check.correlation.toFixed(4)} with measured slopes (${check.samples} samples, ${check.directions} random directions)`,
    ]);
  const places = Object.entries(placement ?? {}).map(
    ([provider, { nodes, timeShare }]) =>
      `${nodes} nodes on ${provider.replace('ExecutionProvider', '')} (${Math.round(100 * timeShare)} % of the time)`,
  );
  if (places.length > 0) rows.push(['Placement', places.join(', ')]);
  return rows;
}
