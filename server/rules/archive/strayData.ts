import { partsAt } from '../partsAt.ts';
import { defineRule } from '../rule.ts';
import { reportAnomalies } from './anomalies.ts';
import { plainArchive, zipSpecification } from './archiveExamples.ts';

export const strayData = defineRule({
  subject: 'archive',
  meta: {
    id: 'archive/stray-data',
    title: 'Bytes that belong to no entry',
    severity: 'warning',
    description: 'Bytes stand before or behind the archive. They are inspected, too.',
    why: 'A ZIP archive is found from its end and a pickle from its beginning: one file can be a harmless archive to the scanner and a dangerous pickle to the loader.',
    howToFix: 'Ask for a file without them.',
    avoid: [
      {
        file: 'model.zip',
        hex: '000102030405060708090a0b0c0d0e0f 504b0304 0a00 0000 0000 0000 0000 00000000 00000000 00000000 0100 0000 61 504b0102 1400 0a00 0000 0000 0000 0000 00000000 00000000 00000000 0100 0000 0000 0000 0000 00000000 10000000 61 504b0506 0000 0000 0100 0100 2f000000 2f000000 0000',
      },
    ],
    prefer: [plainArchive],
    references: [zipSpecification],
    cwe: [436],
    atlas: ['AML.T0018.002'],
    owasp: ['ML06:2023'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(archive, report, { inspection }) {
    // TensorFlow Lite appends its associated files (labels) to the model as a ZIP archive: the data in front is the model, and read.
    // Source: TensorFlow Lite metadata, "Associated files".
    const there = partsAt(inspection, archive.entry);
    const behindModel = there.some((part) => part.kind === 'graph' && part.format === 'tflite');
    // A pickle that reads to the end of the file, with an archive as its last value: the bytes in front are the pickle.
    const lastValue = there.some(
      (part) =>
        part.kind === 'pickle' &&
        part.stopped &&
        part.streams === 1 &&
        (part.entry !== '' || part.end === inspection.size) &&
        part.violations.length === 0,
    );
    if (lastValue) return;
    reportAnomalies(
      archive,
      behindModel ? ['trailing-data'] : ['leading-data', 'trailing-data'],
      'Find out what they are before you load the file.',
      report,
    );
  },
});
