import { defineRule } from '../rule.ts';
import { reportAnomalies } from './anomalies.ts';
import { plainArchive, zipSpecification } from './archiveExamples.ts';

export const duplicateEntry = defineRule({
  subject: 'archive',
  meta: {
    id: 'archive/duplicate-entry',
    title: 'Two entries have the same name',
    severity: 'warning',
    description:
      'Two entries have the same name, or names that differ only in upper and lower case. All of them are inspected.',
    why: "Python's zipfile takes the last one, other readers the first, and PyTorch's looks names up without regard to case: one content is checked, the other is loaded.",
    howToFix: "Ask for a file that is written by the framework's own saving function.",
    avoid: [
      {
        file: 'model.zip',
        zip: [
          { name: 'config.txt', text: 'layers: 2' },
          { name: 'CONFIG.TXT', text: 'layers: 3' },
        ],
      },
    ],
    prefer: [plainArchive],
    references: [zipSpecification],
    cwe: [436, 694],
    atlas: ['AML.T0018.002'],
    owasp: ['ML06:2023'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(archive, report) {
    reportAnomalies(
      archive,
      ['duplicate-name'],
      'Two loaders may read two different contents: do not load it.',
      report,
    );
  },
});
