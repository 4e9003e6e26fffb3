import { TemplateBreak, type Arguments, type Expression } from './expression.ts';
import {
  binary,
  building,
  combine,
  constant,
  either,
  isText,
  itemAt,
  slice,
  transform,
  unknown,
  type Constant,
  type Value,
} from './fold.ts';
import { isBuiltIn, isCallable, isPythonVariable, leadsInside, runsCode } from './names.ts';
import type { TemplateReach } from './facts.ts';

/** Levels of a tree that are followed; a tree that is deeper is judged by its words. */
const deepest = 300;

/** Filters whose arguments name an attribute of the items. Source: jinja2/filters.py, `make_attrgetter`. */
const attributeFilters: Record<string, number[]> = {
  map: [],
  selectattr: [0],
  rejectattr: [0],
  groupby: [0],
  sort: [],
  unique: [],
  min: [],
  max: [],
  sum: [0],
  join: [1],
};

type Told = (code: TemplateReach['code'], name: string, offset: number) => void;

/** Computes what can be known of expressions, and tells of every attribute that is taken on the way. */
export class Evaluator {
  /** What `set` and `for` gave each name; a name that is set twice has either value. */
  readonly #names = new Map<string, Value>();
  readonly #tell: Told;
  #depth = 0;

  constructor(tell: Told) {
    this.#tell = tell;
  }

  assign(target: Expression, value: Value): void {
    if (target.type === 'list') {
      for (const item of target.items) this.assign(item, unknown);
      return;
    }
    const name = variable(target);
    if (name === null) return;
    const before = this.#names.get(name);
    this.#names.set(name, before ? either([before, value]) : value);
  }

  /** @throws {TemplateBreak} when the tree is too deep. */
  value(node: Expression): Value {
    if (++this.#depth > deepest) {
      this.#depth = 0;
      throw new TemplateBreak('an expression is nested too deep');
    }
    const value = this.#value(node);
    this.#depth--;
    return value;
  }

