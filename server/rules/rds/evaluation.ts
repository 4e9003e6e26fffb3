import type { RdsFacts } from '../../formats/rds/facts.ts';
import { bytePlace } from '../place.ts';
import { defineRule, type Report } from '../rule.ts';

type Code = RdsFacts['code'][number];

const told: Record<Code['what'], { severity: 'error' | 'warning' | 'info'; says: string }> = {
  'pending promise': {
    severity: 'error',
    says: 'It holds a promise without a value, whose expression R evaluates as soon as the object is touched',
  },
  promise: { severity: 'warning', says: 'It holds a promise, an expression that R may evaluate' },
  bytecode: { severity: 'warning', says: 'It holds compiled functions' },
  closure: { severity: 'warning', says: 'It holds functions, which run when the model is used' },
  language: { severity: 'info', says: 'It holds expressions, as formulas are' },
};
const worst: Code['what'][] = ['pending promise', 'promise', 'bytecode', 'closure', 'language'];

export const rdsEvaluation = defineRule({
  subject: 'rds',
  meta: {
    id: 'rds/evaluation',
    title: 'The R object holds what R evaluates',
    severity: 'error',
    description:
      'An `.rds` or `.rda` file holds promises without a value (an error), other promises, functions or compiled code (a warning), or expressions such as the formula of a model (information). The worst is told, with the functions that expressions call by name.',
    why: 'R evaluates a pending promise when the variable is first touched, so reading a file runs what its maker wrote (CVE-2024-27322, fixed in R 4.4.0). Functions run when the model is used.',
    howToFix:
      'Do not read a file with pending promises. Save models in a form without code: coefficients as CSV or JSON, or the library’s own format (`xgb.save`, ONNX).',
    avoid: [
      {
        file: 'model.rds',
        hex: '580a 00000002 00040300 00020300 00000005 000000fc 00000006 00000001 00040009 00000006 73797374656d 00000002 00000010 00000001 00040009 00000002 6964 000000fe',
        note: 'A promise to call `system("id")`.',
      },
    ],
    prefer: [
      {
        file: 'model.rds',
        hex: '580a 00000002 00040300 00020300 0000000e 00000002 3ff0000000000000 4000000000000000',
        note: 'Two numbers.',
      },
    ],
    references: [
      { title: 'CVE-2024-27322, R deserialization', url: 'https://nvd.nist.gov/vuln/detail/CVE-2024-27322' },
      {
        title: 'R Internals: serialization formats',
        url: 'https://cran.r-project.org/doc/manuals/r-release/R-ints.html',
      },
    ],
    cwe: [502],
    atlas: ['AML.T0011.000', 'AML.T0010.003'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7', 'MANAGE 3.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report: (report: Report) => void) {
    const first = worst.map((what) => part.code.find((each) => each.what === what)).find((each) => each !== undefined);
    if (!first) return;
    const { severity, says } = told[first.what];
    const called = part.calls.filter((name) => /^[\w.]+$/.test(name)).slice(0, 5);
    const calls = called.length > 0 ? ` (calls ${called.join(', ')})` : '';
    report({
      message: `${says}${calls}. ${severity === 'error' ? 'Do not read this file.' : severity === 'warning' ? 'Read it only where you trust its maker.' : 'That is ordinary for a statistical model.'}`,
      severity,
      location: bytePlace(part, first.offset),
      evidence: { code: part.code.map(({ what, count }) => ({ what, count })), calls: part.calls.slice(0, 50) },
    });
  },
});
