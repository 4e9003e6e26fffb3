import type { PartFacts } from '../formats/facts.ts';
import type { Finding, Severity } from '../rules/finding.ts';

export interface Verdict {
  severity: Severity | 'none';
  /** The plain words, two sentences at most. */
  text: string;
}

/** Parts that hold numbers and nothing else: of them more can be said than that nothing was found. */
const plainData = new Set<PartFacts['kind']>(['safetensors', 'numpy', 'archive', 'msgpack']);

/** The first thing that a person reads of a file: may I load this? */
export function verdict(parts: readonly PartFacts[], findings: readonly Finding[], complete: boolean): Verdict {
  const worst = worstOf(findings);
  const partial = complete ? '' : ' Part of it could not be read, so there may be more.';
  if (worst === 'error') return { severity: 'error', text: `Do not load this file.${partial}` };
  if (worst === 'warning') return { severity: 'warning', text: `Look before you load this file.${partial}` };
  if (!complete) {
    return { severity: 'warning', text: 'Nothing dangerous was found, but part of this file could not be read.' };
  }
  const kinds = new Set(parts.map(({ kind }) => kind));
  if (kinds.has('pickle')) {
    return {
      severity: 'info',
      text: 'Nothing dangerous was found. It is a pickle all the same: prefer safetensors, which cannot run code.',
    };
  }
  if (kinds.has('unread')) {
    return { severity: 'info', text: 'This format is recognised, but its content is not inspected yet.' };
  }
  if (![...kinds].every((kind) => plainData.has(kind))) {
    return { severity: 'none', text: 'Nothing dangerous was found in this file.' };
  }
  return { severity: 'none', text: 'Loading this file runs no code, and nothing in it breaks its format.' };
}

/** The worst severity that asks for something to be done; null when none does. */
export function worstOf(findings: readonly Finding[]): 'error' | 'warning' | null {
  return (
    (['error', 'warning'] as const).find((severity) => findings.some((each) => each.severity === severity)) ?? null
  );
}

/** `12 tensors`, of all parts that carry some. */
export function tensorCount(parts: readonly PartFacts[]): number {
  return parts.reduce((sum, part) => sum + ('tensorCount' in part ? part.tensorCount : 0), 0);
}
