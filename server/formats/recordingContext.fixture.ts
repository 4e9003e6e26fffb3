import type { FormatId, PartFacts, ReadProblem } from './facts.ts';
import { Budget, defaultLimits, type Limits } from './limits.ts';
import type { ReadContext, Reader } from './reader.ts';
import { MemorySource, type ByteSource } from './source.ts';

/** What one reader reported, with the members it descended into as bytes (their first MiB). */
export interface Recording {
  parts: PartFacts[];
  problems: Omit<ReadProblem, 'entry'>[];
  members: { name: string; parent: FormatId; size: number; bytes: Uint8Array }[];
  budget: Budget;
}

/** Runs one reader alone: members are recorded, not read. */
export function record(reader: Reader, input: Uint8Array | ByteSource, limits: Partial<Limits> = {}): Recording {
  const source = input instanceof Uint8Array ? new MemorySource(input) : input;
  const budget = new Budget({ ...defaultLimits, ...limits });
  const recording: Recording = { parts: [], problems: [], members: [], budget };
  const context: ReadContext = {
    entry: '',
    name: 'file',
    depth: 0,
    parent: null,
    budget,
    add: (part) => recording.parts.push(part),
    problem: (problem) => recording.problems.push(problem),
    descend: (child, name, parent) => {
      const bytes = Uint8Array.from(child.read(0, Math.min(child.size, 1 << 20)));
      recording.members.push({ name, parent, size: child.size, bytes });
    },
  };
  reader(source, context);
  return recording;
}
