import { defineRule } from '../rule.ts';

export const objectArray = defineRule({
  subject: 'numpy',
  meta: {
    id: 'numpy/object-array',
    title: 'A NumPy array of Python objects',
    severity: 'info',
    description:
      'The array holds Python objects, which NumPy stores as a pickle behind its header. The pickle is inspected as well.',
    why: '`numpy.load(..., allow_pickle=True)` runs that pickle. Who needs the flag for one file often sets it for all.',
    howToFix: 'Store numbers, or fixed-length strings, and load with `allow_pickle=False`, the default.',
    avoid: [
      {
        file: 'objects.npy',
        hex: '934e554d505901007600 7b276465736372273a20277c4f272c2027666f727472616e5f6f72646572273a2046616c73652c20277368617065273a2028312c292c207d202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020200a 80025d4b01612e',
      },
    ],
    prefer: [
      {
        file: 'numbers.npy',
        hex: '934e554d505901007600 7b276465736372273a20277c7531272c2027666f727472616e5f6f72646572273a2046616c73652c20277368617065273a2028312c292c207d2020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020200a 07',
      },
    ],
    references: [
      { title: 'CVE-2019-6446: numpy.load and pickles', url: 'https://nvd.nist.gov/vuln/detail/CVE-2019-6446' },
    ],
    cwe: [502],
    atlas: ['AML.T0011.000'],
    owasp: ['ML06:2023'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report) {
    if (!part.objects) return;
    report({
      message:
        'The array holds Python objects, which are stored as a pickle. Store plain numbers, and load with allow_pickle=False.',
      location: { entry: part.entry === '' ? null : part.entry },
      evidence: { descr: part.descr, shape: part.shape },
    });
  },
});
