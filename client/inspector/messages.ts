/** What the inspector's webview and the extension say to one another. Only types: both sides import it. */
import type {
  ArchiveParams,
  ArchiveResult,
  DisassembleParams,
  DisassembleResult,
  GraphParams,
  GraphResult,
  HistogramParams,
  HistogramResult,
  InspectResult,
  TensorsParams,
  TensorsResult,
} from '../../server/lsp/protocol.ts';

/** What the view asks the server for, a page or a part at a time: parameters without the address, and the answer. */
export interface Questions {
  tensors: { params: Omit<TensorsParams, 'uri'>; result: TensorsResult };
  disassembly: { params: Omit<DisassembleParams, 'uri'>; result: DisassembleResult };
  histogram: { params: Omit<HistogramParams, 'uri'>; result: HistogramResult };
  archive: { params: Omit<ArchiveParams, 'uri'>; result: ArchiveResult };
  graph: { params: Omit<GraphParams, 'uri'>; result: GraphResult };
}

export type Question = keyof Questions;

export type ToWebview =
  | { type: 'inspection'; result: InspectResult }
  | { type: 'failed'; message: string }
  | { type: 'answer'; id: number; result: unknown }
  | { type: 'refused'; id: number; message: string };

export type FromWebview =
  | { type: 'ready' }
  | { type: 'ask'; id: number; question: Question; params: object }
  | { type: 'convert'; tensorsOnly: boolean }
  | { type: 'compare' }
  | { type: 'accept'; fingerprint: string }
  | { type: 'showRule'; ruleId: string }
  | { type: 'trust' };

export type {
  ArchiveResult,
  DisassembleResult,
  GraphResult,
  HistogramResult,
  InspectResult,
  TensorsParams,
  TensorsResult,
};
