import { defineRule } from '../rule.ts';
import { reportAnomalies } from './anomalies.ts';
import { plainArchive } from './archiveExamples.ts';

export const escapingEntry = defineRule({
  subject: 'archive',
  meta: {
    id: 'archive/escaping-entry',
    title: 'An entry would be written outside the folder',
    severity: 'error',
    description:
      'The name of an entry is absolute, climbs with `..`, names a drive, or is a link that leaves the folder.',
    why: 'Whatever unpacks the archive without checking writes a file where the attacker chose: a start-up script, a key, a Python module (zip slip).',
    howToFix: 'Do not unpack it. Ask for an archive with plain relative names.',
    avoid: [{ file: 'model.zip', zip: [{ name: '../../home/user/.bashrc', text: 'echo' }] }],
    prefer: [plainArchive],
    references: [
      { title: 'Snyk: Zip Slip', url: 'https://security.snyk.io/research/zip-slip-vulnerability' },
      { title: 'CWE-22', url: 'https://cwe.mitre.org/data/definitions/22.html' },
    ],
    cwe: [22, 59],
    atlas: ['AML.T0011.000'],
    owasp: ['ML06:2023'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(archive, report) {
    reportAnomalies(archive, ['escaping-name', 'link'], 'Do not unpack this archive.', report);
  },
});
