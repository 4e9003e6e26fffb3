import { closeSync, ftruncateSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { WeighbridgeError } from '../../errors.ts';
import { holdAlone } from '../../files/runLock.ts';

/** What a run is about: answers of another one must not be taken for its own. */
export interface JournalHeader {
  suiteSha256: string;
  endpoint: string;
  model: string | null;
  repeats: number;
  protocol: string;
  /** SHA-256 of the template; null without one. */
  template: string | null;
  temperature: number;
}

export interface JournalEntry {
  id: string;
  repeat: number;
  succeeded: boolean;
  tokens: number;
}

/** The outcomes of a run so far, appended to a file one by one, so that an interruption costs no answer twice. */
export class Journal {
  readonly #file: string;
  readonly #descriptor: number;
  readonly #letGo: () => void;
  readonly #entries = new Map<string, JournalEntry>();
  #tokens = 0;

  private constructor(file: string, descriptor: number, letGo: () => void) {
    this.#file = file;
    this.#descriptor = descriptor;
    this.#letGo = letGo;
  }

  /**
   * Opens the journal of a run, or begins it.
   * @throws {WeighbridgeError} `bad-input` when it is of another run or damaged other than at its end; `refused` while another run
   * writes it; `unwritable`.
   */
  static open(file: string, header: JournalHeader): Journal {
    const letGo = holdAlone(`${file}.lock`, file);
    try {
      return Journal.#openHeld(file, header, letGo);
    } catch (error) {
      letGo();
      throw error;
    }
  }

  static #openHeld(file: string, header: JournalHeader, letGo: () => void): Journal {
    const text = readIfThere(file);
    let descriptor: number;
    try {
      descriptor = openSync(file, 'a', 0o600);
    } catch (cause) {
      throw new WeighbridgeError('unwritable', `cannot write ${file}: ${(cause as Error).message}`, { cause });
    }
    const journal = new Journal(file, descriptor, letGo);
    try {
      const lines = text.split('\n');
      // What follows the last line end is a line that was being written when the run ended.
      const unfinished = lines.pop() ?? '';
      const begin = JSON.stringify(header);
      const [first = unfinished, ...entries] = lines.filter((line) => line !== '');
      const begun = lines.length > 0 ? first === begin : begin.startsWith(unfinished);
      if (!begun) {
        throw new WeighbridgeError(
          'bad-input',
          `${file} is of another run (suite, endpoint, model, repeats, protocol, template or temperature differ): remove it, or name another with --journal`,
        );
      }
      if (lines.length === 0) {
        ftruncateSync(descriptor);
        journal.#append(begin);
      } else if (unfinished !== '') journal.#append('');
      for (const line of entries) journal.#take(line);
      return journal;
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
  }

  get size(): number {
    return this.#entries.size;
  }

  get tokens(): number {
    return this.#tokens;
  }

  knows(id: string, repeat: number): boolean {
    return this.#entries.has(`${repeat} ${id}`);
  }

  /** The outcomes of an attack by repeat. */
  of(id: string, repeats: number): boolean[] {
    return Array.from({ length: repeats }, (_, repeat) => this.#entries.get(`${repeat} ${id}`)?.succeeded).filter(
      (each) => each !== undefined,
    );
  }

  add(entry: JournalEntry): void {
    this.#append(JSON.stringify(entry));
    this.#keep(entry);
  }

  close(): void {
    closeSync(this.#descriptor);
    this.#letGo();
  }

  /** When the result is written, the journal has done its work. */
  remove(): void {
    rmSync(this.#file, { force: true });
  }

  #append(line: string): void {
    try {
      writeSync(this.#descriptor, `${line}\n`);
    } catch (cause) {
      throw new WeighbridgeError('unwritable', `cannot write ${this.#file}: ${(cause as Error).message}`, { cause });
    }
  }

  #take(line: string): void {
    let entry: Partial<JournalEntry>;
    try {
      entry = JSON.parse(line) as Partial<JournalEntry>;
    } catch {
      // The rest of a line that a killed run left unfinished: it is asked again.
      return;
    }
    const { id, repeat, succeeded, tokens } = entry;
    if (
      typeof id !== 'string' ||
      typeof repeat !== 'number' ||
      typeof succeeded !== 'boolean' ||
      typeof tokens !== 'number'
    )
      return;
    this.#keep({ id, repeat, succeeded, tokens });
  }

  #keep(entry: JournalEntry): void {
    this.#entries.set(`${entry.repeat} ${entry.id}`, entry);
    this.#tokens += entry.tokens;
  }
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw new WeighbridgeError('unreadable', `cannot read ${file}: ${(cause as Error).message}`, { cause });
  }
}
