import type { Budget } from './limits.ts';
import type { FormatId, PartFacts, ReadProblem } from './facts.ts';
import type { ByteSource } from './source.ts';

/** What a reader is handed beside the bytes. It is how readers reach one another without importing one another. */
export interface ReadContext {
  /** Path inside containers: `''` for the file itself. */
  readonly entry: string;
  /** The last name in that path, or the file's name: a hint, never the proof, of what the bytes are. */
  readonly name: string;
  /** Containers around these bytes. */
  readonly depth: number;
  /** What the nearest container is, when that decides how bytes are read (a pickle in a PyTorch zip). */
  readonly parent: FormatId | null;
  readonly budget: Budget;
  add(part: PartFacts): void;
  problem(problem: Omit<ReadProblem, 'entry'>): void;
  /**
   * Inspects a member. `name` is the member's own path; the entry becomes `<entry>!<name>` (or `<name>` at the top).
   * Depth and entry limits are kept here. Does nothing but record the problem once a limit is reached.
   */
  descend(child: ByteSource, name: string, parent: FormatId): void;
}

/** Reads one format. It reports through the context, and throws only what the source throws. */
export type Reader = (source: ByteSource, context: ReadContext) => void;
