import { rowScores, type RowScores } from '../../datasets/embedding/rowScores.ts';
import type { Matrix } from '../../statistics/matrix.ts';
import type { ScanReporter } from '../process/jobs.ts';
import { loadOnnxRuntime } from '../runtime/onnxRuntime.ts';
import { openMatrixProduct, type MatrixProduct } from './matrixProduct.ts';

export interface ScoreRowsJob {
  vectors: Matrix;
  /** By row; undefined where there is none. */
  classes: (string | undefined)[];
  seed: number;
}

export interface ScoredRows {
  scores: RowScores;
  /** Version of ONNX Runtime. */
  runtime: string;
}

/**
 * Scores rows by how they lie among one another; ONNX Runtime multiplies.
 * @throws {WeighbridgeError} `not-found` where ONNX Runtime is missing.
 */
export async function scoreRows({ vectors, classes, seed }: ScoreRowsJob, reporter: ScanReporter): Promise<ScoredRows> {
  const runtime = loadOnnxRuntime();
  const steps = rowScores(vectors, classes, seed);
  let product: MatrixProduct | null = null;
  try {
    for (let step = steps.next(); ;) {
      if (step.done === true) return { scores: step.value, runtime: runtime.env.versions.node ?? '' };
      const { share, rows } = step.value;
      reporter.progress({ phase: 'comparing rows', done: share, total: 1, secondsLeft: null });
      // All rows of one computation are those of one matrix.
      if (rows) product ??= await openMatrixProduct(runtime, rows.of);
      step = steps.next(rows && (await product?.of(rows.from, rows.to)));
    }
  } finally {
    await product?.close();
  }
}
