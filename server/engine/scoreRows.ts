import { rowScores, type RowScores } from '../datasets/embedding/rowScores.ts';
import type { Distances } from '../datasets/scan/embeddingScan.ts';
import { WeighbridgeError } from '../errors.ts';
import type { ScoreRowsJob } from '../scans/rowScores/scoreRows.ts';
import { runScan } from '../scans/process/scanProcess.ts';
import { paced } from './paced.ts';

/** Fewer rows are compared here sooner than a process starts. */
const leastForRuntime = 1500;

/**
 * Scores rows by how they lie among one another. ONNX Runtime multiplies, in a process of its own; where it cannot, the same is computed here,
 * an order of magnitude slower, and the result says so.
 * @throws {WeighbridgeError} `cancelled`, and what ends the process otherwise.
 */
export async function scoreRows(
  job: ScoreRowsJob,
  signal: AbortSignal,
  onShare: (share: number) => void,
): Promise<{ scores: RowScores; distances: Distances }> {
  const { rows } = job.vectors;
  if (rows < leastForRuntime)
    return scoreHere(job, `${rows} rows are too few to start ONNX Runtime for`, signal, onShare);
  try {
    const { scores, runtime } = await runScan('scoreRows', job, { signal, onProgress: ({ done }) => onShare(done) });
    return { scores, distances: { by: 'onnxruntime', runtime, reason: null } };
  } catch (error) {
    // What ends native code, or keeps it from being there, keeps nobody from computing it here.
    const without = error instanceof WeighbridgeError && (error.code === 'not-found' || error.code === 'worker-lost');
    if (!without) throw error;
    return scoreHere(job, error.message, signal, onShare);
  }
}

async function scoreHere(
  { vectors, classes, seed }: ScoreRowsJob,
  reason: string,
  signal: AbortSignal,
  onShare: (share: number) => void,
): Promise<{ scores: RowScores; distances: Distances }> {
  const scores = await paced(shares(rowScores(vectors, classes, seed)), signal, onShare);
  return { scores, distances: { by: 'weighbridge', runtime: null, reason } };
}

function* shares(steps: ReturnType<typeof rowScores>): Generator<number, RowScores> {
  let step = steps.next();
  for (; step.done !== true; step = steps.next()) yield step.value.share;
  return step.value;
}
