import { defineRule } from '../rule.ts';
import { reportAnomalies } from './anomalies.ts';
import { plainArchive, zipSpecification } from './archiveExamples.ts';

export const encryptedFlag = defineRule({
  subject: 'archive',
  meta: {
    id: 'archive/encrypted-flag',
    title: 'An entry says that it is encrypted',
    severity: 'warning',
    description:
      'The flags of an entry say that it is encrypted or patched. The entry is inspected as if they did not.',
    why: "PyTorch ignores the flags and loads the entry; scanners built on Python's zipfile raise an error and see nothing (CVE-2025-1945).",
    howToFix: "Ask for a file that is written by the framework's own saving function.",
    avoid: [{ file: 'model.zip', zip: [{ name: 'config.txt', text: 'layers: 2', flags: 1 }] }],
    prefer: [plainArchive],
    references: [zipSpecification, { title: 'CVE-2025-1945', url: 'https://nvd.nist.gov/vuln/detail/CVE-2025-1945' }],
    cwe: [311, 436],
    atlas: ['AML.T0018.002'],
    owasp: ['ML06:2023'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(archive, report) {
    reportAnomalies(archive, ['encrypted-flag'], 'Do not load it unless you know why it is so.', report);
  },
});
