import { FetchError } from './http/fetchError.ts';
import { mostFiles } from './source.ts';

/** Pages in a row that bring nothing: stores skip over what was deleted, and end. */
const mostEmptyPages = 1_000;
/** Entries in all: folders, and what lies elsewhere, count as well. */
const mostEntries = 10 * mostFiles;

/** Sees to it that a list ends, whatever its server says of a next page. */
export class EndOfList {
  readonly #server: string;
  #empty = 0;
  #entries = 0;

  /** @param server for the message. */
  constructor(server: string) {
    this.#server = server;
  }

  /** @param entries how many a page brought. @throws {FetchError} `unreachable` where nothing comes any more. */
  page(entries: number): void {
    this.#empty = entries > 0 ? 0 : this.#empty + 1;
    this.#entries += entries;
    if (this.#entries > mostEntries)
      throw new FetchError('refused', `${this.#server} lists more than ${mostEntries} entries: name a folder of it`);
    if (this.#empty > mostEmptyPages)
      throw new FetchError('unreachable', `${this.#server} gives page after page with nothing on it`);
  }
}

/** Whether a name holds half of a character (a surrogate alone), which no address and no file can have. */
export const isNoText = (name: string): boolean => /\p{Surrogate}/u.test(name);

export const noText = 'its name is no text: it holds half of a character';
