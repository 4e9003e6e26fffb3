import { GraphCollector } from '../graph/collector.ts';
import type { MessageCursor } from '../protobuf/cursor.ts';
import { ProtobufWalk } from '../protobuf/walk.ts';
import type { ReadContext } from '../reader.ts';
import type { ByteSource } from '../source.ts';
import { onnxType } from './dtypes.ts';
import { ExternalData } from './externalData.ts';

/** Dimensions that are kept of one tensor. */
const dimensionsKept = 1_024;
/** Operators that a model may define itself. */
const functionsKept = 10_000;

/** Attributes that say what a node runs or opens. Source: onnxruntime, EPContext and PyOp. */
const tellingAttributes = new Set(['ep_cache_context', 'embed_mode', 'module', 'class_name', 'func_name']);

/** One ModelProto. Field numbers: onnx.proto (ONNX 1.19). */
export class OnnxModel {
  readonly #walk: ProtobufWalk;
  readonly #found: GraphCollector;
  readonly #functions: { domain: string; name: string }[] = [];

  constructor(source: ByteSource, context: ReadContext) {
    this.#walk = new ProtobufWalk(source, context);
    this.#found = new GraphCollector(context, 'onnx');
  }

  read(): void {
    const model = this.#walk.message();
    while (model.next()) {
      switch (model.field) {
        case 1:
          this.#found.property('IR version', String(model.signed));
          break;
        case 2:
          this.#found.property('producer', model.text());
          break;
        case 3:
          this.#found.property('producer version', model.text());
          break;
        case 4:
          this.#found.property('domain', model.text());
          break;
        case 5:
          this.#found.property('model version', String(model.signed));
          break;
        case 6:
          this.#found.metadata('doc_string', model.text(1 << 20));
          break;
        case 7:
          this.#graph(model.nested(), '');
          break;
        case 8:
          this.#operatorSet(model.nested());
          break;
        case 14:
          this.#metadata(model.nested());
          break;
        case 20:
          this.#training(model.nested());
          break;
        case 25:
          this.#function(model.nested());
          break;
      }
    }
    for (const { domain, name } of this.#functions) this.#found.defines(domain, name);
    this.#found.finish();
  }

  #operatorSet(set: MessageCursor): void {
    let domain = '';
    let version = 0;
    while (set.next()) {
      if (set.field === 1) domain = set.text(256);
      else if (set.field === 2) version = set.signed;
    }
    this.#found.property(`operator set ${domain === '' ? 'ai.onnx' : domain}`, String(version));
  }

