import type { TensorFact } from '../facts.ts';
import type { ReadContext } from '../reader.ts';
import type { GraphFacts, GraphFormat, GraphReference, OperatorFact } from './facts.ts';

/** What is kept of one model. The rest is counted, and said to be missing. */
const operatorsKept = 10_000;
const referencesKept = 10_000;
const tensorsKept = 100_000;
/** Characters of all metadata and properties together. */
const metadataKept = 4 << 20;
/** Characters of one name. */
const nameKept = 4_096;

/** Gathers what the readers of graphs find, in memory that a hostile file cannot drive up. */
export class GraphCollector {
  readonly #context: ReadContext;
  readonly #format: GraphFormat;
  readonly #operators = new Map<string, OperatorFact>();
  readonly #references = new Map<string, GraphReference>();
  readonly #properties = new Map<string, string>();
  readonly #metadata = new Map<string, string>();
  readonly #tensors: TensorFact[] = [];
  readonly #told = new Set<string>();
  #characters = 0;
  #nodes = 0;
  #tensorCount = 0;

  constructor(context: ReadContext, format: GraphFormat) {
    this.#context = context;
    this.#format = format;
  }

  operator(domain: string, name: string, offset: number, where = '', count = 1): void {
    this.#nodes += count;
    const key = `${domain}\0${name}`;
    const known = this.#operators.get(key);
    if (known) known.count += count;
    else if (this.#operators.size < operatorsKept)
      this.#operators.set(key, { domain: cut(domain), name: cut(name), count, offset, where: cut(where) });
    else this.#leftOut('operators', operatorsKept, offset);
  }

  /** Marks operators that the file defines itself. */
  defines(domain: string, name: string): void {
    const known = this.#operators.get(`${domain}\0${name}`);
    if (known) known.local = true;
  }

  reference(
    what: GraphReference['what'],
    by: string,
    name: string,
    offset: number,
    more: Pick<GraphReference, 'breach' | 'input' | 'end'> = {},
  ): void {
    // What names the same thing in the same way is one reference: a model of thousands of tensors has one data file.
    const key = `${what}\0${what === 'data' ? '' : by}\0${name}\0${more.breach ?? ''}\0${more.input ?? ''}`;
    const known = this.#references.get(key);
    if (known) {
      known.count++;
      if (more.end !== undefined) known.end = Math.max(known.end ?? 0, more.end);
    } else if (this.#references.size < referencesKept) {
      this.#references.set(key, { what, by: cut(by), name: cut(name), offset, count: 1, ...more });
    } else this.#leftOut('references', referencesKept, offset);
  }

  tensor(tensor: TensorFact): void {
    this.#tensorCount++;
    if (this.#tensors.length < tensorsKept) this.#tensors.push({ ...tensor, name: cut(tensor.name) });
  }

  property(key: string, value: string): void {
    this.#keep(this.#properties, key, value);
  }

  metadata(key: string, value: string): void {
    this.#keep(this.#metadata, key, value);
  }

  /** Hands the facts over. */
  finish(): void {
    const facts: GraphFacts = {
      kind: 'graph',
      entry: this.#context.entry,
      format: this.#format,
      // Not by assignment: a key may be __proto__.
      properties: Object.fromEntries(this.#properties),
      metadata: Object.fromEntries(this.#metadata),
      operators: [...this.#operators.values()],
      nodes: this.#nodes,
      tensors: this.#tensors,
      tensorCount: this.#tensorCount,
      references: [...this.#references.values()],
    };
    this.#context.add(facts);
  }

  #keep(map: Map<string, string>, key: string, value: string): void {
    this.#characters += key.length + value.length;
    if (this.#characters <= metadataKept) map.set(key, value);
    else this.#leftOut('characters of metadata', metadataKept, null);
  }

  #leftOut(what: string, kept: number, offset: number | null): void {
    if (this.#told.has(what)) return;
    this.#told.add(what);
    const message = `it has more than ${kept} ${what}; the rest was left out`;
    this.#context.problem({ code: 'limit-memory', offset, message, incomplete: true });
  }
}

function cut(name: string): string {
  return name.length > nameKept ? name.slice(0, nameKept) : name;
}
