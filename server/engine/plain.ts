import type { Plain } from './configurationCheck.ts';

/** The keys of a mapping; none where something else stands. */
export function record(value: Plain): Record<string, Plain> {
  return typeof value === 'object' && !Array.isArray(value) ? value : {};
}

/** The texts of a list; none where something else stands. */
export function strings(value: Plain): string[] {
  return list(value).filter((item) => typeof item === 'string');
}

export function list(value: Plain): Plain[] {
  return Array.isArray(value) ? value : [];
}
