import { WeighbridgeError } from '../../errors.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import type { ProbeSet } from '../probes/probeSet.ts';
import { askAll, type AskOptions, type Asked } from './ask.ts';
import type { DriftBaseline, DriftTarget } from './baseline.ts';
import { compareWithBaseline, type DriftCheck } from './compare.ts';

/** Asks a model all probes, and gives what later looks are compared with. */
export async function recordBaseline(
  endpoint: Endpoint,
  target: DriftTarget,
  probes: ProbeSet,
  options: AskOptions,
  now: Date,
): Promise<DriftBaseline> {
  const { features, digests, changed, compared } = await askAll(endpoint, probes, options);
  return {
    schemaVersion: 1,
    kind: 'drift-baseline',
    recordedAt: now.toISOString(),
    probes: { sha256: probes.sha256, count: probes.probes.length },
    target,
    repeats: options.repeats,
    features,
    answers: { digests, changed, compared },
  };
}

/**
 * Asks the model again and compares.
 * @throws {WeighbridgeError} `bad-input` when the probes or the model are not those of the baseline: nothing was asked then.
 */
export async function checkAgainst(
  baseline: DriftBaseline,
  endpoint: Endpoint,
  target: DriftTarget,
  probes: ProbeSet,
  options: AskOptions & { look: number; level: number },
): Promise<DriftCheck> {
  requireSame(baseline, target, probes);
  const asked: Asked = await askAll(endpoint, probes, { ...options, repeats: 1 });
  return compareWithBaseline(baseline, asked, options.look, options.level);
}

function requireSame(baseline: DriftBaseline, target: DriftTarget, probes: ProbeSet): void {
  if (baseline.probes.sha256 !== probes.sha256) {
    throw new WeighbridgeError(
      'bad-input',
      `the probes are not those of the baseline (${baseline.probes.count} then, ${probes.probes.length} now): answers to other questions cannot be compared; record a new baseline`,
    );
  }
  for (const [what, then, now] of [
    ['protocol', baseline.target.kind, target.kind],
    ['model', baseline.target.model, target.model],
  ] as const) {
    if (then !== now) {
      throw new WeighbridgeError(
        'bad-input',
        `the baseline is of another ${what} (${then ?? 'none'}, not ${now ?? 'none'}): record one for this model`,
      );
    }
  }
}
