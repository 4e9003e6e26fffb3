import type { PickleViolation } from '../../formats/facts.ts';
import { defineRule } from '../rule.ts';

/** Breaches that have a rule of their own. */
const toldElsewhere = new Set<PickleViolation['code']>(['expansion', 'depth']);

/** Breaches that no library makes, and behind which anything can follow. */
const dangerous = new Set<PickleViolation['code']>(['raw-array', 'rewrites-class']);

export const brokenStream = defineRule({
  subject: 'pickle',
  meta: {
    id: 'pickle/broken-stream',
    title: 'The pickle breaks the rules of its format',
    severity: 'warning',
    description:
      'The stream is cut short, holds a byte that is no opcode, takes more than the stack holds, lies about its frames, sets items of something that is no collection, or is followed by bytes that belong to nothing. What was found before the breach still counts. A joblib array of unknown length, and a stream that rewrites a class of the loading program, are errors. One finding per pickle, with the first breach.',
    why: 'A pickle is executed opcode by opcode: a broken tail does not defuse a bad head, and breaking the tail on purpose makes scanners give up (nullifAI). Frames that lie mean different things to different Python versions.',
    howToFix: 'Fetch the file again and compare its checksum with its source. If it is still broken, do not load it.',
    avoid: [
      {
        file: 'model.pkl',
        pickle: "PROTO 2\nEMPTY_LIST\nBINUNICODE 'cut short'",
        note: 'The stream ends without STOP.',
      },
      {
        file: 'model.pickle',
        pickle: "PROTO 4\nFRAME 2\nSHORT_BINUNICODE 'across the end'\nSTOP",
        note: 'A string runs across the end of its frame.',
      },
    ],
    prefer: [{ file: 'model.pkl', pickle: "PROTO 2\nEMPTY_LIST\nBINUNICODE 'whole'\nAPPEND\nSTOP" }],
    references: [
      {
        title: 'ReversingLabs: Malicious ML models discovered on Hugging Face platform (nullifAI)',
        url: 'https://www.reversinglabs.com/blog/rl-identifies-malware-ml-model-hosted-on-hugging-face',
      },
      { title: 'PEP 3154, framing', url: 'https://peps.python.org/pep-3154/#framing' },
      { title: 'CVE-2026-24747', url: 'https://nvd.nist.gov/vuln/detail/CVE-2026-24747' },
    ],
    cwe: [502, 1286],
    atlas: ['AML.T0018.002'],
    owasp: ['ML06:2023'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report) {
    const told = part.violations.filter((violation) => !toldElsewhere.has(violation.code));
    const worst = told.find((violation) => dangerous.has(violation.code));
    const first = worst ?? told[0];
    if (first === undefined) return;
    const more = told.length > 1 ? ` (and ${told.length - 1} more)` : '';
    report({
      message: `The pickle is not well formed: ${first.message}${more}. ${worst ? 'Do not load it.' : 'Do not load it unless its checksum matches its source.'}`,
      ...(worst && part.context !== 'hidden' && { severity: 'error' as const }),
      location: { entry: part.entry === '' ? null : part.entry, byteOffset: first.offset },
      evidence: {
        breaches: told.slice(0, 10).map(({ code, offset, message }) => ({ code, offset, message })),
        stopped: part.stopped,
      },
    });
  },
});
