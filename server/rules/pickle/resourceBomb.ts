import { defineRule } from '../rule.ts';

export const resourceBomb = defineRule({
  subject: 'pickle',
  meta: {
    id: 'pickle/resource-bomb',
    title: 'A small pickle that stands for something enormous',
    severity: 'warning',
    description:
      'A few bytes of the stream stand for billions of values, by references to references, or nest deeper than any loader can follow.',
    why: 'Whatever compares, prints, hashes or copies the result runs out of time or memory: a training job or an inference server stops.',
    howToFix: 'Do not load the file.',
    avoid: [
      {
        file: 'laughs.pkl',
        pickle: laughs(),
        note: 'Ten references to ten references to ten references...',
      },
    ],
    prefer: [{ file: 'plain.pkl', pickle: "PROTO 4\nSHORT_BINUNICODE 'ha'\nTUPLE1\nSTOP" }],
    references: [
      {
        title: 'CWE-409: Improper Handling of Highly Compressed Data',
        url: 'https://cwe.mitre.org/data/definitions/409.html',
      },
    ],
    cwe: [409, 400],
    atlas: ['AML.T0029'],
    owasp: ['LLM10:2025'],
    nistAiRmf: ['MEASURE 2.6'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report) {
    const bomb = part.violations.find((violation) => violation.code === 'expansion' || violation.code === 'depth');
    if (bomb === undefined) return;
    report({
      message: `In this pickle ${bomb.message}. Do not load it.`,
      location: { entry: part.entry === '' ? null : part.entry, byteOffset: bomb.offset },
      evidence: { code: bomb.code },
    });
  },
});

/** The listing of a "billion laughs" pickle: each tuple holds the one before it eight times. */
function laughs(): string {
  const lines = ['PROTO 4', "SHORT_BINUNICODE 'ha'", 'MEMOIZE'];
  for (let level = 0; level < 12; level++) {
    lines.push('POP', 'MARK', ...Array.from({ length: 8 }, () => `BINGET ${level}`), 'TUPLE', 'MEMOIZE');
  }
  return [...lines, 'STOP'].join('\n');
}
