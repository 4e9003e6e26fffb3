import { artifactRules } from './artifactRules.ts';
import { datasetRules } from './datasetRules.ts';
import type { Rule } from './rule.ts';
import { textRules } from './textRules.ts';

/** Every rule, by id. A rule that is in none of the three lists does not exist; what scans models loads only the first. */
export const rules: readonly Rule[] = [...artifactRules, ...textRules, ...datasetRules].sort((a, b) =>
  a.meta.id < b.meta.id ? -1 : 1,
);