  #metadata(entry: MessageCursor): void {
    const [key, value] = keyAndValue(entry, 1 << 20);
    this.#found.metadata(key, value);
  }

  /** TrainingInfoProto: two graphs more. */
  #training(info: MessageCursor): void {
    while (info.next()) {
      if (info.field === 1) this.#graph(info.nested(), 'training initialization');
      else if (info.field === 2) this.#graph(info.nested(), 'training algorithm');
    }
  }

  #function(definition: MessageCursor): void {
    const { offset } = definition;
    let name = '';
    let domain = '';
    while (definition.next()) {
      switch (definition.field) {
        case 1:
          name = definition.text();
          break;
        case 10:
          domain = definition.text();
          break;
        case 7:
          this.#node(definition.nested(), definition.offset, `function ${name}`.trim());
          break;
        case 11:
          this.#attribute(definition.nested(), `function ${name}`, '');
          break;
      }
    }
    if (this.#functions.length < functionsKept) this.#functions.push({ domain: normal(domain), name });
    else this.#walk.malformed(offset, `it defines more than ${functionsKept} functions`);
  }

  #graph(graph: MessageCursor, where: string): void {
    while (graph.next()) {
      switch (graph.field) {
        case 1:
          this.#node(graph.nested(), graph.offset, where);
          break;
        case 5:
          this.#tensor(graph.nested(), graph.offset, '');
          break;
        case 15:
          this.#sparse(graph.nested(), graph.offset, '');
          break;
      }
    }
  }

  #node(node: MessageCursor, offset: number, where: string): void {
    let operator = '';
    let domain = '';
    const telling = new Map<string, string>();
    while (node.next()) {
      switch (node.field) {
        case 4:
          operator = node.text();
          break;
        case 7:
          domain = node.text();
          break;
        case 5: {
          const { name, text } = this.#attribute(node.nested(), where, operator);
          if (tellingAttributes.has(name)) telling.set(name, text);
          break;
        }
      }
    }
    this.#found.operator(normal(domain), operator, offset, where);
    const cache = telling.get('ep_cache_context');
    if (operator === 'EPContext' && cache !== undefined && telling.get('embed_mode') === '0')
      this.#found.reference('data', operator, cache, offset);
    const called = [telling.get('module'), telling.get('class_name') ?? telling.get('func_name')];
    const code = called.filter((part) => part !== undefined && part !== '').join('.');
    if (code !== '' && operator.startsWith('Py')) this.#found.reference('class', operator, code, offset);
  }

  /** Reads what an attribute holds; gives its name and its value, when that is a short text or a number. */
  #attribute(attribute: MessageCursor, where: string, operator: string): { name: string; text: string } {
    let name = '';
    let text = '';
    const inside = (): string => (operator === '' && where === '' ? name : `${where}/${operator}.${name}`);
    while (attribute.next()) {
      const { offset } = attribute;
      switch (attribute.field) {
        case 1:
          name = attribute.text();
          break;
        case 3:
          text = String(attribute.signed);
          break;
        case 4:
          text = attribute.text();
          break;
        case 5:
        case 10:
          this.#tensor(attribute.nested(), offset, `${operator}.${name}`);
          break;
        case 6:
        case 11:
          this.#graph(attribute.nested(), inside().slice(0, 256));
          break;
        case 22:
        case 23:
          this.#sparse(attribute.nested(), offset, `${operator}.${name}`);
          break;
      }
    }
    return { name, text };
  }

  #sparse(sparse: MessageCursor, offset: number, name: string): void {
    while (sparse.next()) {
      if (sparse.field === 1) this.#tensor(sparse.nested(), offset, name);
      else if (sparse.field === 2) this.#tensor(sparse.nested(), offset, `${name} (indices)`);
    }
  }

  /** TensorProto; `fallback` names a tensor that has no name of its own. */
  #tensor(tensor: MessageCursor, offset: number, fallback: string): void {
    let name = fallback;
    let type = 0;
    let data: { offset: number; bytes: number } | null = null;
    let external = false;
    const shape: number[] = [];
    const stored = new ExternalData();
    while (tensor.next()) {
      switch (tensor.field) {
        case 1:
          shape.push(...tensor.numbers(Math.max(0, dimensionsKept - shape.length)));
          break;
        case 2:
          type = tensor.value;
          break;
        case 8:
          name = tensor.length > 0 ? tensor.text() : name;
          break;
        case 9:
          if (tensor.delimited) data = { offset: tensor.start, bytes: tensor.length };
          break;
        case 13:
          stored.add(...keyAndValue(tensor.nested(), 4_096));
          break;
        case 14:
          external = tensor.value === 1;
          break;
      }
    }
    const { dtype, bytes } = onnxType(type, shape);
    const fact = { name, dtype, shape, bytes: bytes ?? data?.bytes ?? 0 };
    this.#found.tensor(data === null ? fact : { ...fact, offset: data.offset });
    // What is not marked as external, some readers open all the same.
    if (stored.empty && !external) return;
    const breach = stored.breach(bytes);
    for (const location of stored.locations) {
      const what = ExternalData.isMemory(location) ? 'memory' : 'data';
      const end = breach === undefined && what === 'data' ? stored.end(bytes) : undefined;
      const more = { ...(breach !== undefined && { breach }), ...(end !== undefined && { end }) };
      this.#found.reference(what, name, location, offset, more);
    }
  }
}

/** `ai.onnx` is the long name of the domain without one. Source: ONNX, IR.md. */
function normal(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}

/** StringStringEntryProto. */
function keyAndValue(entry: MessageCursor, most: number): [key: string, value: string] {
  let key = '';
  let value = '';
  while (entry.next()) {
    if (entry.field === 1) key = entry.text();
    else if (entry.field === 2) value = entry.text(most);
  }
  return [key, value];
}
