import type { TensorFact } from '../facts.ts';
import type { ReadContext, Reader } from '../reader.ts';
import type { ByteSource } from '../source.ts';
import { longestTemplate } from '../template/analyse.ts';
import { addTemplate } from '../template/templateFacts.ts';
import { GgufBreak, GgufCursor } from './cursor.ts';
import type { GgufFacts } from './facts.ts';
import { tensorTypes, valueTypes } from './types.ts';

/** What is kept for display; everything is walked. */
const metadataKept = 2_000;
const tensorsKept = 100_000;
const valueKept = 200;
const violationsKept = 100;
/** Dimensions of a tensor, and bytes of its name. Source: `GGML_MAX_DIMS`, `GGML_MAX_NAME`. */
const mostDimensions = 4;
const longestName = 64;
const defaultAlignment = 32;

/**
 * Keys that hold chat templates: `tokenizer.chat_template` without a name, others with theirs, and what programs beside
 * llama.cpp keep under keys of their own. Source: docs/gguf.md; llama-vocab.cpp.
 */
const templateKey = /(?:^|[._])templates?(?:[._]|$)/;

/**
 * Reads the header of a GGUF file: metadata, tensors, templates. Every count and length is checked against the file.
 * Source: docs/gguf.md of ggml, and gguf.cpp of llama.cpp for what its loader refuses.
 */
export const readGguf: Reader = (source, context) => {
  const reading = new Reading(source, context);
  try {
    reading.run();
  } catch (error) {
    if (!(error instanceof GgufBreak)) throw error;
    reading.violate(error.code, error.offset, error.message);
  }
  context.add(reading.facts);
};

class Reading {
  readonly facts: GgufFacts;
  readonly #source: ByteSource;
  readonly #context: ReadContext;
  readonly #keys = new Set<string>();
  #alignment = defaultAlignment;
  #steps = 0;

  constructor(source: ByteSource, context: ReadContext) {
    this.#source = source;
    this.#context = context;
    this.facts = {
      kind: 'gguf',
      entry: context.entry,
      version: 0,
      byteOrder: 'little',
      metadata: [],
      metadataCount: 0,
      tensors: [],
      tensorCount: 0,
      dataOffset: 0,
      violations: [],
    };
  }

  violate(code: GgufFacts['violations'][number]['code'], offset: number, message: string): void {
    const { violations } = this.facts;
    if (violations.length < violationsKept) violations.push({ code, offset, message });
  }

