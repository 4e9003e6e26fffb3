import type { ConfigLeaf, ConfigMapping, ConfigNode, ConfigSequence, ConfigValue } from './facts.ts';
import type { Places } from './lineIndex.ts';
import { textLimits, type TextProblem } from './parse.ts';

/** A private-use character: it stands in no configuration, and YAML takes it as part of a plain scalar. Templates are masked with it. */
export const mask = '\uE000';

/** What stands before a node. */
export interface Props {
  anchor?: string;
  /** A tag beyond YAML's own. */
  tag?: string;
}

/** A key as it is written. */
export interface KeyPlace {
  name: string;
  start: number;
  end: number;
}

/** Puts the nodes of a YAML text together as a reader meets them, within what a text may cost. */
export class YamlNodes {
  readonly documents: ConfigNode[] = [];
  readonly problems: TextProblem[] = [];
  /** Scalars, mappings and sequences. */
  nodes = 0;
  /** Whether anything has an anchor, and whether anything is an alias. */
  anchored = false;
  aliased = false;
  readonly #text: string;
  readonly #places: Places;
  readonly #anchors = new Map<string, ConfigNode>();
  /** Behind the value that was read last. */
  #end = 0;

  /** @param text as it is shown: with its templates, where they were masked. */
  constructor(text: string, places: Places) {
    this.#text = text;
    this.#places = places;
  }

  report(code: TextProblem['code'], offset: number | null, message: string): void {
    if (this.problems.some((problem) => problem.code === code)) return;
    this.problems.push({ code, line: offset === null ? null : this.#places.position(offset).line, message });
  }

  /** Anchors hold within their document. */
  document(node: ConfigNode | undefined): void {
    this.#anchors.clear();
    if (node) this.documents.push(node);
  }

  /** A collection that is still empty; undefined where no more are kept. It has no place before it is closed. */
  open(
    kind: 'mapping' | 'sequence',
    start: number,
    props: Props,
    flow: boolean,
  ): ConfigMapping | ConfigSequence | undefined {
    if (!this.#isKept(start)) return undefined;
    const range = this.#places.range(start, start);
    const tag = props.tag === undefined ? {} : { tag: props.tag };
    this.#end = start;
    const node: ConfigMapping | ConfigSequence =
      kind === 'mapping' ? { kind, entries: [], range, flow, ...tag } : { kind, items: [], range, flow, ...tag };
    this.#remember(props.anchor, node);
    return node;
  }

  entry(mapping: ConfigMapping, { name, start, end }: KeyPlace, value: ConfigNode | undefined): void {
    if (value) mapping.entries.push({ key: name, keyRange: this.#places.range(start, end), value });
  }

  /** Ends a collection: one in brackets behind its bracket, any other with the last value in it. */
  close({ range }: ConfigMapping | ConfigSequence, end = this.#end): void {
    const { line, column } = this.#places.position(end);
    [range.endLine, range.endColumn] = [line, column];
    this.#end = end;
  }

  leaf(value: ConfigValue, start: number, end: number, props: Props, isBlock = false): ConfigLeaf | undefined {
    if (!this.#isKept(start)) return undefined;
    const found = this.bareLeaf(value, start, end, isBlock);
    const leaf = props.tag === undefined ? found : { ...found, tag: props.tag };
    this.#remember(props.anchor, leaf);
    return leaf;
  }

  /** A scalar that is not counted. */
  bareLeaf(value: ConfigValue, start: number, end: number, isBlock: boolean): ConfigLeaf {
    this.#end = end;
    const written = this.#text.slice(start, end);
    const quote = written[0] === '"' || written[0] === "'" ? written[0] : null;
    const quotes = quote !== null && written.length > 1 && written.endsWith(quote) ? 1 : 0;
    const inner = written.slice(quotes, written.length - quotes);
    return {
      kind: 'scalar',
      // Where a template was masked, the value is the text as it stands.
      value: typeof value === 'string' && value.includes(mask) ? inner : value,
      range: this.#places.range(start, end),
      innerRange: this.#places.range(start + quotes, end - quotes),
      style: isBlock ? 'block' : quotes === 1 ? 'quoted' : 'plain',
      source: inner,
    };
  }

  alias(name: string, start: number, end: number): ConfigNode {
    this.aliased = true;
    this.#end = end;
    const target = this.#anchors.get(name);
    const range = this.#places.range(start, end);
    if (target?.kind !== 'scalar') return { kind: 'alias', target, range };
    return { ...target, range, innerRange: range };
  }

  #remember(anchor: string | undefined, node: ConfigNode): void {
    if (anchor === undefined) return;
    this.anchored = true;
    this.#anchors.set(anchor, node);
  }

  #isKept(start: number): boolean {
    if (this.nodes >= textLimits.facts) {
      this.report('limit-facts', start, `there are more than ${textLimits.facts} values`);
      return false;
    }
    this.nodes++;
    return true;
  }
}
