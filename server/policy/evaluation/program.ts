// The thread that evaluates compiled policies. A policy that does not end is ended with the thread.
import { parentPort } from 'node:worker_threads';
import { WeighbridgeError } from '../../errors.ts';
import type { Json } from '../../formats/facts.ts';
import { loadPolicy } from './loadPolicy.ts';
import type { EvaluationJob, EvaluationReply } from './protocol.ts';

const port = parentPort;
const policies = new Map<string, (input: Json, data?: Json) => Json>();

function answer({ id, digest, wasm, input, data }: EvaluationJob): EvaluationReply {
  let evaluate = policies.get(digest);
  if (!evaluate && !wasm) return { id, unknown: true };
  try {
    evaluate ??= loadPolicy(wasm as Uint8Array);
    policies.set(digest, evaluate);
    return { id, result: evaluate(input, data) };
  } catch (error) {
    // After a trap the instance's memory is not to be trusted.
    policies.delete(digest);
    const code = error instanceof WeighbridgeError ? error.code : null;
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof WebAssembly.RuntimeError) {
      return { id, code: 'refused', message: `the evaluation was stopped: ${message}` };
    }
    return { id, code, message };
  }
}

port?.on('message', (job: EvaluationJob) => port.postMessage(answer(job)));
