/**
 * Digests of the code of each rule, with all that it calls, by id; the build puts them here (scripts/ruleDigests.mjs). Unbundled there
 * are none, and every rule counts as changed with the readers.
 */
export const ruleDigests: Readonly<Record<string, string>> = {};

/** A digest of all code that reads files. */
export const readersDigest: string = 'unbundled';
