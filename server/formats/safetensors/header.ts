import type { ReadProblem, SafetensorsFacts, SafetensorsViolationCode } from '../facts.ts';
import type { Budget } from '../limits.ts';
import type { ByteSource } from '../source.ts';
import { JsonBreak, JsonCursor } from './jsonCursor.ts';
import { quote, TensorTable, type SafetensorsTensor } from './tensorTable.ts';

/** The reference implementation's MAX_HEADER_SIZE, in bytes. */
const maxHeaderBytes = 100_000_000;

/** What is kept of the metadata, in characters. Longer values exist only to be a nuisance. */
const metadataKept = 4 << 20;

/** Violations that are kept: the first ones name the cause. */
const violationsKept = 1_000;

export interface SafetensorsHeader {
  /** Length of the JSON header in bytes, as recorded. */
  headerBytes: number;
  /** Where tensor data begins in the file: offsets of tensors count from here. */
  dataStart: number;
  /** In the order of the header, at most 100,000; `tensorCount` has the number of all. */
  tensors: SafetensorsTensor[];
  tensorCount: number;
  metadata: Record<string, string>;
  violations: SafetensorsFacts['violations'];
  problems: Omit<ReadProblem, 'entry'>[];
}

/**
 * Reads and checks the header of a safetensors file as the reference implementation's `read_metadata` and `validate`
 * do, and goes on where they stop, so that every breach is told at the byte of the offending token.
 * Memory does not grow with the header but for the tensors' names and offsets.
 */
export function parseSafetensorsHeader(source: ByteSource, budget?: Budget): SafetensorsHeader {
  const parser = new HeaderParser(source, budget);
  parser.parse();
  return parser.header;
}

class HeaderParser {
  readonly header: SafetensorsHeader = {
    headerBytes: 0,
    dataStart: 8,
    tensors: [],
    tensorCount: 0,
    metadata: {},
    violations: [],
    problems: [],
  };
  readonly #source: ByteSource;
  readonly #budget: Budget | undefined;
  readonly #violation = (code: SafetensorsViolationCode, offset: number, message: string): void => {
    const { violations } = this.header;
    if (violations.length < violationsKept) violations.push({ code, offset, message });
  };

  constructor(source: ByteSource, budget: Budget | undefined) {
    this.#source = source;
    this.#budget = budget;
  }

  parse(): void {
    const { header } = this;
    const end = this.#readLength();
    if (end === null) return;
    header.dataStart = end;
    const cursor = new JsonCursor(this.#source, 8, end);
    if (this.#source.read(8, 1)[0] !== 0x7b) {
      this.#violation('header-start', 8, 'the header does not begin with {');
    }
    const tensors = new TensorTable(header, this.#violation);
    const metadata = new Metadata(header, this.#violation);
    const keys = new Set<string>();
    try {
      cursor.object((key, offset) => {
        if (keys.has(key)) this.#violation('duplicate-key', offset, `${quote(key)} stands in the header twice`);
        keys.add(key);
        if (key === '__metadata__') metadata.read(cursor);
        else tensors.read(cursor, key, offset);
        if ((keys.size & 0xfff) === 0 && this.#budget?.timeIsUp) throw new TimeIsUp();
      });
      if (cursor.peek() >= 0) this.#violation('header-json', cursor.offset, 'the header goes on after its object');
    } catch (error) {
      if (error instanceof JsonBreak) this.#violation(error.code, error.offset, `the header ${error.message}`);
      else if (error instanceof TimeIsUp) {
        const message = 'the time for this file was used up while its header was read';
        header.problems.push({ code: 'limit-time', offset: cursor.offset, message, incomplete: true });
      } else throw error;
      metadata.finish();
      return;
    }
    metadata.finish();
    tensors.checkLayout(this.#source.size - end);
  }

  /** Where the header ends, or null when it is not there to be read. */
  #readLength(): number | null {
    const { size } = this.#source;
    const bytes = this.#source.read(0, 8);
    if (bytes.length < 8) {
      this.#violation('header-too-small', 0, 'the file is too short for the length of its header');
      return null;
    }
    const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
    this.header.headerBytes = Number(length);
    if (length > BigInt(maxHeaderBytes)) {
      this.#violation(
        'header-too-large',
        0,
        `the header is said to be ${length} bytes long; at most ${maxHeaderBytes} may be`,
      );
      return null;
    }
    if (length < 2n) {
      this.#violation('header-too-small', 0, `the header is said to be ${length} bytes long, too short for {}`);
      return null;
    }
    const end = 8 + Number(length);
    if (end > size) {
      this.#violation(
        'header-length',
        0,
        `the header is said to be ${length} bytes long, but the file ends after ${size - 8}`,
      );
      return null;
    }
    return end;
  }
}

class TimeIsUp extends Error {}

/** `__metadata__`: an object of strings, or null. */
class Metadata {
  readonly #header: SafetensorsHeader;
  readonly #violation: (code: SafetensorsViolationCode, offset: number, message: string) => void;
  readonly #kept = new Map<string, string>();
  #characters = 0;
  #cut = false;

  constructor(
    header: SafetensorsHeader,
    violation: (code: SafetensorsViolationCode, offset: number, message: string) => void,
  ) {
    this.#header = header;
    this.#violation = violation;
  }

  read(cursor: JsonCursor): void {
    const first = cursor.peek();
    if (first !== 0x7b) {
      if (first !== 0x6e) this.#violation('metadata-not-string', cursor.offset, '__metadata__ is not an object');
      cursor.skip();
      return;
    }
    const keys = new Set<string>();
    cursor.object((key, keyOffset) => {
      if (keys.has(key)) this.#violation('duplicate-key', keyOffset, `${quote(key)} stands in __metadata__ twice`);
      keys.add(key);
      if (cursor.peek() !== 0x22) {
        this.#violation(
          'metadata-not-string',
          cursor.offset,
          `the value of ${quote(key)} in __metadata__ is not a string`,
        );
        cursor.skip();
        return;
      }
      const value = cursor.string();
      this.#characters += key.length + value.length;
      if (this.#characters <= metadataKept) this.#kept.set(key, value);
      else this.#cut = true;
    });
  }

  finish(): void {
    // Not by assignment: a key may be __proto__.
    this.#header.metadata = Object.fromEntries(this.#kept);
    if (!this.#cut) return;
    const message = `the metadata is longer than ${metadataKept} characters; the rest was left out`;
    this.#header.problems.push({ code: 'limit-memory', offset: 8, message, incomplete: true });
  }
}
