/** What the inspector's webview and the extension say to one another. Only types: both sides import it. */
import type {
  DisassembleParams,
  DisassembleResult,
  InspectResult,
  TensorsParams,
  TensorsResult,
} from '../../server/lsp/protocol.ts';

export type ToWebview =
  | { type: 'inspection'; result: InspectResult }
  | { type: 'failed'; message: string }
  | { type: 'tensors'; id: number; result: TensorsResult }
  | { type: 'disassembly'; id: number; result: DisassembleResult }
  | { type: 'refused'; id: number; message: string };

export type FromWebview =
  | { type: 'ready' }
  | { type: 'tensors'; id: number; params: Omit<TensorsParams, 'uri'> }
  | { type: 'disassembly'; id: number; params: Omit<DisassembleParams, 'uri'> }
  | { type: 'convert'; tensorsOnly: boolean }
  | { type: 'accept'; fingerprint: string }
  | { type: 'showRule'; ruleId: string }
  | { type: 'trust' };

export type { DisassembleResult, InspectResult, TensorsResult };
