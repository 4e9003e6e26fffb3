import type { Configuration } from '../../engine/configuration.ts';
import { isArtifact } from '../../engine/examine.ts';
import { severityWeight } from '../../engine/verdicts.ts';
import type { Severity } from '../../rules/finding.ts';
import { addressText, isSourceAddress, parseAddress } from '../../sources/address.ts';
import { isHashed } from '../contentKey.ts';
import { findingsOf } from '../fleetReport.ts';
import { isConcerned, type RuleSet } from '../ruleSet.ts';
import type { ResultStore, StoredResult } from '../store/resultStore.ts';

export type Purpose = 'load' | 'promote';

/** By what is decided. */
export interface AdmissionPolicy {
  /** The severity from which on a finding denies. */
  denyFrom: Record<Purpose, Severity>;
  configuration: Pick<Configuration, 'rules'>;
  /** The rules of this build. */
  rules: RuleSet;
  /** Addresses as clients know them, and as the fleet does: the longest that fits is replaced. */
  mappings: readonly (readonly [from: string, to: string])[];
}

export interface Reason {
  code: 'unknown' | 'failed' | 'incomplete' | 'finding' | 'outdated' | 'too-many' | 'unresolvable';
  message: string;
  ruleId?: string;
}

/** The answer to "may this model be loaded, or promoted?". */
export interface AdmissionDecision {
  allow: boolean;
  model: string;
  purpose: Purpose;
  /** Why not; empty where it may. */
  reasons: Reason[];
  /** What does not deny, and is worth knowing. */
  warnings: string[];
  /** Digests of the files that were read whole, `sha256:...`, sorted: of others nobody has seen which content they have. */
  digests: string[];
}

/** A model of more files is asked about in parts. */
const mostFiles = 2_000;
const mostReasons = 20;

/**
 * Decides from what is stored: nothing is read or scanned for it. What is not known, was not seen whole or could not be scanned is
 * denied.
 * @param model an address as it is enqueued (a file, or a folder with all below it), or `sha256:` and the digest of a file.
 */
export async function decide(
  model: string,
  purpose: Purpose,
  store: ResultStore,
  policy: AdmissionPolicy,
): Promise<AdmissionDecision> {
  const reasons: Reason[] = [];
  const warnings: string[] = [];
  const known = await contentOf(model, store, policy, reasons);
  if (!known.some(({ result }) => isArtifact(result.format)) && reasons.length === 0) {
    reasons.push({ code: 'unknown', message: `nothing is known of ${model}: let the fleet scan it` });
  }
  const earlier = new Map<string, RuleSet | null>();
  let outdated = 0;
  for (const { name, result } of known) {
    if (!result.complete) reasons.push({ code: 'incomplete', message: `${name} was not seen whole` });
    for (const { severity, ruleId, message } of findingsOf(result, name, policy.configuration)) {
      if (severityWeight[severity] < severityWeight[policy.denyFrom[purpose]]) continue;
      reasons.push({ code: 'finding', ruleId, message: `${name}: ${message}` });
    }
    if (!earlier.has(result.ruleSet)) earlier.set(result.ruleSet, await store.ruleSet(result.ruleSet));
    if (isConcerned(result.kinds, earlier.get(result.ruleSet) ?? null, policy.rules)) outdated++;
  }
  if (outdated > 0) {
    const message = `rules have changed since ${outdated} of its files were scanned: let the fleet scan them again`;
    if (purpose === 'promote') reasons.push({ code: 'outdated', message });
    else warnings.push(message);
  }
  const more = reasons.length - mostReasons;
  if (more > 0) warnings.push(`${more} more reasons are not listed`);
  return {
    allow: reasons.length === 0,
    model,
    purpose,
    reasons: reasons.slice(0, mostReasons),
    warnings,
    digests: [
      ...new Set(known.flatMap(({ result: { digest } }) => (isHashed(digest) ? [`sha256:${digest}`] : []))),
    ].sort(),
  };
}

async function contentOf(
  model: string,
  store: ResultStore,
  policy: AdmissionPolicy,
  reasons: Reason[],
): Promise<{ name: string; result: StoredResult }[]> {
  const digest = /^sha256:([0-9a-f]{64})$/i.exec(model)?.[1];
  if (digest !== undefined) {
    const results = await store.resultsOf(digest.toLowerCase());
    return results.map((result) => ({ name: model, result }));
  }
  const address = mapped(model, policy.mappings);
  for (const { uri, reason } of await store.failuresAt(address, mostReasons + 1)) {
    reasons.push({ code: 'failed', message: `${uri} could not be scanned: ${reason}` });
  }
  const placed = await store.resultsAt(address, mostFiles + 1);
  if (placed.length > mostFiles) {
    reasons.push({ code: 'too-many', message: `${model} has more than ${mostFiles} files: ask for a part of it` });
    return [];
  }
  // What several sources hold is said once.
  return [...new Map(placed.map(({ uri, result }) => [uri, { name: uri, result }])).values()];
}

/** The address under which the fleet knows it. */
export function mapped(model: string, mappings: AdmissionPolicy['mappings']): string {
  const fitting = mappings
    .filter(([from]) => model === from || model.startsWith(from.endsWith('/') ? from : `${from}/`))
    .sort(([a], [b]) => b.length - a.length)[0];
  return addressed(fitting ? fitting[1] + model.slice(fitting[0].length) : model);
}

/** As sources are enqueued: `oci://HOST/NAME` is `oci://HOST/NAME:latest`. */
function addressed(model: string): string {
  if (!isSourceAddress(model)) return model;
  try {
    return addressText(parseAddress(model));
  } catch {
    // It is no address that could have been enqueued, and nothing is known of it.
    return model;
  }
}
