import type { ReadContext } from '../reader.ts';
import type { ByteSource } from '../source.ts';

const blockBytes = 64 * 1024;
/** What is kept of one tag or document type, in bytes; the rest is passed over. */
const tagKept = 64 * 1024;

const lessThan = 0x3c;
const greaterThan = 0x3e;
const quoteMark = 0x22;
const apostrophe = 0x27;
const exclamation = 0x21;
const questionMark = 0x3f;

/** A tag or a document type, as it is written between `<` and `>`. */
export interface XmlTag {
  kind: 'open' | 'close' | 'doctype';
  /** Of the element, or of the root that the document type declares. */
  name: string;
  text: string;
  offset: number;
}

/**
 * The tags of an XML document, one after another; text, comments and CDATA are passed over. Nothing is resolved: entities are
 * what the rules ask about, and not what this reader follows. It takes broken documents as far as they go.
 * Source: Extensible Markup Language (XML) 1.0.
 */
export function* xmlTags(document: ByteSource, context: Pick<ReadContext, 'budget' | 'problem'>): Generator<XmlTag> {
  const { source, scale } = singleBytes(document);
  const bytes = new ByteWalk(source);
  const { budget } = context;
  for (;;) {
    if (!bytes.skipTo(lessThan)) return;
    const offset = bytes.offset * scale;
    if (budget.opcodes <= 0 || budget.timeIsUp) {
      const code = budget.opcodes <= 0 ? 'limit-opcodes' : 'limit-time';
      return context.problem({ code, offset, message: 'the limits ended before the document did', incomplete: true });
    }
    budget.opcodes--;
    bytes.take();
    const declares = bytes.peek() === exclamation;
    if (declares && bytes.takes('!--')) bytes.skipPast('-->');
    else if (declares && bytes.takes('![CDATA[')) bytes.skipPast(']]>');
    else if (bytes.peek() === questionMark) bytes.skipPast('?>');
    else {
      const { text, whole } = bytes.tag();
      const kind = text.startsWith('!DOCTYPE') ? 'doctype' : text.startsWith('/') ? 'close' : 'open';
      const name = (kind === 'doctype' ? text.slice(8) : text).match(/^[\s/]*([^\s/>[\]]+)/)?.[1] ?? '';
      yield { kind, name, text, offset };
      if (!whole) {
        const message = `a tag is longer than ${tagKept} bytes; the rest of it was left out`;
        context.problem({ code: 'limit-memory', offset, message, incomplete: true });
      }
    }
  }
}

