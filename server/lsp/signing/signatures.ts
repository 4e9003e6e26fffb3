import { statSync } from 'node:fs';
import path, { basename } from 'node:path';
import { WeighbridgeError } from '../../errors.ts';
import type { CheckedSignature } from '../../rules/directory.ts';
import { pathOfUri, uriOfPath } from '../address.ts';
import type { ServerContext } from '../context.ts';
import type { Folder } from '../folder.ts';
import { requireFields } from '../parameters.ts';
import * as protocol from '../protocol.ts';
import { signatureReport } from './signatureReport.ts';

/** Answers the signature page. */
export function listenForSignatures(context: ServerContext): void {
  const { session } = context;
  session.connection.onRequest(protocol.signature, (params: protocol.SignatureParams) => {
    requireFields(protocol.signature, params, { uri: 'string' });
    return session.guard('Could not tell of a signature', null, () => {
      const file = localPath(params.uri);
      const folder = context.folders.of(file);
      const known = folder.scanner.signatureOver(file);
      return known ? reportOf(context, folder, known, 'policy') : null;
    });
  });
}

export function reportOf(
  { session }: ServerContext,
  folder: Folder,
  signature: CheckedSignature,
  trustedBy: protocol.SignatureReport['trustedBy'],
): protocol.SignatureReport {
  return signatureReport(signature, {
    uriOf: (relative) => (relative === '.' ? uriOfPath(folder.path) : folder.uri(relative)),
    folder: basename(folder.path),
    trustedBy,
    mayWrite: session.trusted,
  });
}

/** @throws {WeighbridgeError} `bad-usage` for an address that is not on this machine. */
export function localPath(uri: string): string {
  const file = pathOfUri(uri);
  if (file === null) throw new WeighbridgeError('bad-usage', 'Only models on this machine can be signed and verified.');
  return file;
}

/** The folder or file that a signature over `file` would cover: what is signed already, or else its folder. */
export function modelAround(folder: Folder, file: string): string {
  const known = folder.scanner.signatureOver(file);
  if (known) return folder.absolute(known.model);
  return isFolder(file) ? file : path.dirname(file);
}

function isFolder(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() === true;
}
