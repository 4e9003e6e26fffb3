/** What the view of a bill of materials and the extension say to one another. Only types: both sides import it. */
import type { AibomView } from '../../server/lsp/protocol.ts';

export type ToAibomPage = { type: 'view'; view: AibomView } | { type: 'failed'; message: string };

export type FromAibomPage =
  | { type: 'ready' }
  | { type: 'update' }
  | { type: 'fill' }
  | { type: 'sideFile' }
  | { type: 'trust' }
  /** Shows the text, at a line (1-based) where one is named. */
  | { type: 'text'; line?: number }
  /** Opens a file of the model, by its path in it. */
  | { type: 'open'; path: string };

export type { AibomView };
