import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Budget, defaultLimits } from '../../formats/limits.ts';
import type { MessageCursor } from '../../formats/protobuf/cursor.ts';
import { ProtobufWalk } from '../../formats/protobuf/walk.ts';
import type { ByteSource } from '../../formats/source.ts';
import { MessageWriter } from './protobufWriter.ts';

/** Bytes of a tensor from which it is moved. */
const least = 64 << 10;
/** Where tensors begin, so that they can be mapped: what ONNX advises. Source: onnx.proto, `external_data`. */
const alignment = 4096;
const block = 1 << 20;

/**
 * Writes a model whose weights stand in a file beside it instead of in it, as ONNX Runtime maps them: sessions then share them, and none holds a copy.
 * @param source a model that was read before and whose tensors have the bytes that they need.
 * @param file of the model; the weights are beside it, in `weights`.
 * @throws the operating system's error when it cannot be written.
 */
export function moveWeights(source: ByteSource, file: string): void {
  const weights = openSync(join(dirname(file), 'weights'), 'wx');
  try {
    writeFileSync(file, new WeightsMover(source, weights).model());
  } finally {
    closeSync(weights);
  }
}

class WeightsMover {
  readonly #source: ByteSource;
  readonly #weights: number;
  #at = 0;

  constructor(source: ByteSource, weights: number) {
    this.#source = source;
    this.#weights = weights;
  }

  model(): Uint8Array {
    const walk = new ProtobufWalk(this.#source, {
      budget: new Budget(defaultLimits),
      problem: ({ message }) => {
        throw new Error(`a model that could be read ${message}`);
      },
    });
    const written = new MessageWriter();
    for (const model = walk.message(); model.next();) {
      if (model.field === 7) written.message(7, (graph) => this.#graph(model.nested(), graph));
      else written.encoded(this.#field(model));
    }
    return written.finish();
  }

  #graph(graph: MessageCursor, written: MessageWriter): void {
    while (graph.next()) {
      if (graph.field === 5 && graph.length >= least)
        written.message(5, (tensor) => this.#tensor(graph.nested(), tensor));
      else written.encoded(this.#field(graph));
    }
  }

  #tensor(tensor: MessageCursor, written: MessageWriter): void {
    let raw: { start: number; length: number } | null = null;
    while (tensor.next()) {
      // Of two, the last one counts.
      if (tensor.field === 9) raw = { start: tensor.start, length: tensor.length };
      else written.encoded(this.#field(tensor));
    }
    if (raw === null) return;
    const place = { location: 'weights', offset: String(this.#move(raw)), length: String(raw.length) };
    for (const [key, value] of Object.entries(place)) written.message(13, (entry) => entry.text(1, key).text(2, value));
    // TensorProto.DataLocation: EXTERNAL.
    written.int(14, 1);
  }

  /** @returns where they begin in the file of weights. */
  #move({ start, length }: { start: number; length: number }): number {
    const begin = Math.ceil(this.#at / alignment) * alignment;
    for (let done = 0; done < length;) {
      const bytes = this.#source.read(start + done, Math.min(block, length - done));
      done += writeSync(this.#weights, bytes, 0, bytes.length, begin + done);
    }
    this.#at = begin + length;
    return begin;
  }

  /** A field as it stands. */
  #field({ offset, end }: MessageCursor): Uint8Array {
    return Uint8Array.from(this.#source.read(offset, end - offset));
  }
}
