import type { Node } from 'web-tree-sitter';
import type { PythonArgument } from './facts.ts';
import type { Places } from './lineIndex.ts';

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
  return { value: literal(node), range };
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
