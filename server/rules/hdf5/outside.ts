import { escapes } from '../../formats/escapingName.ts';
import type { Severity } from '../finding.ts';

/** A file beside the model may be part of it; one that lies elsewhere is none of the model's business. */
export function severityOf(file: string): Severity {
  return escapes(file) !== null || /^[a-z][a-z\d+.-]*:/i.test(file) ? 'error' : 'warning';
}

/** How often one cause is told: hostile files have one a dataset. */
export const mostTold = 20;
