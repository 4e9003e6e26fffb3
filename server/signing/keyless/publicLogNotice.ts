import type { IdentityToken } from './identityToken.ts';
import type { SigstoreInstance } from './instance.ts';

/** What a person has to know and agree to before a keyless signature is made. */
export function publicLogNotice(instance: SigstoreInstance, token: Pick<IdentityToken, 'identity' | 'issuer'>): string {
  const workflow = token.identity.startsWith('https://');
  const details = workflow ? ', with the repository, workflow, commit and run that the certificate names' : '';
  return [
    `Signing writes an entry into the transparency log ${new URL(instance.transparencyLog).host}, which is kept for ever and cannot be deleted.`,
    `Whoever can read the log will see: ${token.identity} (vouched for by ${token.issuer})${details}; the certificate; the signature; the time; the hash of what is signed.`,
    `The names, sizes and contents of the model's files are not published.`,
  ].join('\n');
}
