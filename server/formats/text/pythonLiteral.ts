import type { Node } from 'web-tree-sitter';
import type { PythonArgument } from './facts.ts';
import type { Places } from './lineIndex.ts';
import { dottedName } from './pythonName.ts';

/** A string node that holds text alone: no bytes, no interpolation. Undefined for any other. */
export function stringLiteral(node: Node): { value: string; start: number; end: number } | undefined {
  if (node.type !== 'string') return undefined;
  const opening = node.firstChild;
  const closing = node.lastChild;
  if (opening?.type !== 'string_start' || closing?.type !== 'string_end') return undefined;
  const prefix = opening.text.replace(/['"]+$/, '').toLowerCase();
  if (prefix.includes('b')) return undefined;
  for (const child of node.namedChildren) if (child?.type === 'interpolation') return undefined;
  const start = opening.endIndex;
  const end = closing.startIndex;
  const raw = node.text.slice(start - node.startIndex, end - node.startIndex);
  return { value: prefix.includes('r') ? raw : unescape(raw), start, end };
}

/** An argument or value: its literal, or `undefined` when it is computed. */
export function argument(node: Node, lines: Places): PythonArgument {
  const range = lines.range(node.startIndex, node.endIndex);
  const text = stringLiteral(node);
  if (text) return { value: text.value, range, innerRange: lines.range(text.start, text.end) };
  if (node.type === 'identifier' || node.type === 'attribute')
    return { value: undefined, range, name: dottedName(node) };
  if (isInterpolated(node)) return { value: undefined, range, interpolated: true };
  return { value: literal(node), range };
}

/** Whether a string is put together from values: what stands in them ends up in it. */
function isInterpolated(node: Node): boolean {
  switch (node.type) {
    case 'string':
      return node.namedChildren.some((child) => child?.type === 'interpolation' && !isConstant(child));
    case 'parenthesized_expression':
    case 'concatenated_string':
      return node.namedChildren.some((child) => child !== null && isInterpolated(child));
    case 'binary_operator': {
      const sign = node.childForFieldName('operator')?.type;
      const left = node.childForFieldName('left');
      const right = node.childForFieldName('right');
      if (!left || !right || (sign !== '+' && sign !== '%')) return false;
      if (sign === '%') return left.type === 'string' || left.type === 'concatenated_string';
      return (holdsText(left) || holdsText(right)) && !(stringLiteral(left) && stringLiteral(right));
    }
    case 'call': {
      const called = node.childForFieldName('function');
      const made = called?.type === 'attribute' && called.childForFieldName('attribute')?.text === 'format';
      return made && called.childForFieldName('object')?.type === 'string';
    }
    default:
      return false;
  }
}

function holdsText(node: Node): boolean {
  if (node.type === 'string' || node.type === 'concatenated_string') return true;
  return node.type === 'binary_operator' && node.namedChildren.some((child) => child !== null && holdsText(child));
}

/** `{CONSTANT}` and `{sys.executable}`: what a person wrote, and no input. */
function isConstant(interpolation: Node): boolean {
  const value = interpolation.namedChild(0);
  return value !== null && (/^[A-Z][A-Z\d_]*$/.test(value.text) || value.text === 'sys.executable');
}

function literal(node: Node): PythonArgument['value'] {
  switch (node.type) {
    case 'true':
      return true;
    case 'false':
      return false;
    case 'none':
      return null;
    case 'integer':
    case 'float': {
      const value = Number(node.text.replaceAll('_', ''));
      return Number.isNaN(value) ? undefined : value;
    }
    case 'unary_operator': {
      const operand = node.childForFieldName('argument');
      const value = operand ? literal(operand) : undefined;
      return typeof value === 'number' && node.text.startsWith('-') ? -value : undefined;
    }
    case 'parenthesized_expression': {
      const inner = node.namedChildCount === 1 ? node.namedChild(0) : null;
      return inner ? (stringLiteral(inner)?.value ?? literal(inner)) : undefined;
    }
    case 'concatenated_string': {
      const parts = node.namedChildren.map((part) => (part ? stringLiteral(part)?.value : undefined));
      return parts.includes(undefined) ? undefined : parts.join('');
    }
    default:
      return undefined;
  }
}

const escapes: Record<string, string> = {
  n: '\n',
  r: '\r',
  t: '\t',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
};

/** Python's escapes; named characters (`\N{...}`) stay as they are written. */
function unescape(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(
    /\\(?:\r\n|\n|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})|([^\r\n]))/g,
    (whole: string, x?: string, u?: string, big?: string, octal?: string, other?: string) => {
      const hex = x ?? u ?? big;
      const code = hex !== undefined ? parseInt(hex, 16) : octal !== undefined ? parseInt(octal, 8) : undefined;
      if (code !== undefined) return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
      return other === undefined ? '' : (escapes[other] ?? whole);
    },
  );
}
