import { findAibom } from '../../aibom/findAibom.ts';
import { pathOfUri, relativePath, uriOfPath } from '../address.ts';
import type { ServerContext } from '../context.ts';
import { requireFields } from '../parameters.ts';
import * as protocol from '../protocol.ts';
import { standingOf } from '../signing/standing.ts';
import { textOnDisk } from './aiboms.ts';
import { WeighbridgeError } from '../../errors.ts';
import { LSPErrorCodes, ResponseError } from 'vscode-languageserver/node';

/** Answers the readable view: of the buffer where the document is open, otherwise of the file. */
export function listenForAiboms(context: ServerContext): void {
  context.session.connection.onRequest(protocol.aibom, async (params: protocol.AibomParams) => {
    requireFields(protocol.aibom, params, { uri: 'string' });
    try {
      return await viewOf(context, params.uri);
    } catch (error) {
      if (!(error instanceof WeighbridgeError)) throw error;
      throw new ResponseError(LSPErrorCodes.RequestFailed, error.message);
    }
  });
  context.session.connection.onRequest(protocol.findAibom, (params: protocol.AibomParams) => {
    requireFields(protocol.findAibom, params, { uri: 'string' });
    const file = pathOfUri(params.uri);
    const found = file === null ? null : findAibom(file);
    return found === null ? null : uriOfPath(found);
  });
}

async function viewOf(context: ServerContext, uri: string): Promise<protocol.AibomView> {
  const file = pathOfUri(uri);
  if (file === null) throw new WeighbridgeError('bad-usage', 'Only bills of materials on this machine can be shown.');
  const text = context.documents.get(file)?.getText() ?? textOnDisk(file);
  const report = await context.aiboms.report(file, text);
  return { ...report, coveredBy: coverOf(context, file), mayWrite: context.session.trusted };
}

/** How the signature over the model stands, and whether it speaks of this very document. */
function coverOf(context: ServerContext, file: string): protocol.SignatureStanding | null {
  const folder = context.folders.of(file);
  const signature = folder.scanner.signatureOver(file);
  if (!signature) return null;
  const standing = standingOf(signature);
  const within = relativePath(folder.absolute(signature.model), file);
  const { coverage, differences } = signature.result;
  const isCovered = coverage.files.some(({ path }) => path === within);
  if (standing.state === 'untrusted' || standing.state === 'invalid' || isCovered) {
    const differs = differences.some(({ path }) => path === within);
    return differs ? { ...standing, text: `This document is not the one that was signed. ${standing.text}` } : standing;
  }
  return { ...standing, text: `The signature beside the model does not cover this document: sign the model again.` };
}
