import { defineRule } from '../rule.ts';

export const unreadableRecord = defineRule({
  subject: 'dataset',
  meta: {
    id: 'dataset/unreadable-record',
    title: 'A record of the data cannot be read as such',
    severity: 'warning',
    description:
      'A line is not JSON, a record has another number of cells than the header, a quoted cell has no end, the bytes are not of the encoding of the file, or a record is too long to be looked into. The other records are read all the same.',
    why: 'What this scan could not read, it did not check. A training script may skip the record, stop at it, or read it in another way than a reviewer does.',
    howToFix: 'Mend the record at the line, or remove it. Write the file with a library rather than by hand.',
    avoid: [
      { file: 'train.jsonl', text: '{"text": "hi", "label": 1}\n{"text": "broken\n{"text": "yes", "label": 0}\n' },
    ],
    prefer: [{ file: 'train.jsonl', text: '{"text": "hi", "label": 1}\n{"text": "yes", "label": 0}\n' }],
    references: [
      { title: 'JSON Lines', url: 'https://jsonlines.org/' },
      { title: 'RFC 4180: CSV files', url: 'https://www.rfc-editor.org/rfc/rfc4180' },
    ],
    cwe: [20],
    atlas: ['AML.T0059'],
    owasp: ['ML02:2023'],
    nistAiRmf: ['MAP 2.3'],
    euAiAct: ['Article 10(2)'],
    since: '0.1.0',
  },
  check({ problems, problemCount }, report) {
    for (const { line, message, kind } of problems) {
      report({
        message: `${message.charAt(0).toUpperCase()}${message.slice(1)}. Mend or remove the record.`,
        location: { line },
        evidence: { kind },
      });
    }
    if (problemCount > problems.length) {
      report({ message: `${problemCount - problems.length} more records cannot be read.`, evidence: { problemCount } });
    }
  },
});
