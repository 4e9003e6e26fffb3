import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { WeighbridgeError } from '../errors.ts';
import { FileSource } from '../files/fileSource.ts';
import type { PartFacts, TensorFact } from '../formats/facts.ts';
import { openEntry } from '../formats/inspect.ts';
import type { Limits } from '../formats/limits.ts';
import type { ByteSource } from '../formats/source.ts';

/** Bytes that are read at once. */
const block = 1 << 20;

export interface DigestRun {
  signal?: AbortSignal;
  /** Bytes. */
  onProgress?: (progress: { done: number; total: number }) => void;
}

/**
 * SHA-256 (lower-case hexadecimal) of the bytes of every tensor that stands in one piece in its entry, in the order of
 * the parts and their tensors; null for the others (views, compressed members, what the reader could not place).
 * @param file absolute path.
 * @throws {WeighbridgeError} `cancelled`, or `unreadable` when the file ends before a tensor does.
 */
export async function tensorDigests(
  file: string,
  parts: readonly PartFacts[],
  limits: Limits,
  { signal, onProgress }: DigestRun = {},
): Promise<(string | null)[]> {
  const total = parts.flatMap((part) => placedIn(part)).reduce((sum, tensor) => sum + tensor.bytes, 0);
  const source = new FileSource(file);
  let done = 0;
  try {
    const digests: (string | null)[] = [];
    for (const part of parts) {
      if (!('tensors' in part)) continue;
      const opened = placedIn(part).length > 0 ? openEntry(source, basename(file), part.entry, limits) : null;
      for (const tensor of part.tensors) {
        digests.push(opened && isPlaced(tensor, part) ? await digestOf(opened, tensor) : null);
      }
    }
    return digests;
  } finally {
    source.close();
  }

  async function digestOf(opened: ByteSource, tensor: PlacedTensor): Promise<string> {
    const hash = createHash('sha256');
    for (let at = tensor.offset; at < tensor.offset + tensor.bytes; at += block) {
      // A cancellation comes as a message, and this thread must look for it.
      await new Promise((resolve) => setImmediate(resolve));
      if (signal?.aborted) throw new WeighbridgeError('cancelled', 'The comparison was stopped.');
      const wanted = Math.min(block, tensor.offset + tensor.bytes - at);
      const bytes = opened.read(at, wanted);
      if (bytes.length < wanted)
        throw new WeighbridgeError('unreadable', `${basename(file)} ends inside the tensor ${tensor.name}.`);
      hash.update(bytes);
      done += wanted;
      onProgress?.({ done, total });
    }
    return hash.digest('hex');
  }
}

type PlacedTensor = TensorFact & { offset: number };

function placedIn(part: PartFacts): PlacedTensor[] {
  return 'tensors' in part ? part.tensors.filter((tensor): tensor is PlacedTensor => isPlaced(tensor, part)) : [];
}

/** Tensors of a graph point into the message they stand in, and may be coded there in several ways. */
function isPlaced(tensor: TensorFact, part: PartFacts): tensor is PlacedTensor {
  return tensor.offset !== undefined && (part.kind === 'safetensors' || part.kind === 'torch' || part.kind === 'gguf');
}
