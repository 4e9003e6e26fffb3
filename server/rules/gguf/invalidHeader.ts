import { defineRule } from '../rule.ts';
import { bytePlace } from '../place.ts';

export const invalidGgufHeader = defineRule({
  subject: 'gguf',
  meta: {
    id: 'gguf/invalid-header',
    title: 'The GGUF header breaks its own rules',
    severity: 'warning',
    description:
      'Counts, lengths, types, shapes or offsets in the header of a GGUF file cannot be right: they lead behind the end of the file, overflow, overlap, or name what does not exist. One finding tells the first breach and how many follow.',
    why: 'Loaders are written in C and C++ and have trusted these numbers before: a length that overflows is how a model file writes outside of its buffer. An honest converter never writes such a header; a download that broke off does.',
    howToFix:
      'Download the file again and compare its digest with the publisher’s. If it is the same, do not load it, and tell the publisher.',
    avoid: [
      {
        file: 'model.gguf',
        hex: '47475546 03000000 0000000000000000 ffffffffffffff0f',
        note: 'It claims more than 10^18 metadata keys in 24 bytes.',
      },
    ],
    prefer: [{ file: 'model.gguf', hex: '47475546 03000000 0000000000000000 0000000000000000' }],
    references: [
      { title: 'GGUF specification', url: 'https://github.com/ggml-org/ggml/blob/master/docs/gguf.md' },
      {
        title: 'GGML GGUF file format vulnerabilities (Databricks, 2024)',
        url: 'https://www.databricks.com/blog/ggml-gguf-file-format-vulnerabilities',
      },
    ],
    cwe: [190, 787, 1284],
    atlas: ['AML.T0011.000'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report) {
    const [first] = part.violations;
    if (!first) return;
    const more = part.violations.length > 1 ? ` ${part.violations.length - 1} more breaches follow.` : '';
    report({
      message: `The header is not valid GGUF: ${first.message}.${more} Do not load this file; download it again.`,
      location: bytePlace(part, first.offset),
      evidence: {
        breaches: part.violations.slice(0, 20).map(({ code, offset, message }) => ({ code, offset, message })),
      },
    });
  },
});
