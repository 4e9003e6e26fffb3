import { leadsOutside } from '../graph/outsidePath.ts';
import { Utf8Offsets } from '../json/offsets.ts';
import { JsonTreeBreak, member, parseJsonTree, stringOf, type JsonNode } from '../json/tree.ts';
import type { ReadContext } from '../reader.ts';
import type { KerasFacts, KerasReference } from './facts.ts';

/** What is kept of one configuration; a large model has a few hundred distinct references at most. */
const referencesKept = 2_000;
const othersKept = 200;

/** Keys whose strings Keras opens or fetches: vocabularies, lookups, downloads, assets, weights. */
const fileKey = /vocab|file|path|url|origin|merges|proto|weights|directory|source|uri/i;
const address = /^[a-z][a-z\d+.-]*:\/\//i;
/** Python that does something, in place of a name: `lambda x: ...`, `eval(...)`, `__import__('os')`. */
const sourceCode = /\blambda\b[^:]{0,100}:|\b(?:eval|exec|compile|__import__|getattr|os\.\w+|subprocess\.\w+)\s*\(/;
/** Keys whose values are words for people, or out of texts. */
const spokenKey = /^(?:name|description|doc|comment|title|notes?)$|vocab|token|label|class_names/i;
const absolute = /^(?:\/|\\|[A-Za-z]:[\\/]|~\/|\.\.[\\/])/;

/**
 * Adds the facts of a configuration: every `{module, class_name, config}` in the whole tree, wherever it stands, because
 * Keras deserializes some values that no list of layers shows (activations, wrappers, losses, nested models).
 * `start` is where its text begins in the entry, in bytes.
 */
export function addKerasConfiguration(context: ReadContext, document: string, text: string, start: number): void {
  const facts: KerasFacts = {
    kind: 'keras',
    entry: context.entry,
    document,
    references: [],
    referenceCount: 0,
    lambdas: [],
    files: [],
  };
  try {
    new Walker(facts, new Utf8Offsets(text, start)).walk(parseJsonTree(text), '', '');
  } catch (error) {
    if (!(error instanceof JsonTreeBreak)) throw error;
    const message = `the configuration in ${document} cannot be read: ${error.message}`;
    const code = error.limit ? 'limit-depth' : 'malformed';
    context.problem({ code, offset: start + error.offset, message, incomplete: true });
  }
  context.add(facts);
}

class Walker {
  readonly #facts: KerasFacts;
  readonly #offsets: Utf8Offsets;
  readonly #known = new Map<string, KerasReference>();
  /** Nodes that hold the code of a Lambda layer which is counted already. */
  readonly #counted = new Set<JsonNode>();

  constructor(facts: KerasFacts, offsets: Utf8Offsets) {
    this.#facts = facts;
    this.#offsets = offsets;
  }

  walk(node: JsonNode, path: string, key: string): void {
    if (node.type === 'array') node.items.forEach((item, index) => this.walk(item, `${path}[${index}]`, key));
    else if (node.type === 'string') this.#string(node, path, key);
    else if (node.type === 'object') {
      this.#object(node, path);
      for (const [name, value] of node.members) this.walk(value, path === '' ? name : `${path}.${name}`, name);
    }
  }

  #object(node: JsonNode & { type: 'object' }, path: string): void {
    // All members of one name: which of them is taken is the reader's choice.
    const named = node.members.filter(([key, value]) => key === 'class_name' && value.type === 'string');
    for (const [, value] of named) this.#reference(node, stringOf(value) ?? '', path);
    const kind = stringOf(member(node, 'function_type')) ?? stringOf(member(node, 'output_shape_type'));
    if (kind === 'lambda') this.#lambda(node, path, 'bytecode');
    else if (kind === 'function' && stringOf(member(node, 'function')) !== undefined) {
      this.#add(
        node,
        path,
        'function',
        stringOf(member(node, 'module')) ?? null,
        stringOf(member(node, 'function')) ?? '',
      );
    }
  }

  #reference(node: JsonNode, name: string, path: string): void {
    const config = member(node, 'config');
    const module = stringOf(member(node, 'module')) ?? null;
    if (name === '__lambda__') return this.#lambda(node, path, 'bytecode');
    if (name === 'Lambda') {
      this.#lambda(node, path, holdsBytecode(config) ? 'bytecode' : 'layer');
      // Keras 2 marks the code in the configuration, Keras 3 in the function: it is the same code.
      for (const part of [config, member(config, 'function')]) if (part) this.#counted.add(part);
    }
    if (name === 'function') {
      const target = stringOf(config) ?? stringOf(member(config, 'name')) ?? stringOf(member(config, 'config'));
      if (target !== undefined) this.#add(node, path, 'function', module, target);
      return;
    }
    this.#add(node, path, 'class', module, name);
  }

  #add(node: JsonNode, path: string, what: KerasReference['what'], module: string | null, name: string): void {
    this.#facts.referenceCount++;
    const registered = stringOf(member(node, 'registered_name')) ?? null;
    const key = `${what}\0${module}\0${name}\0${registered}`;
    const known = this.#known.get(key);
    if (known) {
      known.count++;
      return;
    }
    if (this.#known.size >= referencesKept) return;
    const offset = this.#offsets.byte(node.offset);
    const reference: KerasReference = { path, what, module, name, registered, offset, count: 1 };
    this.#known.set(key, reference);
    this.#facts.references.push(reference);
  }

  #lambda(node: JsonNode, path: string, what: KerasFacts['lambdas'][number]['what']): void {
    if (this.#counted.has(node)) return;
    if (this.#facts.lambdas.length < othersKept)
      this.#facts.lambdas.push({ path, what, offset: this.#offsets.byte(node.offset) });
  }

  #string(node: JsonNode & { type: 'string' }, path: string, key: string): void {
    const { value } = node;
    if (sourceCode.test(value) && !spokenKey.test(key)) this.#lambda(node, path, 'text');
    const isWeights = path.startsWith('weightsManifest');
    if (!isWeights && !(fileKey.test(key) && (address.test(value) || absolute.test(value)))) return;
    if (isWeights && leadsOutside(value) === null) return;
    if (this.#facts.files.length < othersKept)
      this.#facts.files.push({ path, value: value.slice(0, 500), offset: this.#offsets.byte(node.offset) });
  }
}

/** The function of a Lambda layer: a name, or marshalled code as a triple (Keras 2) or as an object (Keras 3). */
function holdsBytecode(config: JsonNode | undefined): boolean {
  const code = member(config, 'function');
  if (stringOf(member(config, 'function_type')) === 'lambda') return true;
  if (stringOf(member(config, 'output_shape_type')) === 'lambda') return true;
  return code?.type === 'array' || stringOf(member(code, 'class_name')) === '__lambda__';
}
