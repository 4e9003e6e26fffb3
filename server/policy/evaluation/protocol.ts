import type { Json } from '../../formats/facts.ts';

/** To the thread that evaluates: a policy by its digest, with its code the first time. */
export interface EvaluationJob {
  id: number;
  digest: string;
  wasm?: Uint8Array;
  input: Json;
  /** What `data` holds beside the policies. */
  data?: Json;
}

export type EvaluationReply =
  { id: number; result: Json } | { id: number; unknown: true } | { id: number; code: string | null; message: string };
