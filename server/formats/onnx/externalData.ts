/** The keys that ONNX and its runtimes write. Source: onnx.proto; onnxruntime, tensor_external_data_info.h (`prepacked_0`...). */
const knownKey = /^(?:location|offset|length|checksum|basepath|prepacked_\d+)$/;

/** What ONNX Runtime writes for tensors that it has put into memory itself: the offset is then an address. */
const memoryMark = /_ORT_MEM_ADDR_/;

/** `external_data` of one tensor. */
export class ExternalData {
  readonly #values = new Map<string, string>();
  readonly #locations: string[] = [];
  #oddKey: string | null = null;

  add(key: string, value: string): void {
    this.#values.set(key, value);
    // Each one counts: readers differ in which of two they take.
    if (key === 'location' && this.#locations.length < 16) this.#locations.push(value);
    if (!knownKey.test(key)) this.#oddKey ??= key;
  }

  get empty(): boolean {
    return this.#values.size === 0;
  }

  /** The files that are named; one empty name when there is none. */
  get locations(): string[] {
    return this.#locations.length > 0 ? this.#locations : [''];
  }

  static isMemory(location: string): boolean {
    return memoryMark.test(location);
  }

  /** Why the values cannot be right, for a tensor that needs `bytes` bytes (null: not known). */
  breach(bytes: number | null): string | undefined {
    const offset = this.#number('offset');
    const length = this.#number('length');
    if (this.#locations.length > 1) return 'it names more than one file';
    if (this.#locations[0] === undefined || this.#locations[0] === '') return 'it names no file';
    if (this.#locations[0].length >= longestPath) return 'the name of its file is longer than any path';
    if (offset === null || length === null)
      return `its ${offset === null ? 'offset' : 'length'} is not a whole number of bytes`;
    if (offset !== undefined && offset > largestFile) return `its offset of ${offset} bytes is beyond any file`;
    if (length !== undefined && length > largestFile) return `its length of ${length} bytes is beyond any file`;
    if (length !== undefined && bytes !== null && length !== bytes && this.#values.has('length'))
      return `its length is ${length} bytes, and its shape needs ${bytes}`;
    if (this.#oddKey !== null)
      return `it has the key ${JSON.stringify(this.#oddKey.slice(0, 100))}, which ONNX does not define`;
    return undefined;
  }

  /** How long the file has to be for a tensor of `bytes` bytes (null: not known); undefined when that is not told. */
  end(bytes: number | null): number | undefined {
    const length = this.#number('length') ?? bytes;
    const offset = this.#number('offset');
    return length === null || offset === null ? undefined : (offset ?? 0) + length;
  }

  /** A number as it is written; undefined when absent, null when it is none. */
  #number(key: string): number | null | undefined {
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    return /^\d{1,20}$/.test(value) ? Number(value) : null;
  }
}

/** PATH_MAX of Linux, in bytes. */
const longestPath = 4_096;

/** A pebibyte: file systems end there or before, and no model comes near. */
const largestFile = 2 ** 50;