  #value(node: Expression): Value {
    switch (node.type) {
      case 'constant':
        return constant(node.value);
      case 'name':
        // `__import__`, `__builtins__`: no environment gives a template such a variable.
        if (isPythonVariable(node.name)) this.#tell('reach', node.name, node.offset);
        return this.#names.get(node.name) ?? unknown;
      case 'list':
        return this.#list(node.items);
      case 'dict': {
        const keys = node.pairs.map(([key]) => this.value(key));
        const values = node.pairs.map(([, value]) => this.value(value));
        const pairs = keys.map(({ known }, index): [Constant, Constant] => [
          known[0] ?? null,
          values[index]?.known[0] ?? null,
        ]);
        return keys.every((key) => key.complete) ? constant({ pairs }) : unknown;
      }
      case 'attribute':
        return this.#attribute(node);
      case 'item':
        return this.#item(node);
      case 'slice':
        for (const part of node.parts) if (part) this.value(part);
        return unknown;
      case 'call':
        return this.#call(node);
      case 'filter':
        return this.#filter(node);
      case 'test':
        this.value(node.object);
        this.#arguments(node.args);
        return unknown;
      case 'binary': {
        const [left, right] = [this.value(node.left), this.value(node.right)];
        const text = node.operator === '~' || ((node.operator === '+' || node.operator === '%') && isText(left));
        const builds = text || (node.operator === '+' && isText(right));
        return combine([left, right], (a, b) => binary(node.operator, a, b), builds);
      }
      case 'unary':
        this.value(node.operand);
        return unknown;
      case 'choice':
        this.value(node.test);
        return either([this.value(node.yes), node.no ? this.value(node.no) : constant('')]);
    }
  }

  #list(items: Expression[]): Value {
    const values = items.map((item) => this.value(item));
    // A list of more than a few parts that each have several values would be too many lists.
    return combine(values, (...constants) => constants);
  }

  #attribute(node: Extract<Expression, { type: 'attribute' }>): Value {
    const object = this.value(node.object);
    this.#taken(node.name, node.offset);
    const set = variable(node);
    return (set === null ? undefined : this.#names.get(set)) ?? combine([object], (value) => itemAt(value, node.name));
  }

  #item(node: Extract<Expression, { type: 'item' }>): Value {
    const object = this.value(node.object);
    if (node.key.type === 'slice') {
      const parts = node.key.parts.map((part) => (part ? this.value(part) : constant(null)));
      return combine([object, ...parts], (value, ...bounds) => slice(value, bounds), isText(object));
    }
    const key = this.value(node.key);
    this.#takenBy(key, node.offset);
    // Nothing but data has items; of a function, an item is an attribute.
    if (!key.complete && !key.built && node.object.type === 'name' && isCallable(node.object.name))
      this.#tell('built-name', node.object.name, node.offset);
    return combine([object, key], (value, at) => itemAt(value, at), object.built);
  }

  #call(node: Extract<Expression, { type: 'call' }>): Value {
    const { callee } = node;
    const positional = this.#arguments(node.args);
    if (callee.type === 'name') {
      this.value(callee);
      if (isBuiltIn(callee.name) && !this.#names.has(callee.name)) {
        this.#tell('call', callee.name, callee.offset);
        for (const argument of positional) this.#takenBy(argument, callee.offset);
      }
      return callee.name === 'dict' ? this.#dictionary(node.args) : unknown;
    }
    if (callee.type !== 'attribute') {
      this.value(callee);
      return unknown;
    }
    const object = this.value(callee.object);
    this.#taken(callee.name, callee.offset);
    if (runsCode(callee.name)) this.#tell('call', callee.name, callee.offset);
    if (callee.name === 'format' || callee.name === 'format_map') this.#fields(object, callee.offset);
    return combine(
      [object, ...positional],
      (value, ...args) => transform(callee.name, value, args),
      building.has(callee.name) && isText(object),
    );
  }

  /** `dict(__cla=x, ss__=y)`: its keys are words that an attack can join. */
  #dictionary(args: Arguments): Value {
    const pairs = args.keywords.map(([name]): [Constant, Constant] => [name, null]);
    return args.positional.length === 0 ? constant({ pairs }) : unknown;
  }

  #filter(node: Extract<Expression, { type: 'filter' }>): Value {
    const object = node.object ? this.value(node.object) : unknown;
    const positional = this.#arguments(node.args);
    const attribute = node.args.keywords.find(([name]) => name === 'attribute');
    if (node.name === 'attr') this.#computed(positional[0] ?? unknown, node.offset);
    const named = attributeFilters[node.name];
    if (named) {
      for (const index of named) if (positional[index]) this.#path(positional[index], node.offset);
      if (attribute) this.#path(this.value(attribute[1]), node.offset);
      if (node.name === 'map' && positional[0]?.known.includes('attr'))
        this.#computed(positional[1] ?? unknown, node.offset);
    }
    if (node.name === 'format') this.#fields(object, node.offset);
    return combine(
      [object, ...positional],
      (value, ...args) => transform(node.name, value, args),
      building.has(node.name),
    );
  }

  #arguments(args: Arguments): Value[] {
    for (const [, value] of args.keywords) this.value(value);
    return args.positional.map((argument) => this.value(argument));
  }

  /** `|attr(...)` exists to take attributes by a computed name: a name that is not known is told of. */
  #computed(name: Value, offset: number): void {
    this.#takenBy(name, offset);
    if (!name.complete && !name.built) this.#tell('built-name', 'attr', offset);
  }

  #takenBy(name: Value, offset: number): void {
    for (const each of name.known) if (typeof each === 'string') this.#taken(each, offset);
    if (name.built) this.#tell('built-name', '[...]', offset);
  }

  /** Jinja's filters walk dotted names. */
  #path(name: Value, offset: number): void {
    for (const each of name.known)
      if (typeof each === 'string') for (const step of each.split('.')) this.#taken(step, offset);
    if (name.built) this.#tell('built-name', 'attribute', offset);
  }

  /** `'{0.__class__}'.format(x)`: fields of format strings walk attributes and items. */
  #fields(format: Value, offset: number): void {
    for (const text of format.known) {
      if (typeof text !== 'string') continue;
      for (const [, field] of text.matchAll(/\{([^{}]*)\}/g))
        for (const step of (field ?? '').split(/[.[\]!:]/)) this.#taken(step, offset);
    }
  }

  #taken(name: string, offset: number): void {
    if (leadsInside(name)) this.#tell('reach', name, offset);
    else if (/^_\w/.test(name)) this.#tell('private', name, offset);
  }
}

/** The name that an assignment sets: `x`, or `ns.x` of a namespace. */
function variable(node: Expression): string | null {
  if (node.type === 'name') return node.name;
  return node.type === 'attribute' && node.object.type === 'name' ? `${node.object.name}.${node.name}` : null;
}
