import type { Token } from './lexer.ts';

/** The tree of a Jinja expression, after jinja2/nodes.py. `offset` is where the node's own part begins. */
export type Expression = { offset: number } & (
  | { type: 'name'; name: string }
  | { type: 'constant'; value: string | number | boolean | null }
  | { type: 'list'; items: Expression[] }
  | { type: 'dict'; pairs: [Expression, Expression][] }
  | { type: 'attribute'; object: Expression; name: string }
  | { type: 'item'; object: Expression; key: Expression }
  | { type: 'slice'; parts: (Expression | null)[] }
  | { type: 'call'; callee: Expression; args: Arguments }
  | { type: 'filter'; object: Expression | null; name: string; args: Arguments }
  | { type: 'test'; object: Expression; args: Arguments }
  | { type: 'binary'; operator: string; left: Expression; right: Expression }
  | { type: 'unary'; operand: Expression }
  | { type: 'choice'; test: Expression; yes: Expression; no: Expression | null }
);

export interface Arguments {
  positional: Expression[];
  keywords: [string, Expression][];
}

/** Thrown where the tokens are no expression of Jinja; the caller looks at the tokens instead. */
export class TemplateBreak extends Error {}

/** Levels of brackets and operators: far beyond what a person writes, far below what exhausts the stack. */
const deepest = 100;

/** Binary operators from the loosest to the tightest. Source: jinja2/parser.py, `parse_or` and what follows it. */
const levels: ReadonlySet<string>[] = [
  new Set(['or']),
  new Set(['and']),
  new Set(['==', '!=', '<', '<=', '>', '>=', 'in', 'not in']),
  new Set(['+', '-']),
  new Set(['~']),
  new Set(['*', '/', '//', '%']),
];
const comparison = 2;

/** Reads expressions off the tokens of one tag. */
export class ExpressionParser {
  readonly #tokens: readonly Token[];
  #at: number;
  #depth = 0;

  constructor(tokens: readonly Token[], from = 0) {
    this.#tokens = tokens;
    this.#at = from;
  }

  get atEnd(): boolean {
    return this.#at >= this.#tokens.length;
  }

