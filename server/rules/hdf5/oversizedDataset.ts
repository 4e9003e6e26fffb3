import { bytePlace, quoted } from '../place.ts';
import { defineRule } from '../rule.ts';

export const hdf5OversizedDataset = defineRule({
  subject: 'hdf5',
  meta: {
    id: 'hdf5/oversized-dataset',
    title: 'A dataset claims far more than the file can hold',
    severity: 'warning',
    description:
      'A dataset of an HDF5 file claims more than a gigabyte and more than a thousand times the size of the file, without having the bytes.',
    why: 'Reading it asks for that much memory and ends the process: a model of a kilobyte takes down the server that loads it (CVE-2026-0897).',
    howToFix: 'Do not load the file. If it is yours, write the data, or a dataset of the right shape.',
    avoid: [{ file: 'model.h5', hdf5: { datasets: { kernel: [1048576, 1048576] } } }],
    prefer: [{ file: 'model.h5', hdf5: { datasets: { kernel: [2, 3] } } }],
    references: [{ title: 'CVE-2026-0897, shapes in Keras', url: 'https://nvd.nist.gov/vuln/detail/CVE-2026-0897' }],
    cwe: [400, 789],
    atlas: ['AML.T0011.000', 'AML.T0010.003'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report) {
    const [first] = part.oversized;
    if (!first) return;
    report({
      message: `The dataset ${quoted(first.path)} claims ${first.bytes} bytes, which the file does not have. Loading it may exhaust the memory: do not load this file.`,
      location: bytePlace(part, first.offset),
      evidence: { datasets: part.oversized.slice(0, 20).map(({ path, bytes }) => ({ path, bytes })) },
    });
  },
});
