import type { Budget } from '../limits.ts';
import { MemorySource, type ByteSource } from '../source.ts';
import { ByteInput } from './byteInput.ts';
import { defaultPaging, Expansion, StreamStop } from './expansion.ts';
import { PagedSource, type Decoder } from './pagedSource.ts';

export interface Expanded {
  /** Everything that came out before the end or the stop. */
  content: ByteSource;
  /** Why it stopped before the end of the stream; null when it did not. */
  stop: StreamStop | null;
  /** Where in the compressed bytes it ended. */
  end: number;
}

/**
 * Expands `source` within the artifact's limits: into memory while the content is short, otherwise to be made again
 * where it is read. What comes out is taken from the budget, whether the stream was good or not.
 */
export function expand(source: ByteSource, budget: Budget, decode: Decoder, paging = defaultPaging): Expanded {
  const output = Expansion.first(source.size, budget, paging);
  const { stop, end } = run(source, output, budget, decode);
  const content =
    output.isWhole || output.checkpoints === null
      ? new MemorySource(output.bytes)
      : new PagedSource(source, output.length, budget, paging, decode, output.checkpoints);
  return { content, stop, end };
}

/** Expands `source` into memory, up to `most` bytes: for content that a filter changes in place. */
export function expandInMemory(source: ByteSource, budget: Budget, most: number, decode: Decoder): Expanded {
  const output = Expansion.whole(source.size, budget, most);
  const { stop, end } = run(source, output, budget, decode);
  return { content: new MemorySource(output.bytes), stop, end };
}

function run(
  source: ByteSource,
  output: Expansion,
  budget: Budget,
  decode: Decoder,
): { stop: StreamStop | null; end: number } {
  const input = new ByteInput(source);
  let stop: StreamStop | null = null;
  try {
    if (budget.timeIsUp) throw new StreamStop('limit-time', 'the time for this file was used up');
    decode(input, output, undefined);
  } catch (error) {
    if (!(error instanceof StreamStop)) throw error;
    stop = error;
  }
  budget.expandedBytes -= output.length;
  return { stop, end: input.position };
}
