import type { EmbeddingScan } from '../datasets/scan/embeddingScan.ts';

/** By which vectors and by whose arithmetic rows were compared, in sentences for a person. */
export function comparedBy({ model, distances }: EmbeddingScan): { by: string; notes: string[] } {
  const { notice } = model.provider ?? { notice: null };
  return {
    by: `${model.name}; ${arithmetic(distances)}`,
    notes: notice === null ? [] : [`${withoutStop(notice)}.`],
  };
}

function arithmetic({ by, runtime, reason }: EmbeddingScan['distances']): string {
  if (by === 'onnxruntime') return `distances by ONNX Runtime ${runtime}`;
  return `distances by Weighbridge itself${reason === null ? '' : ` (${withoutStop(reason)})`}`;
}

/** What others say may end in a full stop, or not. */
function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, '');
}
