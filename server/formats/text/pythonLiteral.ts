import type { PythonArgument } from './facts.ts';
import type { Places } from './lineIndex.ts';
import { dottedName } from './pythonName.ts';
import { plainString, type PythonTree } from './pythonTree.ts';

/** A string that holds text alone: no bytes, no interpolation. Undefined for any other node. */
export function stringLiteral(
  tree: PythonTree,
  node: number,
): { value: string; start: number; end: number } | undefined {
  if (tree.type(node) !== 'string') return undefined;
  const text = tree.text(node);
  const begin = tree.start(node);
  const plain = plainString(text);
  if (plain) {
    const written = text.slice(plain.from, plain.to);
    return { value: plain.raw ? written : unescape(written), start: begin + plain.from, end: begin + plain.to };
  }
  const parts = tree.children(node);
  const [opening, closing] = [parts[0], parts.at(-1)];
  if (opening === undefined || closing === undefined) return undefined;
  if (tree.type(opening) !== 'string_start' || tree.type(closing) !== 'string_end') return undefined;
  const prefix = tree
    .text(opening)
    .replace(/['"]+$/, '')
    .toLowerCase();
  if (prefix.includes('b') || parts.some((part) => tree.type(part) === 'interpolation')) return undefined;
  const [start, end] = [tree.end(opening), tree.start(closing)];
  const written = text.slice(start - begin, end - begin);
  return { value: prefix.includes('r') ? written : unescape(written), start, end };
}

/** An argument or value: its literal, or `undefined` when it is computed. */
export function argument(tree: PythonTree, node: number, lines: Places): PythonArgument {
  const range = lines.range(tree.start(node), tree.end(node));
  const text = stringLiteral(tree, node);
  if (text) return { value: text.value, range, innerRange: lines.range(text.start, text.end) };
  const type = tree.type(node);
  if (type === 'identifier' || type === 'attribute') return { value: undefined, range, name: dottedName(tree, node) };
  if (isInterpolated(tree, node, 0)) return { value: undefined, range, interpolated: true };
  return { value: literal(tree, node, 0), range };
}

/** Values that are put together of values inside one another, beyond this deep, are computed. */
const deepest = 200;

/** Whether a string is put together from values: what stands in them ends up in it. */
function isInterpolated(tree: PythonTree, node: number, depth: number): boolean {
  if (depth > deepest) return false;
  switch (tree.type(node)) {
    case 'string':
      return tree.children(node).some((child) => tree.type(child) === 'interpolation' && !isConstant(tree, child));
    case 'parenthesized_expression':
    case 'concatenated_string':
      return tree.children(node).some((child) => isInterpolated(tree, child, depth + 1));
    case 'binary_operator': {
      const operator = tree.child(node, 'operator');
      const sign = operator === undefined ? '' : tree.text(operator);
      const left = tree.child(node, 'left');
      const right = tree.child(node, 'right');
      if (left === undefined || right === undefined || (sign !== '+' && sign !== '%')) return false;
      if (sign === '%') return tree.type(left) === 'string' || tree.type(left) === 'concatenated_string';
      return (
        (holdsText(tree, left, depth) || holdsText(tree, right, depth)) &&
        !(stringLiteral(tree, left) && stringLiteral(tree, right))
      );
    }
    case 'call': {
      const called = tree.child(node, 'function');
      if (called === undefined || tree.type(called) !== 'attribute') return false;
      const method = tree.child(called, 'attribute');
      const object = tree.child(called, 'object');
      const formats = method !== undefined && tree.text(method) === 'format';
      return formats && object !== undefined && tree.type(object) === 'string';
    }
    default:
      return false;
  }
}

function holdsText(tree: PythonTree, node: number, depth: number): boolean {
  const type = tree.type(node);
  if (type === 'string' || type === 'concatenated_string') return true;
  if (type !== 'binary_operator' || depth > deepest) return false;
  return tree.children(node).some((child) => holdsText(tree, child, depth + 1));
}

/** `{CONSTANT}` and `{sys.executable}`: what a person wrote, and no input. */
function isConstant(tree: PythonTree, interpolation: number): boolean {
  const [value] = tree.children(interpolation);
  if (value === undefined) return false;
  const text = tree.text(value);
  return /^[A-Z][A-Z\d_]*$/.test(text) || text === 'sys.executable' || text === 'os.devnull';
}

function literal(tree: PythonTree, node: number, depth: number): PythonArgument['value'] {
  if (depth > deepest) return undefined;
  switch (tree.type(node)) {
    case 'true':
      return true;
    case 'false':
      return false;
    case 'none':
      return null;
    case 'integer':
    case 'float': {
      const value = Number(tree.text(node).replaceAll('_', ''));
      return Number.isNaN(value) ? undefined : value;
    }
    case 'unary_operator': {
      const operand = tree.child(node, 'argument');
      const value = operand === undefined ? undefined : literal(tree, operand, depth + 1);
      return typeof value === 'number' && tree.text(node).startsWith('-') ? -value : undefined;
    }
    case 'parenthesized_expression': {
      const [inner, ...more] = tree.children(node);
      if (inner === undefined || more.length > 0) return undefined;
      return stringLiteral(tree, inner)?.value ?? literal(tree, inner, depth + 1);
    }
    case 'concatenated_string': {
      const parts = tree.children(node).map((part) => stringLiteral(tree, part)?.value);
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
