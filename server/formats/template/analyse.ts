import { ExpressionParser, TemplateBreak, type Expression } from './expression.ts';
import { Evaluator } from './evaluate.ts';
import type { TemplateReach } from './facts.ts';
import { constant, either, itemsOf, unknown, type Constant, type Value } from './fold.ts';
import { splitTemplate, type Segment, type Token } from './lexer.ts';
import { leadsInside } from './names.ts';

/** What is kept of one template. */
const reachesKept = 100;
/** UTF-16 code units of a template that are read; the longest in use have 30,000. */
export const longestTemplate = 1 << 20;
const shownText = 120;

type Tag = Extract<Segment, { tokens: Token[] }>;

/** Everything in a template that only attacks need, in the order of its text. It accepts any text. */
export function analyseTemplate(template: string): TemplateReach[] {
  return new Analysis(template.slice(0, longestTemplate)).run();
}

class Analysis {
  readonly #template: string;
  readonly #reaches: TemplateReach[] = [];
  readonly #evaluator: Evaluator;
  #tag: Tag | null = null;

  constructor(template: string) {
    this.#template = template;
    this.#evaluator = new Evaluator((code, name, offset) => this.#tell(code, name, offset));
  }

  run(): TemplateReach[] {
    const segments = splitTemplate(this.#template);
    segments.forEach((segment, index) => {
      if (segment.type === 'text') return;
      this.#tag = segment;
      try {
        if (segment.type === 'output') this.#output(segment.tokens);
        else this.#statement(segment.tokens, segments, index);
      } catch (error) {
        if (!(error instanceof TemplateBreak)) throw error;
        this.#words(segment, error.message);
      }
    });
    return this.#reaches.sort((a, b) => a.offset - b.offset);
  }

  #output(tokens: Token[]): void {
    if (tokens.length === 0) return;
    const parser = new ExpressionParser(tokens);
    this.#evaluator.value(parser.tuple());
    this.#done(parser);
  }

  #statement(tokens: Token[], segments: Segment[], index: number): void {
    const [first] = tokens;
    if (first?.type !== 'name') return;
    const parser = new ExpressionParser(tokens, 1);
    switch (first.value) {
      case 'set':
        this.#set(parser, segments, index);
        break;
      case 'for':
        this.#for(parser);
        break;
      case 'if':
      case 'elif':
      case 'do':
      case 'autoescape':
      case 'print':
        this.#evaluator.value(parser.tuple());
        break;
      case 'filter': {
        const chain = parser.filters(null);
        if (chain) this.#evaluator.value(chain);
        break;
      }
      case 'with':
        while (!parser.atEnd) {
          const target = parser.expression();
          parser.expect('=');
          this.#evaluator.assign(target, this.#evaluator.value(parser.expression()));
          if (!parser.skip(',')) break;
        }
        break;
      case 'macro':
        // Its head reads like a call, and gives the name a meaning; the defaults are expressions.
        this.#macro(parser.expression());
        break;
      case 'call':
        this.#output(tokens.slice(behindSignature(tokens)));
        return;
      case 'debug':
        // jinja2.ext.DebugExtension writes out all variables.
        this.#tell('call', first.value, first.offset);
        return;
      case 'include':
      case 'import':
      case 'from':
      case 'extends':
        this.#tell('include', first.value, first.offset);
        return;
      default:
        // Ends of blocks, and tags of extensions (`generation`, `break`): nothing is computed, or it is judged by words.
        if (tokens.length > 1 && !/^(?:end|else|block|break|continue|generation|raw|pluralize)/.test(first.value))
          this.#words(this.#tag, null);
        return;
    }
    this.#done(parser);
  }

  /** `set a = ..`, `set a, b = ..`, and the block form, whose value is the text up to `endset`. */
  #set(parser: ExpressionParser, segments: Segment[], index: number): void {
    const target = parser.tuple();
    if (parser.skip('=')) {
      this.#evaluator.assign(target, this.#evaluator.value(parser.tuple()));
      return;
    }
    const [text, end] = [segments[index + 1], segments[index + 2]];
    const plain = text?.type === 'text' && end?.type === 'statement' && end.tokens[0]?.value === 'endset';
    const filtered = target.type === 'filter';
    const value = plain && !filtered ? constant(text.text.trim()) : { ...unknown, built: plain };
    this.#evaluator.assign(target.type === 'filter' && target.object ? target.object : target, value);
  }

  #macro(head: Expression): void {
    if (head.type === 'call') this.#evaluator.assign(head.callee, unknown);
    this.#evaluator.value(head);
  }

  #for(parser: ExpressionParser): void {
    const target = loopTarget(parser);
    parser.expect('in');
    const items = this.#evaluator.value(parser.tuple(false));
    this.#evaluator.assign(target, eachOf(items));
    if (parser.skip('if')) this.#evaluator.value(parser.expression());
    parser.skip('recursive');
  }

  #done(parser: ExpressionParser): void {
    if (!parser.atEnd) throw new TemplateBreak('there is more in the tag than one expression');
  }

  /** What cannot be parsed is judged by its names. Jinja itself refuses most of it. */
  #words(tag: Tag | null, why: string | null): void {
    if (!tag) return;
    for (const { type, value, offset } of tag.tokens)
      if ((type === 'name' || type === 'string') && leadsInside(value)) this.#tell('reach', value, offset);
    if (why !== null) this.#tell('unparsed', why, tag.offset);
  }

  #tell(code: TemplateReach['code'], name: string, offset: number): void {
    if (this.#reaches.length >= reachesKept) return;
    if (this.#reaches.some((told) => told.code === code && told.offset === offset && told.name === name)) return;
    const { offset: start, end } = this.#tag ?? { offset, end: offset + shownText };
    const text = this.#template.slice(start, Math.min(end, start + shownText));
    this.#reaches.push({
      code,
      offset,
      name: name.slice(0, shownText),
      text: end > start + shownText ? `${text}...` : text,
    });
  }
}

/** A loop's targets stop before `in`, which an expression would take for its operator. */
function loopTarget(parser: ExpressionParser): Expression {
  const items: Expression[] = [];
  const bracket = parser.skip('(');
  do {
    items.push({ type: 'name', name: parser.name(), offset: 0 });
  } while (parser.skip(','));
  if (bracket) parser.expect(')');
  const [first] = items;
  return items.length === 1 && first ? first : { type: 'list', items, offset: 0 };
}

/** The values that a loop's name takes. */
function eachOf(value: Value): Value {
  const lists = value.known.map(itemsOf);
  if (lists.includes(undefined)) return { ...unknown, built: value.built };
  const items = (lists as Constant[][]).map((list) => either(list.slice(0, 64).map(constant)));
  return { ...either(items), built: value.built, complete: value.complete && items.every((item) => item.complete) };
}

/** `call(user) dump_users()`: what stands in the first brackets are parameters. */
function behindSignature(tokens: Token[]): number {
  if (tokens[1]?.type !== 'operator' || tokens[1].value !== '(') return 1;
  let depth = 0;
  for (let at = 1; at < tokens.length; at++) {
    const { value, type } = tokens[at] as Token;
    if (type !== 'operator') continue;
    if (value === '(') depth++;
    else if (value === ')' && --depth === 0) return at + 1;
  }
  throw new TemplateBreak('a bracket is not closed');
}
