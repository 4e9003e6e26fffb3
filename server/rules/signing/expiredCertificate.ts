import { defineRule } from '../rule.ts';
import { signedExample, signingSpecification } from './signedExample.ts';

const certificate = {
  subject: 'CN=release',
  issuer: 'CN=example root',
  subjectAlternativeName: null,
  serialNumber: '01',
  validFrom: '2023-01-01T00:00:00.000Z',
  validTo: '2024-01-01T00:00:00.000Z',
  sha256: '0f'.repeat(32),
  publicKeySha256: '1e'.repeat(32),
};

export const expiredCertificate = defineRule({
  subject: 'directory',
  meta: {
    id: 'signing/expired-certificate',
    title: 'The certificate that signed the model has expired, and nothing proves when it was used',
    severity: 'warning',
    description:
      "A model is signed with a certificate whose validity is over, and no timestamp authority or log vouches for the time of the signing. The signature itself still holds: as the reference client does, the chain is judged at the start of the certificate's validity. Keyless signatures are not concerned: their certificates live for minutes, and the log proves the time.",
    why: 'A certificate expires so that a stolen key becomes useless. Whoever has the key can still sign today, and nobody can tell that from a signature of last year.',
    howToFix:
      'Sign the model again with a certificate that is valid, or keyless, where the public log proves the time of the signing.',
    avoid: [
      signedExample(
        { stance: 'stated', result: { method: 'certificate', certificate: { ...certificate, expired: true } } },
        'The certificate `CN=release` was valid until 2024, and the signature carries no timestamp.',
      ),
    ],
    prefer: [
      signedExample(
        { stance: 'stated', result: { method: 'certificate', certificate: { ...certificate, expired: false } } },
        'The certificate is valid.',
      ),
    ],
    references: [
      signingSpecification,
      { title: 'RFC 3161: Time-Stamp Protocol', url: 'https://www.rfc-editor.org/rfc/rfc3161' },
    ],
    cwe: [298],
    atlas: ['AML.T0010.003', 'AML.T0058'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7', 'MANAGE 3.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check({ path, signing: { signature } }, report) {
    if (signature?.model !== path || !signature.result.signatureHolds) return;
    const { method, certificate: used, signedAt } = signature.result;
    if (method !== 'certificate' || !used?.expired || signedAt !== null) return;
    report({
      message: `The certificate ${used.subject} that signed this model expired on ${used.validTo.slice(0, 10)}, and nothing proves that it was used before. Sign the model again with a valid certificate.`,
      evidence: { signature: signature.file, subject: used.subject, validTo: used.validTo },
      fixes: ['sign-model'],
    });
  },
});
