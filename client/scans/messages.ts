/** What the page of a scan and the extension say to one another. Only types: both sides import it. */
import type { ModelScanReport } from '../../server/lsp/protocol.ts';

export interface ToScanPage {
  type: 'report';
  report: Pick<ModelScanReport, 'name' | 'content'>;
}

export type FromScanPage = { type: 'ready' } | { type: 'again' } | { type: 'export'; as: 'html' | 'json' };
