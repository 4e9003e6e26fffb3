import { defineRule } from '../rule.ts';
import { inWords, modelsIn } from './modelFormats.ts';

/** `model.sig` is what OpenSSF Model Signing writes; the others are what sigstore, cosign and GnuPG users write. */
const signatureName = /(?:\.sig|\.sigstore|\.sigstore\.json|\.bundle\.json|\.asc)$/i;

export const isSignature = (name: string): boolean => signatureName.test(name);

export const unsigned = defineRule({
  subject: 'directory',
  meta: {
    id: 'model/unsigned',
    title: 'The model is not signed',
    severity: 'info',
    description:
      'A directory holds model files and no signature: no `model.sig`, no `*.sig`, no `*.sigstore` or `*.sigstore.json`, and no model signature in a directory above that covers it. It is reported once a directory. It is an error where an entry of `signing.trust` in `weighbridge.yaml` demands a signature of these models; a model signature must be there then, and no other kind counts. Whether a signature is right is another matter, of the rules `signing/*`.',
    why: 'Without a signature nothing ties the file that is served to the one that was trained and tested. Whoever can write to the folder, the bucket or the mirror can swap it, and nothing will say so.',
    howToFix:
      'Sign the directory when the model is made, where it is made: `weighbridge sign <directory> --sigstore` (or with `--key`) writes `model.sig`; in the editor, *Weighbridge: Sign Model...*. Verify it before every load.',
    avoid: [
      {
        file: 'models/a/model.safetensors',
        safetensors: { header: '{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', dataBytes: 4 },
        beside: [{ file: 'models/a/config.json', text: '{}\n' }],
      },
    ],
    prefer: [
      {
        file: 'models/a/model.safetensors',
        safetensors: { header: '{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', dataBytes: 4 },
        beside: [
          { file: 'models/a/model.sig', text: '{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"}\n' },
        ],
      },
    ],
    references: [
      { title: 'OpenSSF Model Signing', url: 'https://github.com/sigstore/model-transparency' },
      { title: 'Model signing: the specification', url: 'https://github.com/ossf/model-signing-spec' },
    ],
    cwe: [345, 347],
    atlas: ['AML.T0010.003', 'AML.T0058'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7', 'MANAGE 3.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(directory, report) {
    const { stance, signature, signedFiles } = directory.signing;
    const models = modelsIn(directory).filter((name) => !signedFiles.includes(name));
    if (models.length === 0 || signature) return;
    const required = stance === 'required';
    if (!required && directory.files.some(isSignature)) return;
    report({
      message: required
        ? `No model signature covers ${inWords(models)}, and weighbridge.yaml demands one here. Do not load it; get the signed model, or sign the folder.`
        : `No signature stands beside ${inWords(models)}: whoever can write to this folder can put another model in its place, unnoticed. Sign the folder.`,
      ...(required ? { severity: 'error' as const } : {}),
      fixes: ['sign-model'],
      evidence: { models: models.slice(0, 20), count: models.length },
    });
  },
});
