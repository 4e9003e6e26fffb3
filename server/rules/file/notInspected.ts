import type { RecognisedFormat } from '../../formats/facts.ts';
import { defineRule } from '../rule.ts';

const names: Record<Exclude<RecognisedFormat, 'git-lfs-pointer'>, string> = {
  ggml: 'a GGML model of the time before GGUF, whose layout depends on the program that it was made for',
};

export const notInspected = defineRule({
  subject: 'unread',
  meta: {
    id: 'file/not-inspected',
    title: 'A format that is recognised and not read',
    severity: 'info',
    description:
      'The bytes are a model format or a container that this version knows by sight and does not look into, or the pointer that git-lfs leaves in place of a file. It is neither called safe nor dangerous. GGML files from before GGUF are read where they are models of LLaMA (`ggml`, `ggmf`, `ggjt`) or adapters of them (`ggla`); other families used the number `ggml` with layouts of their own, which nothing in the file tells apart, and belong here.',
    why: 'Silence would look like a pass. A container may hold anything.',
    howToFix:
      'Treat the file as unchecked. Convert a GGML model to GGUF, which is read. For a git-lfs pointer, run `git lfs pull` and scan again.',
    avoid: [{ file: 'model.ggml', hex: '6c6d6767 00000000 0000000000000000 0000000000000000' }],
    prefer: [{ file: 'model.safetensors', safetensors: { header: '{}', dataBytes: 0 } }],
    references: [
      { title: 'Git LFS specification: the pointer', url: 'https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md' },
    ],
    cwe: [693],
    atlas: ['AML.T0011.000'],
    owasp: ['ML06:2023'],
    nistAiRmf: ['MAP 4.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report) {
    report({
      message:
        part.format === 'git-lfs-pointer'
          ? 'This is the pointer that git-lfs leaves in place of a file: the model itself is not here. Run `git lfs pull` and scan again.'
          : `This is ${names[part.format]}; this version recognises it and does not look inside. Treat it as unchecked.`,
      location: { entry: part.entry === '' ? null : part.entry },
      evidence: { format: part.format },
    });
  },
});
