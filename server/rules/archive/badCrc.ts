import { defineRule } from '../rule.ts';
import { reportAnomalies } from './anomalies.ts';
import { plainArchive, zipSpecification } from './archiveExamples.ts';

export const badCrc = defineRule({
  subject: 'archive',
  meta: {
    id: 'archive/bad-crc',
    title: 'An entry does not match its checksum',
    severity: 'warning',
    description:
      'The content of an entry of the archive does not have the CRC-32 that the archive gives for it. Checked for entries that are read whole: pickles, and everything small.',
    why: 'Either the file is damaged, or somebody changed an entry in place. PyTorch does not look at the checksum, while scanners that do give up with an error (CVE-2025-10156).',
    howToFix: 'Fetch the file again and compare its digest with the one its source publishes.',
    avoid: [{ file: 'model.zip', zip: [{ name: 'config.txt', text: 'layers: 2', crc: 1 }] }],
    prefer: [plainArchive],
    references: [zipSpecification, { title: 'CVE-2025-10156', url: 'https://nvd.nist.gov/vuln/detail/CVE-2025-10156' }],
    cwe: [354],
    atlas: ['AML.T0018.002'],
    owasp: ['ML06:2023'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(archive, report) {
    reportAnomalies(archive, ['bad-crc'], 'Fetch the file again; if it stays so, do not load it.', report);
  },
});
