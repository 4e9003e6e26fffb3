/**
 * Why a checkpoint cannot be read as tensors. Not an error of the program: the file says something that this reader
 * will not act on. The message is one clause without the file's name; `entry` and `offset` say where.
 */
export class Refusal extends Error {
  /** The member of the checkpoint, `''` for the file itself. */
  entry: string;
  /** Bytes from the start of that member, or null when no single place can be named. */
  readonly offset: number | null;

  constructor(message: string, offset: number | null = null, entry = '') {
    super(message);
    this.name = 'Refusal';
    this.offset = offset;
    this.entry = entry;
  }

  /** The clause with its place: `... (archive/data.pkl, byte 41)`. */
  get text(): string {
    const place = [this.entry, this.offset === null ? '' : `byte ${this.offset}`].filter((part) => part !== '');
    return place.length === 0 ? this.message : `${this.message} (${place.join(', ')})`;
  }
}
