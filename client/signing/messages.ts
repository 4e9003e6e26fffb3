/** What the signature page and the extension say to one another. Only types: both sides import it. */
import type { SignatureReport } from '../../server/lsp/protocol.ts';

export type ToSignaturePage =
  | { type: 'report'; report: SignatureReport }
  /** No signature covers the model any more. */
  | { type: 'unsigned'; name: string; mayWrite: boolean }
  | { type: 'failed'; message: string };

export type FromSignaturePage =
  | { type: 'ready' }
  | { type: 'verify' }
  | { type: 'verifyWith' }
  | { type: 'sign' }
  | { type: 'trust' }
  /** Opens a file of the model, by its path in it. */
  | { type: 'open'; path: string };

export type { SignatureReport };
