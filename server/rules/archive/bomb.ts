import { defineRule } from '../rule.ts';
import { reportAnomalies } from './anomalies.ts';
import { plainArchive } from './archiveExamples.ts';

export const bomb = defineRule({
  subject: 'archive',
  meta: {
    id: 'archive/bomb',
    title: 'An archive that expands beyond all measure',
    severity: 'warning',
    description:
      'A small entry expands to a size that its loader may not survive, or entries overlap so that the same bytes are expanded many times. Reading stops at the limit.',
    why: 'A loader that trusts the archive runs out of memory or disk.',
    howToFix:
      'Do not load it. If the file is honest and really that large, raise `limits.ratio` in `weighbridge.yaml`.',
    avoid: [{ file: 'weights.zip', zip: [{ name: 'zeros.bin', zeros: 20_000_000, method: 8 }] }],
    prefer: [plainArchive],
    references: [{ title: 'CWE-409', url: 'https://cwe.mitre.org/data/definitions/409.html' }],
    cwe: [409],
    atlas: ['AML.T0029'],
    owasp: ['LLM10:2025'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(archive, report) {
    reportAnomalies(archive, ['bomb'], 'Do not unpack or load it.', report);
  },
});
