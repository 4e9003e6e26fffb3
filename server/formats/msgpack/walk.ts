import type { Budget } from '../limits.ts';
import type { ByteSource } from '../source.ts';
import type { MsgpackFacts, MsgpackViolation } from './facts.ts';
import { flaxArray, flaxComplex, flaxScalar, readFlaxArray } from './flaxArray.ts';
import { MsgpackBreak, MsgpackTokens, type Token } from './token.ts';

/** Values inside one another: msgpack for Python writes 511 and reads 1,024 at most. */
const deepest = 1_024;
const tensorsKept = 100_000;
const extensionsKept = 100;
const violationsKept = 100;
/** Keys that are compared, in all maps together. */
const keysCompared = 500_000;
const keyKept = 256;
const longestName = 1_000;
/** The type of a time stamp. Source: the MessagePack specification, "Timestamp extension type". */
const timestamp = -1;

/** How Flax marks an array that is longer than a gibibyte, and so is cut in chunks. */
const chunkedMark = '__msgpack_chunked_array__';

interface Frame {
  isMap: boolean;
  left: number;
  /** Keys so far, or the number of items. */
  keys: Set<string>;
  taken: number;
  name: string;
  chunked: boolean;
  firstTensor: number;
  /** Numbers that stand in it directly, for the shape of a chunked array. */
  numbers: number[];
  shape: number[];
}

/** Walks all values without recursion; payloads are stepped over. */
export class MsgpackWalk {
  readonly facts: MsgpackFacts;
  /** Where it stands. */
  readonly tokens: MsgpackTokens;
  readonly #source: ByteSource;
  readonly #budget: Budget;
  readonly #held: (offset: number, size: number, name: string) => void;
  readonly #frames: Frame[] = [];
  /** Breaches only where the file is one of Flax. */
  readonly #ofFlax: MsgpackViolation[] = [];
  #steps = 0;
  #keys = 0;
  #late = false;
  #likeFlax = false;

  /** `held` is told of bytes that are no array. */
  constructor(
    source: ByteSource,
    entry: string,
    budget: Budget,
    held: (offset: number, size: number, name: string) => void = () => undefined,
  ) {
    this.#source = source;
    this.#budget = budget;
    this.#held = held;
    this.tokens = new MsgpackTokens(source);
    this.facts = {
      kind: 'msgpack',
      entry,
      layout: 'plain',
      tensors: [],
      tensorCount: 0,
      values: 0,
      extensions: [],
      violations: [],
    };
  }

