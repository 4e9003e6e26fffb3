import { defineRule } from '../rule.ts';

export const hiddenPickle = defineRule({
  subject: 'pickle',
  meta: {
    id: 'pickle/hidden-pickle',
    title: 'A pickle inside a bytes value',
    severity: 'warning',
    description:
      'A bytes value of the pickle is a pickle itself. It is inspected like any other. A tensor that PyTorch stores this way (`torch.storage._load_from_bytes`) is ordinary and not told.',
    why: 'Whatever loads the outer file may hand the inner one to a second loader, past a check that saw only the outer one.',
    howToFix: 'Find out which code reads the value. If none needs it, save the data without it.',
    avoid: [
      {
        file: 'cache.pkl',
        pickle:
          'PROTO 4\nSHORT_BINBYTES hex:80025d71002863636f6c6c656374696f6e730a4f726465726564446963740a71012e\nSTOP',
        note: 'The bytes begin with `80 02`: a pickle of protocol 2.',
      },
    ],
    prefer: [{ file: 'cache.pkl', pickle: 'PROTO 4\nSHORT_BINBYTES hex:00112233445566778899aabbccddeeff\nSTOP' }],
    references: [
      {
        title: 'The Art of Hide and Seek: Making Pickle-Based Model Supply Chain Poisoning Stealthy Again',
        url: 'https://arxiv.org/abs/2508.19774',
      },
    ],
    cwe: [502, 506],
    atlas: ['AML.T0018.002'],
    owasp: ['ML06:2023'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report) {
    for (const hidden of part.hidden) {
      report({
        message: `${hidden.length} bytes inside the pickle are a pickle of their own. Find out what loads them before you load this file.`,
        location: { entry: part.entry === '' ? null : part.entry, byteOffset: hidden.offset },
        evidence: { length: hidden.length, inner: hidden.entry },
      });
    }
  },
});
