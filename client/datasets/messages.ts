/** What the page of a scan for poisoning and the extension say to one another. Only types: both sides import it. */
import type { DatasetReport, DatasetRow, DatasetRowsParams, DatasetRowsResult } from '../../server/lsp/protocol.ts';

export type ToDatasetPage =
  | { type: 'report'; report: DatasetReport }
  /** The file was not scanned in this session. */
  | { type: 'unscanned'; name: string }
  | { type: 'rows'; id: number; result: DatasetRowsResult }
  | { type: 'refused'; id: number; message: string };

export type FromDatasetPage =
  | { type: 'ready' }
  | { type: 'rows'; id: number; params: Omit<DatasetRowsParams, 'uri'> }
  | { type: 'scan' }
  | { type: 'export' }
  | { type: 'jump'; line: number }
  | { type: 'mark'; lines: number[]; mark: 'clean' | 'poisoned' | null }
  | { type: 'redact'; field: string }
  | { type: 'showRule'; ruleId: string };

export type { DatasetReport, DatasetRow, DatasetRowsParams };
