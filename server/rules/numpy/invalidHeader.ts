import { defineRule } from '../rule.ts';

export const invalidNumpyHeader = defineRule({
  subject: 'numpy',
  meta: {
    id: 'numpy/invalid-header',
    title: 'The NumPy header breaks the format',
    severity: 'warning',
    description:
      'The header of an `.npy` file is not the dictionary that the format asks for, or does not fit the data behind it.',
    why: 'NumPy evaluates the header as a Python literal; crafted ones have crashed readers and hidden data behind the array.',
    howToFix: 'Fetch the file again, or write it again with `numpy.save`.',
    avoid: [
      {
        file: 'array.npy',
        hex: '934e554d50590100 0400 7b7d200a',
        note: 'An empty dictionary where the shape should stand.',
      },
    ],
    prefer: [
      {
        file: 'array.npy',
        hex: '934e554d505901007600 7b276465736372273a20277c7531272c2027666f727472616e5f6f72646572273a2046616c73652c20277368617065273a2028312c292c207d2020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020200a 07',
      },
    ],
    references: [
      { title: 'NumPy: NPY format', url: 'https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html' },
    ],
    cwe: [1286],
    atlas: ['AML.T0018'],
    owasp: ['ML06:2023'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report) {
    const [first] = part.violations;
    if (first === undefined) return;
    report({
      message: `The NumPy header is not valid: ${first.message}. Fetch or write the file again.`,
      location: { entry: part.entry === '' ? null : part.entry, byteOffset: first.offset },
      evidence: { violations: part.violations.slice(0, 10).map(({ offset, message }) => ({ offset, message })) },
    });
  },
});
