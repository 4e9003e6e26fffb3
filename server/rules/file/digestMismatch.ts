import { defineRule } from '../rule.ts';

export const digestMismatch = defineRule({
  subject: 'artifact',
  meta: {
    id: 'file/digest-mismatch',
    title: 'A file is not what the digest in its name says',
    severity: 'error',
    description:
      'The name of a file is the SHA-256 of its content in the `blobs` folder of an OCI layout (ModelKits among them), of Ollama, and of the cache of the Hugging Face Hub. The file has another digest. Where it takes too long to compare, the file counts as not fully inspected.',
    why: 'The digest is all that ties a blob to its manifest and to a signature over that. Tools that have once fetched a blob trust its name: whoever can write to the folder exchanges the model without a trace.',
    howToFix: 'Delete the file and fetch it again. If it comes back the same, ask who keeps the registry.',
    avoid: [
      {
        file: 'layout/blobs/sha256/0000000000000000000000000000000000000000000000000000000000000000',
        safetensors: { header: '{}', dataBytes: 0 },
      },
    ],
    prefer: [
      {
        file: 'layout/blobs/sha256/411a485216e432ece6b9af94fa32154cf79a2a56d4f81266baa50063f45092bd',
        safetensors: { header: '{}', dataBytes: 0 },
      },
    ],
    references: [
      {
        title: 'OCI Image Layout Specification: blobs',
        url: 'https://github.com/opencontainers/image-spec/blob/main/image-layout.md',
      },
      { title: 'Hugging Face Hub: the cache', url: 'https://huggingface.co/docs/huggingface_hub/guides/manage-cache' },
    ],
    cwe: [345, 353],
    atlas: ['AML.T0010.003', 'AML.T0018.000'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7', 'MANAGE 3.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check({ inspection: { address } }, report) {
    if (address === undefined || address.named === address.actual) return;
    report({
      message: `The name of this file says that its SHA-256 is ${address.named.slice(0, 12)}…, and it is ${address.actual.slice(0, 12)}…: it was changed or exchanged. Delete it and fetch it again.`,
      evidence: { named: address.named, actual: address.actual },
    });
  },
});
