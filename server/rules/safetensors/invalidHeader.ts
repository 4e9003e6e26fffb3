import { defineRule } from '../rule.ts';

export const invalidHeader = defineRule({
  subject: 'safetensors',
  meta: {
    id: 'safetensors/invalid-header',
    title: 'The safetensors header breaks the format',
    severity: 'warning',
    description:
      'The header is too long, not JSON, repeats a key, names an unknown type, or describes tensors that overlap, leave holes, or do not fit the file. One finding a file, with the first breach and its byte.',
    why: 'The reference reader refuses such files. Other readers may not, and then read numbers from places that were never meant, or hand different tensors to different programs.',
    howToFix: 'Fetch the file again, or write it again with the safetensors library.',
    avoid: [
      {
        file: 'model.safetensors',
        safetensors: { header: '{"w":{"dtype":"F32","shape":[4],"data_offsets":[0,8]}}', dataBytes: 8 },
        note: 'Four numbers of four bytes do not fit in eight bytes.',
      },
      {
        file: 'twice.safetensors',
        safetensors: {
          header:
            '{"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
          dataBytes: 1,
        },
      },
    ],
    prefer: [
      {
        file: 'model.safetensors',
        safetensors: { header: '{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', dataBytes: 8 },
      },
    ],
    references: [{ title: 'safetensors: format', url: 'https://github.com/huggingface/safetensors#format' }],
    cwe: [1284, 1286],
    atlas: ['AML.T0018'],
    owasp: ['ML06:2023'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report) {
    const [first] = part.violations;
    if (first === undefined) return;
    const more = part.violations.length > 1 ? ` (and ${part.violations.length - 1} more breaches)` : '';
    report({
      message: `The safetensors header is not valid: ${first.message}${more}. Fetch or write the file again.`,
      location: { entry: part.entry === '' ? null : part.entry, byteOffset: first.offset },
      evidence: {
        violations: part.violations.slice(0, 10).map(({ code, offset, message }) => ({ code, offset, message })),
      },
    });
  },
});
