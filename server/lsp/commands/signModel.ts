import { existsSync, statSync } from 'node:fs';
import path, { basename } from 'node:path';
import { WeighbridgeError } from '../../errors.ts';
import type { BundleSigner } from '../../signing/contract.ts';
import { refuseKeyInModel } from '../../signing/keyPlace.ts';
import { uriOfPath } from '../address.ts';
import type { ServerContext } from '../context.ts';
import type { SignModelArguments, SignModelOutcome, SignWith } from '../protocol.ts';
import { signInFor } from '../signing/signIn.ts';
import { localPath } from '../signing/signatures.ts';
import { standingOf } from '../signing/standing.ts';
import type { LongWork } from './longWork.ts';
import { textOf } from './verifyModel.ts';

/** Signs a folder or one file. What has to be asked of a person is told as an outcome, and the client comes again. */
export async function signModel(
  context: ServerContext,
  args: SignModelArguments,
  run: LongWork,
): Promise<SignModelOutcome> {
  const model = localPath(args.uri);
  const folder = context.folders.of(model);
  const signature = signatureOf(model);
  if (existsSync(signature) && args.replace !== true) {
    const known = folder.scanner.signatureOver(model);
    const isIt = known !== undefined && folder.absolute(known.file) === signature;
    const text = isIt ? standingOf(known).text : `${basename(signature)} is there already.`;
    return { state: 'exists', signatureUri: uriOfPath(signature), text };
  }
  const signer = await signerOf(context, args.with, model, run);
  if ('state' in signer) return signer;
  try {
    const { signModel: sign } = await import('../../signing/signModel.ts');
    const result = await sign({
      model,
      signature,
      signer,
      signal: run.signal,
      onProgress: ({ done, total, path: at }) => run.report(at, done, total),
    });
    folder.changed([result.signature]);
    await folder.flush();
    if (!context.session.reportsOutcomes) {
      context.session.tell(
        `Signed ${basename(model)}: ${basename(result.signature)} covers ${result.files.length} files.`,
      );
    }
    return {
      state: 'signed',
      uri: args.uri,
      signatureUri: uriOfPath(result.signature),
      signer: result.signer,
      files: result.files.length,
      ignored: result.ignored,
      warnings: result.warnings,
    };
  } finally {
    await signer.dispose?.();
  }
}

/** Where signing puts a signature, and verifying looks for it. */
function signatureOf(model: string): string {
  const stat = statSync(model, { throwIfNoEntry: false });
  if (!stat) throw new WeighbridgeError('not-found', `${basename(model)} is no longer there.`);
  return stat.isDirectory() ? path.join(model, 'model.sig') : `${model}.sig`;
}

async function signerOf(
  context: ServerContext,
  given: SignWith,
  model: string,
  run: LongWork,
): Promise<BundleSigner | SignModelOutcome> {
  switch (given.method) {
    case 'sigstore':
      return (
        (await signInFor(context, context.folders.of(model).scanner.configuration.trustPolicy, given.signIn, run)) ?? {
          state: 'declined',
        }
      );
    case 'key':
    case 'certificate': {
      const pem = textOf(given.key);
      refuseKeyInModel(model, given.key);
      const { isEncrypted, readPrivateKey } = await import('../../signing/keys.ts');
      if (isEncrypted(pem) && given.passphrase === undefined) return { state: 'needs-passphrase', wrong: false };
      let key;
      try {
        key = readPrivateKey(pem, basename(given.key), given.passphrase);
      } catch (error) {
        if (isEncrypted(pem)) return { state: 'needs-passphrase', wrong: true };
        throw error;
      }
      const { certificateSigner, keySigner, signingKey } = await import('../../signing/signers.ts');
      if (given.method === 'key') return keySigner(signingKey(key));
      return certificateSigner(signingKey(key), textOf(given.certificate), (given.chain ?? []).map(textOf));
    }
    default:
      throw new WeighbridgeError('bad-usage', 'A model is signed with Sigstore, a key or a certificate.');
  }
}
