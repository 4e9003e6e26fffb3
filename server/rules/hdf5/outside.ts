import { escapes } from '../../formats/escapingName.ts';
import type { Severity } from '../finding.ts';

/** A file beside the model may be part of it; one that lies elsewhere is none of the model's business. */
export function severityOf(file: string): Severity {
  return escapes(file) !== null || /^[a-z][a-z\d+.-]*:/i.test(file) ? 'error' : 'warning';
}

/** How often one cause is told: hostile files have one a dataset. */
export const mostTold = 20;

/** What rules about data outside of the file answer to. */
export const outsideMappings = {
  cwe: [73, 200],
  atlas: ['AML.T0011.000', 'AML.T0010.003'],
  owasp: ['ML06:2023', 'LLM03:2025'],
  nistAiRmf: ['MEASURE 2.7'],
  euAiAct: ['Article 15(5)'],
  since: '0.1.0',
};

/** What became known of it. */
export const kerasAdvisory = {
  title: 'CVE-2026-1669, HDF5 in Keras',
  url: 'https://nvd.nist.gov/vuln/detail/CVE-2026-1669',
};