  /** True, and steps over it, when the next token is this name or operator. */
  skip(value: string): boolean {
    if (!this.#is(value)) return false;
    this.#at++;
    return true;
  }

  expect(value: string): void {
    if (!this.skip(value)) throw new TemplateBreak(`${value} is missing`);
  }

  name(): string {
    const token = this.#take();
    if (token.type !== 'name') throw new TemplateBreak('a name is missing');
    return token.value;
  }

  /** One expression, or several with commas as a tuple. `choice: false` leaves `if` to the caller, as in `for`. */
  tuple(choice = true): Expression {
    const { offset } = this.#peek();
    const first = this.expression(choice);
    if (!this.#is(',')) return first;
    const items = [first];
    while (this.skip(',')) {
      if (this.atEnd || this.#is(')') || this.#is('=') || this.#is('in')) break;
      items.push(this.expression(choice));
    }
    return { type: 'list', items, offset };
  }

  expression(choice = true): Expression {
    if (++this.#depth > deepest) throw new TemplateBreak('brackets are nested too deep');
    let left = this.#binary(0);
    while (choice && this.#is('if')) {
      const { offset } = this.#take();
      const test = this.#binary(0);
      const no = this.skip('else') ? this.expression() : null;
      left = { type: 'choice', test, yes: left, no, offset };
    }
    this.#depth--;
    return left;
  }

  /** `|name(args)` one after another; `object` is null inside a `filter` tag. */
  filters(object: Expression | null): Expression | null {
    let node = object;
    while (this.#is('|') || (node === null && !this.atEnd)) {
      this.skip('|');
      const { offset } = this.#peek();
      node = { type: 'filter', object: node, name: this.#dotted(), args: this.#optionalArguments(), offset };
    }
    return node;
  }

  #binary(level: number): Expression {
    const operators = levels[level];
    if (!operators) return this.#unary();
    if (level === comparison && this.#is('not')) return this.#negation();
    let left = this.#binary(level + 1);
    for (;;) {
      const operator = this.#operator(operators);
      if (operator === null) return left;
      const { offset } = this.#take();
      if (operator === 'not in') this.#take();
      left = { type: 'binary', operator, left, right: this.#binary(level + 1), offset };
    }
  }

  #operator(operators: ReadonlySet<string>): string | null {
    const token = this.#tokens[this.#at];
    if (!token || token.type === 'string' || token.type === 'number') return null;
    if (token.value === 'not' && this.#tokens[this.#at + 1]?.value === 'in')
      return operators.has('in') ? 'not in' : null;
    return operators.has(token.value) ? token.value : null;
  }

  #negation(): Expression {
    const { offset } = this.#take();
    if (++this.#depth > deepest) throw new TemplateBreak('brackets are nested too deep');
    const operand = this.#binary(comparison);
    this.#depth--;
    return { type: 'unary', operand, offset };
  }

  #unary(): Expression {
    const token = this.#peek();
    let node: Expression;
    if (this.#is('-') || this.#is('+')) {
      this.#at++;
      if (++this.#depth > deepest) throw new TemplateBreak('brackets are nested too deep');
      const operand = this.#unary();
      this.#depth--;
      const value = operand.type === 'constant' ? operand.value : null;
      node =
        typeof value === 'number'
          ? { type: 'constant', value: token.value === '-' ? -value : value, offset: token.offset }
          : { type: 'unary', operand, offset: token.offset };
    } else {
      node = this.#postfix(this.#primary());
      if (this.#is('**')) {
        const { offset } = this.#take();
        node = { type: 'binary', operator: '**', left: node, right: this.#unary(), offset };
      }
    }
    return this.#postfix(node);
  }

  #primary(): Expression {
    const { type, value, offset } = this.#take();
    if (type === 'string') {
      let whole = value;
      while (this.#tokens[this.#at]?.type === 'string') whole += this.#take().value;
      return { type: 'constant', value: whole, offset };
    }
    if (type === 'number') return { type: 'constant', value: Number(value.replaceAll('_', '')), offset };
    if (type === 'name') return nameOf(value, offset);
    if (value === '(') {
      if (this.skip(')')) return { type: 'list', items: [], offset };
      const inside = this.tuple();
      this.expect(')');
      return inside;
    }
    if (value === '[') return { type: 'list', items: this.#until(']', () => this.expression()), offset };
    if (value === '{') {
      const pair = (): [Expression, Expression] => {
        const key = this.expression();
        this.expect(':');
        return [key, this.expression()];
      };
      return { type: 'dict', pairs: this.#until('}', pair), offset };
    }
    throw new TemplateBreak(`an expression cannot begin with ${value}`);
  }

  #postfix(object: Expression): Expression {
    let node = object;
    for (;;) {
      const { offset } = this.#tokens[this.#at] ?? { offset: 0 };
      if (this.skip('.')) {
        const token = this.#take();
        if (token.type === 'number') {
          node = { type: 'item', object: node, key: { type: 'constant', value: Number(token.value), offset }, offset };
        } else if (token.type === 'name') {
          node = { type: 'attribute', object: node, name: token.value, offset: token.offset };
        } else throw new TemplateBreak('a name is missing after a dot');
      } else if (this.skip('[')) {
        const keys = this.#until(']', () => this.#subscript());
        const [first] = keys;
        if (!first) throw new TemplateBreak('a subscript is empty');
        node = {
          type: 'item',
          object: node,
          key: keys.length > 1 ? { type: 'list', items: keys, offset } : first,
          offset,
        };
      } else if (this.#is('(')) {
        node = { type: 'call', callee: node, args: this.#arguments(), offset };
      } else if (this.#is('|')) {
        node = this.filters(node) as Expression;
      } else if (this.#is('is')) {
        this.#at++;
        this.skip('not');
        this.#dotted();
        node = { type: 'test', object: node, args: this.#testArguments(), offset };
      } else return node;
    }
  }

  #subscript(): Expression {
    const { offset } = this.#peek();
    const parts: (Expression | null)[] = [];
    let colons = 0;
    let pending: Expression | null = null;
    while (!this.#is(']') && !this.#is(',')) {
      if (this.skip(':')) {
        parts.push(pending);
        pending = null;
        colons++;
      } else pending = this.expression();
    }
    if (colons === 0) {
      if (!pending) throw new TemplateBreak('a subscript is empty');
      return pending;
    }
    return { type: 'slice', parts: [...parts, pending], offset };
  }

  #optionalArguments(): Arguments {
    return this.#is('(') ? this.#arguments() : { positional: [], keywords: [] };
  }

  #arguments(): Arguments {
    this.expect('(');
    const args: Arguments = { positional: [], keywords: [] };
    this.#until(')', () => {
      if (this.skip('*') || this.skip('**')) {
        args.positional.push(this.expression());
      } else if (this.#tokens[this.#at]?.type === 'name' && this.#tokens[this.#at + 1]?.value === '=') {
        const name = this.name();
        this.expect('=');
        args.keywords.push([name, this.expression()]);
      } else args.positional.push(this.expression());
      return null;
    });
    return args;
  }

  /** `is divisibleby 3`: a test takes one argument without brackets. */
  #testArguments(): Arguments {
    if (this.#is('(')) return this.#arguments();
    const token = this.#tokens[this.#at];
    const starts = token && (token.type !== 'operator' || token.value === '[' || token.value === '{');
    if (!starts || ['else', 'or', 'and', 'is', 'not', 'if', 'in'].includes(token.value))
      return { positional: [], keywords: [] };
    return { positional: [this.#postfix(this.#primary())], keywords: [] };
  }

  #dotted(): string {
    let name = this.name();
    while (this.skip('.')) name += `.${this.name()}`;
    return name;
  }

  #until<T>(close: string, item: () => T): T[] {
    const items: T[] = [];
    while (!this.skip(close)) {
      if (items.length > 0) {
        this.expect(',');
        if (this.skip(close)) break;
      }
      items.push(item());
    }
    return items;
  }

  #is(value: string): boolean {
    const token = this.#tokens[this.#at];
    return token !== undefined && token.value === value && token.type !== 'string';
  }

  #peek(): Token {
    const token = this.#tokens[this.#at];
    if (!token) throw new TemplateBreak('the tag ends too early');
    return token;
  }

  #take(): Token {
    const token = this.#peek();
    this.#at++;
    return token;
  }
}

function nameOf(name: string, offset: number): Expression {
  const lower = name.toLowerCase();
  if (lower === 'true' || lower === 'false') return { type: 'constant', value: lower === 'true', offset };
  if (lower === 'none') return { type: 'constant', value: null, offset };
  return { type: 'name', name, offset };
}