const named: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** The value of an attribute, with the characters that XML itself defines; null when it is absent. */
export function xmlAttribute(tag: XmlTag, name: string): string | null {
  for (const [, key, double, single] of tag.text.matchAll(/([^\s=/"'<>]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) {
    if (key !== name) continue;
    return (double ?? single ?? '').replace(
      /&(?:#x([\da-fA-F]{1,6})|#(\d{1,7})|(\w{2,4}));/g,
      (whole, hex, number, word) => {
        if (word !== undefined) return named[String(word)] ?? String(whole);
        const point = hex !== undefined ? parseInt(String(hex), 16) : Number(number);
        return point <= 0x10ffff ? String.fromCodePoint(point) : String(whole);
      },
    );
  }
  return null;
}

/** An entity of a document type: `external` when a parser would fetch it. */
export interface XmlEntity {
  name: string;
  external: boolean;
  /** The address, or the text that it stands for. */
  value: string;
}

/** The entities that a document type declares, itself among them when it is taken from elsewhere. */
export function xmlEntities(doctype: XmlTag): XmlEntity[] {
  const found: XmlEntity[] = [];
  const literal = `(?:"([^"]*)"|'([^']*)')`;
  const outer = new RegExp(`^!DOCTYPE\\s+\\S+\\s+(?:SYSTEM\\s+|PUBLIC\\s+(?:"[^"]*"|'[^']*')\\s*)${literal}`).exec(
    doctype.text,
  );
  if (outer) found.push({ name: doctype.name, external: true, value: outer[1] ?? outer[2] ?? '' });
  const entity = new RegExp(
    `<!ENTITY\\s+(?:%\\s+)?(\\S+)\\s+(SYSTEM\\s+|PUBLIC\\s+(?:"[^"]*"|'[^']*')\\s*)?${literal}`,
    'g',
  );
  for (const [, name = '', external, double, single] of doctype.text.matchAll(entity)) {
    if (found.length < 1_000) found.push({ name, external: external !== undefined, value: double ?? single ?? '' });
  }
  return found;
}

/** The name of the first element of what may be XML; null when it is none. At most the first 64 KiB are looked at. */
export function xmlRoot(document: ByteSource): string | null {
  const head: ByteSource = {
    size: Math.min(document.size, blockBytes),
    read: (at, length) => document.read(at, Math.min(length, Math.max(0, blockBytes - at))),
  };
  const { source } = singleBytes(head);
  const bytes = new ByteWalk(source);
  for (let first = bytes.peek(); first === 0x20 || (first >= 9 && first <= 13); first = bytes.peek()) bytes.take();
  if (bytes.peek() !== lessThan) return null;
  const budget = { opcodes: 1_000, timeIsUp: false } as ReadContext['budget'];
  for (const tag of xmlTags(head, { budget, problem: () => undefined })) {
    if (tag.kind !== 'doctype') return tag.kind === 'open' ? tag.name : null;
  }
  return null;
}

/** Bytes one after another, through a block of a constant size. */
class ByteWalk {
  readonly #source: ByteSource;
  #block: Uint8Array = new Uint8Array(0);
  #blockStart = 0;
  #at = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  get offset(): number {
    return this.#blockStart + this.#at;
  }

  /** The next byte; -1 at the end. */
  peek(): number {
    if (this.#at < this.#block.length) return this.#block[this.#at]!;
    this.#blockStart += this.#block.length;
    this.#at = 0;
    // A copy: the source's buffer belongs to whoever reads next.
    this.#block = Uint8Array.from(this.#source.read(this.#blockStart, blockBytes));
    return this.#block[0] ?? -1;
  }

  take(): number {
    const byte = this.peek();
    if (byte >= 0) this.#at++;
    return byte;
  }

  /** Goes to the next such byte; false when there is none. */
  skipTo(byte: number): boolean {
    while (this.peek() >= 0) {
      const found = this.#block.indexOf(byte, this.#at);
      if (found >= 0) {
        this.#at = found;
        return true;
      }
      this.#at = this.#block.length;
    }
    return false;
  }

  /** Takes a text when it stands here. */
  takes(text: string): boolean {
    this.peek();
    const next = this.#source.read(this.offset, text.length);
    if (next.length < text.length || [...text].some((c, index) => next[index] !== c.charCodeAt(0))) return false;
    for (let left = text.length; left > 0; left--) this.take();
    return true;
  }

  skipPast(text: string): void {
    while (this.skipTo(text.charCodeAt(0))) {
      if (this.takes(text)) return;
      this.take();
    }
  }

  /** The rest of a tag: to the `>` that stands in no quotes and, for a document type, in no brackets. */
  tag(): { text: string; whole: boolean } {
    const kept: Uint8Array[] = [];
    let length = 0;
    let quote = 0;
    let depth = 0;
    let ended = false;
    const isDoctype = this.peek() === exclamation;
    while (!ended && this.peek() >= 0) {
      const block = this.#block;
      const from = this.#at;
      let at = from;
      for (; at < block.length && !ended; at++) {
        const byte = block[at]!;
        if (quote !== 0) quote = byte === quote ? 0 : quote;
        else if (byte === quoteMark || byte === apostrophe) quote = byte;
        else if (byte === 0x5b) depth++;
        else if (byte === 0x5d) depth--;
        else if (byte === greaterThan && (depth <= 0 || !isDoctype)) ended = true;
      }
      this.#at = at;
      const part = block.subarray(from, ended ? at - 1 : at);
      kept.push(part.subarray(0, Math.max(0, tagKept - length)));
      length += part.length;
    }
    return { text: Buffer.concat(kept).toString('utf8'), whole: length <= tagKept };
  }
}

/** UTF-16 as single bytes (what is not Latin-1 becomes `?`): all that XML itself is made of is ASCII. */
function singleBytes(source: ByteSource): { source: ByteSource; scale: number } {
  const head = source.read(0, 4);
  const little = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === lessThan && head[1] === 0);
  const big = (head[0] === 0xfe && head[1] === 0xff) || (head[0] === 0 && head[1] === lessThan);
  const marked = head[0] === 0xff || head[0] === 0xfe ? 2 : 0;
  if (little || big) {
    const read = (position: number, length: number): Uint8Array => {
      const pairs = source.read(marked + position * 2, length * 2);
      return Uint8Array.from({ length: pairs.length >> 1 }, (_, index) => {
        const low = pairs[index * 2 + (little ? 0 : 1)]!;
        return pairs[index * 2 + (little ? 1 : 0)] === 0 ? low : 0x3f;
      });
    };
    return { source: { size: Math.max(0, (source.size - marked) >> 1), read }, scale: 2 };
  }
  if (head[0] !== 0xef || head[1] !== 0xbb || head[2] !== 0xbf) return { source, scale: 1 };
  return { source: { size: source.size - 3, read: (position, length) => source.read(position + 3, length) }, scale: 1 };
}
