import { readFileSync, statSync } from 'node:fs';
import { basename, isAbsolute } from 'node:path';
import { WeighbridgeError } from '../../errors.ts';
import { reasonOf } from '../../files/reason.ts';
import type { Trust } from '../../signing/contract.ts';
import type { TrustPolicy } from '../../signing/trustPolicy.ts';
import type { ServerContext } from '../context.ts';
import type { SignatureReport, TrustGiven, VerifyModelArguments } from '../protocol.ts';
import { localPath, modelAround, reportOf } from '../signing/signatures.ts';
import type { LongWork } from './longWork.ts';

/** Keys and certificates are a few kilobytes. */
const longest = 4 << 20;

/** Verifies what covers a file or a folder, every byte of it: by the trust policy, or by what is given for this once. */
export async function verifyModel(
  context: ServerContext,
  { uri, trust }: VerifyModelArguments,
  run: LongWork,
): Promise<SignatureReport> {
  const file = localPath(uri);
  const folder = context.folders.of(file);
  const onVerifying = (model: string, done: number, total: number) => run.report(basename(model), done, total);
  if (trust) {
    const model = modelAround(folder, file);
    const checked = await folder.scanner.verifyOnce(model, trustOf(trust, folder.scanner.configuration.trustPolicy), {
      signal: run.signal,
      onVerifying,
    });
    if (!checked) throw unsigned(model);
    return reportOf(context, folder, checked, 'given');
  }
  if (!context.session.trusted) {
    throw new WeighbridgeError(
      'refused',
      'This workspace is not trusted, so whom its weighbridge.yaml trusts does not count: trust the workspace first, or name a key yourself.',
    );
  }
  await folder.verify(file, { signal: run.signal, onVerifying });
  const known = folder.scanner.signatureOver(file);
  if (!known) throw unsigned(modelAround(folder, file));
  if (!context.session.reportsOutcomes) context.session.tell(reportOf(context, folder, known, 'policy').text);
  return reportOf(context, folder, known, 'policy');
}

function unsigned(model: string): WeighbridgeError {
  return new WeighbridgeError('not-found', `No model signature covers ${basename(model)}: sign it first.`);
}

/** @param policy of the workspace, if it is trusted: it may have a Sigstore instance of its own, which then vouches for identities. */
function trustOf(given: TrustGiven, { trustedRoot, trustConfig }: TrustPolicy): Trust {
  switch (given.method) {
    case 'key':
      return { method: 'key', publicKey: textOf(given.key), name: basename(given.key) };
    case 'certificate':
      return { method: 'certificate', roots: [textOf(given.roots)], name: basename(given.roots) };
    case 'sigstore':
      return {
        method: 'sigstore',
        identity: given.identity,
        issuer: given.issuer,
        ...(trustedRoot === null ? {} : { trustedRoot: jsonOf(trustedRoot) }),
        ...(trustConfig === null ? {} : { trustConfig: jsonOf(trustConfig) }),
      };
    default:
      throw new WeighbridgeError('bad-usage', 'A signature is verified by a key, a certificate or an identity.');
  }
}

/**
 * The text of a key or a certificate.
 * @throws {WeighbridgeError} `unreadable`; `bad-usage` where a client names no file, or one relative to who knows what.
 */
export function textOf(file: string): string {
  // What arrives here was written by a client, whatever the types say.
  if (typeof file !== 'string' || !isAbsolute(file)) {
    throw new WeighbridgeError('bad-usage', 'Name the file of the key or certificate by its absolute path.');
  }
  try {
    const stat = statSync(file);
    if (stat.isFile() && stat.size <= longest) return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new WeighbridgeError('unreadable', `Cannot read ${file}: ${reasonOf(cause)}.`, { cause });
  }
  throw new WeighbridgeError('unreadable', `${file} is neither a key nor a certificate.`);
}

/** A trusted root or trust configuration of Sigstore. @throws {WeighbridgeError} as `textOf`; `bad-input`. */
export function jsonOf(file: string): unknown {
  const text = textOf(file);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new WeighbridgeError(
      'bad-input',
      `${file} is no JSON: it has to be a Sigstore trusted root or client trust configuration.`,
    );
  }
}