  run(): void {
    const { facts } = this;
    const head = this.#source.read(4, 4).slice();
    if (head.length < 4) throw new GgufBreak('truncated', 4, 'the header ends too early');
    const view = new DataView(head.buffer);
    const little = view.getUint32(0, true) <= 0xffff;
    facts.byteOrder = little ? 'little' : 'big';
    facts.version = view.getUint32(0, little);
    if (facts.version < 1 || facts.version > 3)
      throw new GgufBreak('version', 4, `the version is ${facts.version}, and there are only 1, 2 and 3`);
    const cursor = new GgufCursor(this.#source, 8, little, facts.version > 1);
    facts.tensorCount = cursor.count();
    facts.metadataCount = cursor.count();
    // A key takes 13 bytes at least (its length, no name, its type, one byte), a tensor 24.
    if (facts.metadataCount * 13 + facts.tensorCount * 24 > this.#source.size)
      throw new GgufBreak(
        'count',
        8,
        `it claims ${facts.tensorCount} tensors and ${facts.metadataCount} metadata keys, for which it is too short`,
      );
    for (let left = facts.metadataCount; left > 0 && this.#mayGoOn(cursor); left--) this.#pair(cursor);
    for (let left = facts.tensorCount; left > 0 && this.#mayGoOn(cursor); left--) this.#tensor(cursor);
    this.#place(cursor.offset);
  }

  /** False, and the problem is told, when the time is up. */
  #mayGoOn(cursor: GgufCursor): boolean {
    if (++this.#steps % 4096 !== 0 || !this.#context.budget.timeIsUp) return true;
    const message = 'reading the header took longer than the limit allows';
    this.#context.problem({ code: 'limit-time', offset: cursor.offset, message, incomplete: true });
    throw new GgufBreak('length', cursor.offset, 'the header is too long to be read in time');
  }

  #pair(cursor: GgufCursor): void {
    const start = cursor.offset;
    const { text: key } = cursor.string('a key', 1_000);
    if (this.#keys.has(key))
      this.violate('duplicate-key', start, `the key ${JSON.stringify(key.slice(0, 100))} stands there twice`);
    if (this.#keys.size < metadataKept) this.#keys.add(key);
    const type = cursor.u32();
    const isTemplate = templateKey.test(key);
    const value = this.#value(cursor, type, isTemplate ? longestTemplate * 3 : valueKept, key);
    if (this.facts.metadata.length < metadataKept)
      this.facts.metadata.push({
        key,
        type: valueTypes[type]?.[0] ?? '?',
        value: value.slice(0, valueKept),
        offset: start,
      });
    if (key === 'general.alignment') {
      const alignment = Number(value);
      if (type === 4 && alignment >= 8 && (alignment & (alignment - 1)) === 0) this.#alignment = alignment;
      else this.violate('alignment', start, `the alignment is ${value}, which is no power of two from 8 on`);
    }
  }

  #value(cursor: GgufCursor, type: number, kept: number, key: string): string {
    if (type === 8) {
      const { text, offset } = cursor.string(`the value of ${JSON.stringify(key.slice(0, 100))}`, kept);
      if (templateKey.test(key)) addTemplate(this.#context, key, text, offset);
      return text;
    }
    if (type === 9) return this.#array(cursor, key);
    if (!valueTypes[type])
      throw new GgufBreak('type', cursor.offset - 4, `a value has type ${type}, which does not exist`);
    return cursor.number(type);
  }

  #array(cursor: GgufCursor, key: string): string {
    const start = cursor.offset;
    const type = cursor.u32();
    const count = cursor.count();
    const [name, bytes] = valueTypes[type] ?? ['', 0];
    // Arrays of arrays are in the specification and refused by every loader.
    if (name === '' || type === 9)
      throw new GgufBreak('type', start, `an array has elements of type ${type}, which no loader reads`);
    const least = type === 8 ? (cursor.wide ? 8 : 4) : bytes;
    if (count * least > cursor.left)
      throw new GgufBreak('count', start, `an array claims ${count} elements, and ${cursor.left} bytes are left`);
    if (type !== 8) {
      cursor.skip(count * bytes);
      return `[${count} x ${name}]`;
    }
    // Templates have been written as arrays, too.
    const isTemplate = templateKey.test(key);
    const shown: string[] = [];
    for (let index = 0; index < count && this.#mayGoOn(cursor); index++) {
      const { text, offset } = cursor.string(
        'a string of an array',
        isTemplate ? longestTemplate * 3 : index < 8 ? 40 : 0,
      );
      if (isTemplate) addTemplate(this.#context, `${key}[${index}]`, text, offset);
      if (index < 8) shown.push(text.slice(0, 40));
    }
    return `[${count} x string] ${shown.join(', ')}`;
  }

  #tensor(cursor: GgufCursor): void {
    const start = cursor.offset;
    const { text: name, bytes: nameBytes } = cursor.string("a tensor's name", 256);
    const label = JSON.stringify(name.slice(0, 100));
    if (nameBytes >= longestName)
      this.violate('length', start, `the name of tensor ${label} is longer than ${longestName - 1} bytes`);
    const dimensions = cursor.u32();
    if (dimensions > mostDimensions)
      throw new GgufBreak(
        'shape',
        start,
        `tensor ${label} has ${dimensions} dimensions, and ${mostDimensions} are allowed`,
      );
    const shape = Array.from({ length: dimensions }, () => cursor.count());
    const type = cursor.u32();
    const offset = this.#wide(cursor);
    const [dtype, elements, bytes] = tensorTypes[type] ?? [`type ${type}`, 0, 0];
    const total = shape.reduce((product, size) => product * size, 1);
    if (!tensorTypes[type]) this.violate('type', start, `tensor ${label} has type ${type}, which does not exist`);
    if (!(total <= Number.MAX_SAFE_INTEGER))
      this.violate('shape', start, `the shape of tensor ${label} overflows: [${shape.join(', ')}]`);
    else if (elements > 0 && (shape[0] ?? 1) % elements !== 0)
      this.violate('shape', start, `the rows of tensor ${label} are no multiple of ${elements} elements`);
    const size = elements === 0 ? 0 : (total / elements) * bytes;
    const tensor: TensorFact = { name, dtype, shape: shape.reverse(), bytes: size, offset };
    if (offset % this.#alignment !== 0) this.violate('alignment', start, `the data of tensor ${label} is not aligned`);
    if (this.facts.tensors.length < tensorsKept) this.facts.tensors.push(tensor);
    if (this.#extents.length < tensorsKept) this.#extents.push([offset, size, start]);
  }

  readonly #extents: [offset: number, size: number, header: number][] = [];

  /** Offsets of tensors are 64 bits in every version. */
  #wide(cursor: GgufCursor): number {
    return Number(cursor.number(10));
  }

  /** Offsets count from the aligned end of the header: checks that all data stands in the file, apart. */
  #place(headerEnd: number): void {
    const { facts } = this;
    facts.dataOffset = Math.ceil(headerEnd / this.#alignment) * this.#alignment;
    for (const tensor of facts.tensors) tensor.offset = (tensor.offset ?? 0) + facts.dataOffset;
    const room = this.#source.size - facts.dataOffset;
    let end = 0;
    for (const [offset, size, header] of this.#extents.sort((a, b) => a[0] - b[0])) {
      if (offset + size > room)
        this.violate(
          'offset',
          header,
          `the data of a tensor ends ${offset + size - Math.max(0, room)} bytes behind the end of the file`,
        );
      else if (offset < end) this.violate('overlap', header, 'the data of a tensor overlaps that of another');
      end = Math.max(end, offset + size);
    }
  }
}
