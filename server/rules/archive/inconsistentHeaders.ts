import { defineRule } from '../rule.ts';
import { reportAnomalies } from './anomalies.ts';
import { plainArchive, zipSpecification } from './archiveExamples.ts';

export const inconsistentHeaders = defineRule({
  subject: 'archive',
  meta: {
    id: 'archive/inconsistent-headers',
    title: 'The archive contradicts itself',
    severity: 'warning',
    description:
      'What the central directory says of an entry is not what stands at the entry, or one of the two is missing, or names a compression method that nobody knows.',
    why: 'A scanner that reads one and a loader that reads the other see two different files (CVE-2025-1944).',
    howToFix: "Ask for a file that is written by the framework's own saving function.",
    avoid: [{ file: 'model.zip', zip: [{ name: 'config.txt', text: 'layers: 2', method: 99 }] }],
    prefer: [plainArchive],
    references: [zipSpecification, { title: 'CVE-2025-1944', url: 'https://nvd.nist.gov/vuln/detail/CVE-2025-1944' }],
    cwe: [436],
    atlas: ['AML.T0018.002'],
    owasp: ['ML06:2023'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(archive, report) {
    reportAnomalies(
      archive,
      ['header-mismatch', 'unknown-method', 'no-central-directory'],
      'Loaders disagree about such a file: do not load it.',
      report,
    );
  },
});
