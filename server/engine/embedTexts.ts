import type { EmbeddingModel } from '../datasets/scan/embeddingScan.ts';
import { matrix, type Matrix } from '../statistics/matrix.ts';
import { runScan } from '../scans/process/scanProcess.ts';

/**
 * Vectors of texts by a text-embedding model, in a process of its own.
 * @param folder absolute, of the model.
 * @throws {WeighbridgeError} `not-found`, `bad-input`, `cancelled`, and what ends the process.
 */
export async function embedTexts(
  texts: string[],
  folder: string,
  signal: AbortSignal,
  onShare: (share: number) => void,
): Promise<{ vectors: Matrix; model: EmbeddingModel }> {
  const job = { folder, texts, provider: 'auto' as const };
  const { vectors, dimensions, name, provider } = await runScan('embed', job, {
    signal,
    onProgress: ({ done, total }) => onShare(done / Math.max(1, total)),
  });
  const made = matrix(texts.length, dimensions);
  made.values.set(vectors);
  return { vectors: made, model: { kind: 'onnx', name: `the model ${name} (ONNX Runtime, ${provider})` } };
}
