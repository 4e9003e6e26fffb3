import type { Places } from './lineIndex.ts';
import type { StatementFacts } from './pythonStatement.ts';
import { isStatement, type KeptStatement } from './pythonStatements.ts';
import { RecordedPlaces } from './recordedPlaces.ts';

/** A statement of the module that begins a line, with what stands between it and the next one. */
export interface PythonUnit {
  /** UTF-16 code units. */
  length: number;
  /** 1-based, on which it begins. */
  line: number;
  /** Whether it begins with a statement: the comments at the top of a text do not. */
  isStatement: boolean;
  /** Of one that breaks the grammar, what `unmatchedBrackets` gives; null where it does not. */
  broken: string | null;
  parts: StatementFacts[];
  /** Statements in it that are kept by themselves. */
  kept: KeptStatement[];
  /** Places of everything else. */
  places: RecordedPlaces;
}

/** Takes a text apart into its units, while it is walked through. */
export class PythonUnits {
  readonly #text: string;
  readonly #lines: Places;
  readonly #units: PythonUnit[] = [];
  readonly #broken: string | null;
  /** Where the last unit begins. */
  #start = 0;
  #unit: PythonUnit;

  /** @param broken of a text that breaks the grammar, what `unmatchedBrackets` gives: it is one unit. */
  constructor(text: string, lines: Places, broken: string | null = null) {
    this.#text = text;
    this.#lines = lines;
    this.#broken = broken;
    this.#unit = this.#add(0);
  }

  /** The unit that the walk is in. */
  get current(): PythonUnit {
    return this.#unit;
  }

  /** Whether a node of the module begins another unit. */
  isNext(type: string, offset: number): boolean {
    if (this.#broken !== null || !isStatement(type)) return false;
    if (offset === 0) this.#unit.isStatement = true;
    return offset > 0 && this.#text.charCodeAt(offset - 1) === 0x0a;
  }

  /** Begins another unit, with a statement. */
  begin(offset: number): PythonUnit {
    this.#unit = this.#add(offset);
    this.#unit.isStatement = true;
    return this.#unit;
  }

  /** All units, when the walk has ended. */
  finish(): PythonUnit[] {
    this.#unit.length = this.#text.length - this.#start;
    return this.#units;
  }

  #add(offset: number): PythonUnit {
    const last = this.#units.at(-1);
    if (last) last.length = offset - this.#start;
    this.#start = offset;
    const { line } = this.#lines.position(offset);
    const places = new RecordedPlaces(this.#lines);
    const unit = { length: 0, line, isStatement: false, broken: this.#broken, parts: [], kept: [], places };
    this.#units.push(unit);
    return unit;
  }
}

/** Moves a unit, and all that was read of it, by as many lines. */
export function moveUnit(unit: PythonUnit, lines: number): void {
  if (lines === 0) return;
  unit.line += lines;
  unit.places.move(lines);
  for (const kept of unit.kept) kept.moveTo(kept.line + lines);
}
