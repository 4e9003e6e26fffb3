import { defineRule } from '../rule.ts';
import { signerOf } from './words.ts';
import { signedExample, signingSpecification } from './signedExample.ts';

export const untrustedSigner = defineRule({
  subject: 'directory',
  meta: {
    id: 'signing/untrusted-signer',
    title: 'The model is signed by nobody whom this repository trusts',
    severity: 'warning',
    description:
      'A model signature is there, and its signer is none of those whom `signing.trust` in `weighbridge.yaml` names for this model. It is information where no entry names the model, and an error where an entry demands a signature. What such a signature says is not believed, so the files were not compared with it.',
    why: 'Anybody can sign anything. A signature is worth something only if it is by somebody whom you chose to trust before: who swaps a model swaps its signature, too.',
    howToFix:
      'Find out, by another way than this folder, who should have signed the model. Name them under `signing.trust` in `weighbridge.yaml`: an identity with its issuer, a public key, or a root certificate.',
    avoid: [
      signedExample(
        {
          stance: 'stated',
          result: {
            verified: false,
            failure: 'untrusted',
            reason: 'the signer is not one of those who are trusted',
            signatureHolds: false,
            signer: null,
            claimedSigner: 'mallory@example.com',
            method: 'sigstore',
          },
        },
        'The signature says that it is by `mallory@example.com`, and `weighbridge.yaml` trusts another identity.',
      ),
    ],
    prefer: [
      signedExample(
        { stance: 'stated', result: {} },
        'The signature is by a key that `weighbridge.yaml` names for this model.',
      ),
    ],
    references: [signingSpecification],
    cwe: [345, 347],
    atlas: ['AML.T0010.003', 'AML.T0058'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7', 'MANAGE 3.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check({ path, signing: { signature, stance } }, report) {
    if (signature?.model !== path || signature.result.failure !== 'untrusted') return;
    const claimed = signerOf(signature);
    const unreadable = signature.unreadable.length > 0 ? ` (${signature.unreadable.join('; ')})` : '';
    report({
      message:
        stance === 'none'
          ? `Signed, as it says, by ${claimed}, which was not verified: weighbridge.yaml names nobody who may sign this model. Name the signer under "signing: trust" once you know who it should be.`
          : `Signed, as it says, by ${claimed}, and by nobody whom weighbridge.yaml trusts for this model${unreadable}. Do not rely on the signature; ask who should have signed.`,
      severity: ({ none: 'info', stated: 'warning', required: 'error' } as const)[stance],
      evidence: {
        signature: signature.file,
        method: signature.result.method,
        claimedSigner: signature.result.claimedSigner,
        unreadable: signature.unreadable,
      },
      fixes: ['verify-again', 'sign-model'],
    });
  },
});
