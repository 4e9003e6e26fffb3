import { defineRule } from '../rule.ts';

export const storageMismatch = defineRule({
  subject: 'torch',
  meta: {
    id: 'torch/storage-mismatch',
    title: 'A checkpoint whose tensors do not fit its bytes',
    severity: 'warning',
    description:
      'A storage record is missing, is shorter or longer than the pickle says, or a tensor reaches beyond its storage. One finding a file, with the first place.',
    why: 'PyTorch before 2.10 did not compare the two: a crafted size makes it read or write outside the buffer, even with `weights_only=True` (CVE-2026-24747).',
    howToFix: 'Fetch the file again and compare its digest with its source; do not load it with a PyTorch before 2.10.',
    avoid: [
      {
        file: 'model.pt',
        zip: [
          { name: 'archive/data.pkl', pickle: storage(8) },
          { name: 'archive/data/0', text: 'four' },
          { name: 'archive/version', text: '3\n' },
        ],
        note: 'The pickle says eight numbers; the record holds four bytes.',
      },
    ],
    prefer: [
      {
        file: 'model.pt',
        zip: [
          { name: 'archive/data.pkl', pickle: storage(1) },
          { name: 'archive/data/0', text: 'four' },
          { name: 'archive/version', text: '3\n' },
        ],
      },
    ],
    references: [{ title: 'CVE-2026-24747', url: 'https://nvd.nist.gov/vuln/detail/CVE-2026-24747' }],
    cwe: [787, 125],
    atlas: ['AML.T0018.002'],
    owasp: ['ML06:2023'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report) {
    const [first] = part.violations;
    if (first === undefined) return;
    const more = part.violations.length > 1 ? ` (and ${part.violations.length - 1} more)` : '';
    report({
      message: `The checkpoint contradicts itself: ${first.message}${more}. Fetch the file again before you load it.`,
      location: { entry: part.entry === '' ? null : part.entry, byteOffset: first.offset },
      evidence: {
        violations: part.violations.slice(0, 10).map(({ code, offset, message }) => ({ code, offset, message })),
      },
    });
  },
});

/** The listing of a state dict with one float32 tensor of `count` elements in storage 0. */
function storage(count: number): string {
  return [
    'PROTO 2',
    'EMPTY_DICT',
    "BINUNICODE 'w'",
    'GLOBAL torch._utils _rebuild_tensor_v2',
    'MARK',
    'MARK',
    "BINUNICODE 'storage'",
    'GLOBAL torch FloatStorage',
    "BINUNICODE '0'",
    "BINUNICODE 'cpu'",
    `BININT1 ${count}`,
    'TUPLE',
    'BINPERSID',
    'BININT1 0',
    `BININT1 ${count}`,
    'TUPLE1',
    'BININT1 1',
    'TUPLE1',
    'NEWFALSE',
    'GLOBAL collections OrderedDict',
    'EMPTY_TUPLE',
    'REDUCE',
    'TUPLE',
    'REDUCE',
    'SETITEM',
    'STOP',
  ].join('\n');
}
