import type { EmbeddingModel } from '../datasets/scan/embeddingScan.ts';
import { matrix, type Matrix } from '../statistics/matrix.ts';
import { runScan } from '../scans/process/scanProcess.ts';
import { providerNotice, type ProviderRequest } from '../scans/runtime/providers.ts';

/**
 * Vectors of texts by a text-embedding model, in a process of its own.
 * @param folder absolute, of the model.
 * @param provider who shall run it: where that does not work the processor does, and the result says why.
 * @throws {WeighbridgeError} `not-found`, `bad-input`, `cancelled`, and what ends the process.
 */
export async function embedTexts(
  texts: string[],
  folder: string,
  provider: ProviderRequest,
  signal: AbortSignal,
  onShare: (share: number) => void,
): Promise<{ vectors: Matrix; model: EmbeddingModel }> {
  const {
    vectors,
    dimensions,
    name,
    provider: report,
  } = await runScan(
    'embed',
    { folder, texts, provider },
    {
      signal,
      onProgress: ({ done, total }) => onShare(done / Math.max(1, total)),
    },
  );
  const made = matrix(texts.length, dimensions);
  made.values.set(vectors);
  return {
    vectors: made,
    model: {
      kind: 'onnx',
      name: `the model ${name} (ONNX Runtime, ${report.used})`,
      provider: { ...report, notice: providerNotice(report) },
    },
  };
}
