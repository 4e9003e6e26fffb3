import { baselineDiff, type BaselineDiff } from '../poisoning/baselineDiff.ts';
import { columnsOf, type Columns } from '../poisoning/columns.ts';
import type { RowProblem, RowSource } from '../rows/row.ts';
import type { DatasetScan } from './facts.ts';
import { TextSightings } from './textSightings.ts';

export interface DatasetScanOptions {
  path: string;
  source: RowSource;
  /** The version that was accepted before; null to look at the file by itself. */
  accepted: RowSource | null;
  columns: Partial<Columns>;
}

const mostProblems = 100;

/** Scans a data file. A generator: it yields the share done, so that the caller decides when to pause and whether to go on. */
export function* scanDataset({
  path,
  source,
  accepted,
  columns: named,
}: DatasetScanOptions): Generator<number, DatasetScan> {
  const columns = columnsOf(source, named);
  const problems: RowProblem[] = [];
  let problemCount = 0;
  const onProblem = (problem: RowProblem) => {
    if (problemCount++ < mostProblems) problems.push(problem);
  };
  const part = accepted === null ? 1 : 0.3;
  let rows = 0;
  let read = 0;
  let told = 0;
  const texts = new TextSightings();
  for (const row of source.rows({ onProblem, onBytes: (bytes) => (read = bytes) })) {
    rows++;
    texts.add(row);
    if (read !== told) yield (part * (told = read)) / source.size;
  }
  let diff: BaselineDiff | null = null;
  if (accepted !== null) {
    const steps = baselineDiff(accepted, source, columns);
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done === true) {
        diff = step.value;
        break;
      }
      yield part + (1 - part) * step.value;
    }
  }
  const { characters, instructions } = texts;
  return {
    path,
    format: source.format,
    size: source.size,
    rows,
    columns,
    problems,
    problemCount,
    characters,
    instructions,
    diff,
  };
}
