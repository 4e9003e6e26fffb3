import { defineRule } from '../rule.ts';

export const incomplete = defineRule({
  subject: 'artifact',
  meta: {
    id: 'file/incomplete',
    title: 'The file could not be fully inspected',
    severity: 'warning',
    description:
      'Something kept the inspection from seeing every byte that matters: a limit of time, depth, entries or expanded size was reached, a member is cut short, encrypted or compressed in a way that is not read. What was found before still counts. One finding a file, with the first reason. More imports than are kept is an error.',
    why: 'A check that stops early and says nothing is worth less than none: making scanners stop is a known way past them.',
    howToFix:
      'Treat the file as unchecked. If it is honest and large, raise the limit that the message names under `limits` in `weighbridge.yaml`.',
    avoid: [
      { file: 'model.safetensors.gz', hex: '1f8b0800000000000003', note: 'A gzip stream that ends after its header.' },
    ],
    prefer: [{ file: 'model.zip', zip: [{ name: 'config.txt', text: 'layers: 2' }] }],
    references: [
      { title: 'The Art of Hide and Seek: exception-oriented programming', url: 'https://arxiv.org/abs/2508.19774' },
    ],
    cwe: [693, 755],
    atlas: ['AML.T0018.002'],
    owasp: ['ML06:2023'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check({ inspection }, report) {
    const problems = inspection.problems.filter((problem) => problem.incomplete);
    const [first] = problems;
    if (first === undefined) return;
    const where = first.entry === '' ? '' : ` in ${first.entry}`;
    const more = problems.length > 1 ? ` There are ${problems.length - 1} more such places.` : '';
    // No file of a library comes near that limit: names were added to hide one among them.
    const flooded = problems.some((problem) => problem.code === 'limit-imports');
    report({
      ...(flooded && { severity: 'error' as const }),
      message: `Could not be fully inspected: ${first.message}${where}.${more} Treat it as unchecked.`,
      location: { entry: first.entry === '' ? null : first.entry, byteOffset: first.offset },
      evidence: {
        problems: problems.slice(0, 10).map(({ code, entry, offset, message }) => ({ code, entry, offset, message })),
      },
    });
  },
});