  /** True when there is one sound array before `steps` values have been read. */
  provesFlax(steps: number): boolean {
    try {
      for (; this.#steps < steps && this.#ofFlax.length === 0;) {
        this.#value('');
        if (this.facts.tensorCount > 0) return true;
        if (this.#frames.length === 0 || this.facts.violations.length > 0) return false;
      }
    } catch (error) {
      if (!(error instanceof MsgpackBreak)) throw error;
    }
    return false;
  }

  /** @returns false when the time ended before the values did. */
  run(): boolean {
    const { facts, tokens } = this;
    try {
      do {
        do this.#value('');
        while (this.#frames.length > 0);
        // Other programs write one value behind the other.
        if (facts.tensorCount > 0 && tokens.left > 0)
          throw new MsgpackBreak('trailing', tokens.position, `${tokens.left} bytes stand behind the model`);
      } while (tokens.left > 0);
    } catch (error) {
      if (!(error instanceof MsgpackBreak)) throw error;
      if (!this.#late) this.#violate(facts.violations, error);
    }
    if (facts.tensorCount > 0 || this.#likeFlax) {
      facts.layout = 'flax';
      facts.violations.push(...this.#ofFlax.splice(0));
      facts.violations.sort((a, b) => a.offset - b.offset);
    }
    return !this.#late;
  }

  /** One value, with its key when it stands in a map. */
  #value(rootName: string): void {
    if (++this.#steps % 4096 === 0 && this.#budget.timeIsUp) {
      this.#late = true;
      throw new MsgpackBreak('truncated', this.tokens.position, 'the time is up');
    }
    let frame = this.#frames.at(-1);
    let name = rootName;
    if (frame) {
      const key = frame.isMap ? this.#key(frame) : String(frame.taken);
      name = (frame.name === '' ? key : `${frame.name}/${key}`).slice(0, longestName);
      frame.taken++;
      frame.left--;
      if (key === chunkedMark) frame.chunked = true;
    }
    this.#one(this.tokens.next(), name, frame);
    while ((frame = this.#frames.at(-1)) && frame.left === 0) this.#close(frame);
  }

  #one(token: Token, name: string, frame: Frame | undefined): void {
    const { tokens, facts } = this;
    if (token.what !== 'extension') facts.values++;
    switch (token.what) {
      case 'list':
      case 'map':
        return this.#open(token, name);
      case 'extension':
        return this.#extension(token, name);
      case 'bytes':
      case 'text':
        this.#held(tokens.position, token.size, name);
        return tokens.skip(token.size);
      case 'number':
        if (frame && frame.numbers.length < 64) frame.numbers.push(token.value);
        return;
      case 'other':
        return;
    }
  }

  #key(frame: Frame): string {
    const token = this.tokens.next();
    let key: string;
    if (token.what === 'text' || token.what === 'bytes') key = this.tokens.text(token.size, keyKept);
    else {
      const { offset, what } = token;
      if (what !== 'number' && what !== 'other')
        throw new MsgpackBreak('key', offset, `a key is a ${what === 'extension' ? 'value of its own type' : what}`);
      this.#violate(this.#ofFlax, { code: 'key', offset, message: 'a key is no text' });
      key = what === 'number' ? String(token.value) : `(${offset})`;
    }
    const compared = token.size <= keyKept && this.#keys < keysCompared;
    if (compared && frame.keys.has(key)) {
      const message = `the key ${JSON.stringify(key.slice(0, 100))} stands there twice`;
      this.#violate(this.facts.violations, { code: 'duplicate-key', offset: token.offset, message });
    } else if (compared) {
      frame.keys.add(key);
      this.#keys++;
    }
    return key;
  }

  #open({ what, size, offset }: Token, name: string): void {
    if (this.#frames.length >= deepest)
      throw new MsgpackBreak('depth', offset, `values are nested deeper than ${deepest}`);
    this.#frames.push({
      isMap: what === 'map',
      left: size,
      keys: new Set(),
      taken: 0,
      name,
      chunked: false,
      firstTensor: this.facts.tensors.length,
      numbers: [],
      shape: [],
    });
  }

  #close(frame: Frame): void {
    this.#frames.pop();
    const parent = this.#frames.at(-1);
    if (parent && /(?:^|\/)shape$/.test(frame.name)) parent.shape = frame.numbers;
    const { tensors } = this.facts;
    const chunks = frame.chunked ? tensors.slice(frame.firstTensor) : [];
    const [first] = chunks;
    if (first === undefined) return;
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.bytes, 0);
    tensors.splice(frame.firstTensor, chunks.length, {
      name: frame.name,
      dtype: first.dtype,
      shape: frame.shape,
      bytes,
    });
    this.facts.tensorCount -= chunks.length - 1;
  }

  #extension(token: Token, name: string): void {
    const { facts, tokens } = this;
    const { value: type, offset, size } = token;
    const start = tokens.position;
    tokens.skip(size);
    const known = facts.extensions.find((each) => each.type === type);
    if (known) known.count++;
    else if (facts.extensions.length < extensionsKept) facts.extensions.push({ type, count: 1, offset });
    if (type === flaxArray || type === flaxScalar) {
      try {
        const tensor = readFlaxArray(this.#source, token, start, name);
        if (type === flaxScalar) return;
        facts.tensorCount++;
        if (facts.tensors.length < tensorsKept) facts.tensors.push(tensor);
      } catch (error) {
        if (!(error instanceof MsgpackBreak)) throw error;
        // Types 1 and 3 may be another program's: a list of three that begins with a list is hardly that.
        const [list, shape] = this.#source.read(start, Math.min(size, 2));
        if (list === 0x93 && shape !== undefined && shape >> 4 === 9) this.#likeFlax = true;
        const message = `${error.message}, in ${JSON.stringify(name.slice(0, 100))}`;
        this.#violate(this.#ofFlax, { code: 'array', offset, message });
        this.#held(start, size, name);
      }
    } else if (type !== flaxComplex && type !== timestamp) {
      if (!known)
        this.#violate(this.#ofFlax, {
          code: 'extension',
          offset,
          message: `a value has the extension type ${type}, which Flax does not have`,
        });
      this.#held(start, size, name);
    }
  }

  #violate(list: MsgpackViolation[], { code, offset, message }: MsgpackViolation): void {
    if (list.length < violationsKept) list.push({ code, offset, message });
  }
}
