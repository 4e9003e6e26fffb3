import { WeighbridgeError } from '../../errors.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import type { ProbeSet } from '../probes/probeSet.ts';
import { askAll, type AskOptions } from './ask.ts';
import { compareWithBaseline, type DriftCheck } from './compare.ts';

export interface CanaryResult {
  decision: 'promote' | 'hold' | 'rollback';
  /** One sentence. */
  reason: string;
  /** Null when the candidate did not answer. */
  check: DriftCheck | null;
}

/**
 * Compares two deployments on the same probes, asked side by side so that both meet the same load.
 * @throws {WeighbridgeError} when the baseline does not answer: nothing can be said of the candidate then.
 */
export async function compareCanary(
  baseline: Endpoint,
  candidate: Endpoint,
  probes: ProbeSet,
  options: AskOptions & { level: number },
): Promise<CanaryResult> {
  // The baseline is asked twice, so that answers which change by themselves are not held against the candidate.
  const [stable, tried] = await Promise.allSettled([
    askAll(baseline, probes, { ...options, repeats: Math.max(2, options.repeats) }),
    askAll(candidate, probes, { ...options, repeats: 1 }),
  ]);
  if (options.signal.aborted) throw new WeighbridgeError('cancelled', 'stopped; nothing was decided');
  if (stable.status === 'rejected') throw stable.reason;
  if (tried.status === 'rejected') {
    if (!(tried.reason instanceof WeighbridgeError)) throw tried.reason;
    return {
      decision: 'rollback',
      reason: `The candidate does not answer as it should: ${tried.reason.message}.`,
      check: null,
    };
  }
  const { features, digests, changed, compared } = stable.value;
  const check = compareWithBaseline(
    {
      schemaVersion: 1,
      kind: 'drift-baseline',
      recordedAt: '',
      probes: { sha256: probes.sha256, count: probes.probes.length },
      target: { name: baseline.name, kind: '', model: null, digest: null },
      repeats: 2,
      features,
      answers: { digests, changed, compared },
    },
    tried.value,
    1,
    // The level of a single look is the whole of it: a canary is not looked at again and again.
    options.level * 2,
  );
  switch (check.status) {
    case 'alarm': {
      const names = [...new Set(check.features.filter(({ alarm }) => alarm).map(({ name }) => name))];
      return {
        decision: 'rollback',
        reason: `The candidate answers differently: ${names.slice(0, 5).join(', ')}.`,
        check,
      };
    }
    case 'ok':
      return {
        decision: 'promote',
        reason: 'No change was found that is both significant and large enough to matter.',
        check,
      };
    case 'insufficient':
      return {
        decision: 'hold',
        reason: `Too few probes to tell: ${probes.probes.length}, and ${check.needed} are needed.`,
        check,
      };
  }
}
