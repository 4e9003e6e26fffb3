import type { PythonLiteral } from './pythonLiteral.ts';

/** What an array-protocol description says of one element. */
export interface ElementType {
  /** Bytes of an element, or null when they cannot be told. */
  size: number | null;
  /** True when an element is, or holds, a Python object: then the data is a pickle. */
  objects: boolean;
}

const unknown: ElementType = { size: null, objects: false };

/** The element type of a `descr`, which numpy.lib.format.descr_to_dtype gives to `numpy.dtype`. */
export function elementType(descr: PythonLiteral): ElementType {
  switch (descr.kind) {
    case 'string':
      return scalarType(descr.value);
    case 'tuple': {
      // (element, shape): a subarray.
      const [element, shape] = descr.items;
      return element && shape ? repeated(elementType(element), shape) : unknown;
    }
    case 'list': {
      let size: number | null = 0;
      let objects = false;
      for (const field of descr.items) {
        // (name, element) or (name, element, shape).
        if (field.kind !== 'tuple' || field.items.length < 2) return { size: null, objects };
        const element = elementType(field.items[1]!);
        const whole = field.items[2] ? repeated(element, field.items[2]) : element;
        objects ||= whole.objects;
        size = size === null || whole.size === null ? null : size + whole.size;
      }
      return { size, objects };
    }
    case 'number':
    case 'boolean':
    case 'none':
    case 'dict':
      return unknown;
  }
}

function scalarType(text: string): ElementType {
  const simple = /^[<>=|]?([?bBiufcmMSUVa])(\d*)(\[[^\]]*\])?$/.exec(text);
  if (simple) {
    const count = simple[2] === '' ? null : Number(simple[2]);
    if (simple[1] === '?') return { size: 1, objects: false };
    if (count === null || !Number.isSafeInteger(count)) return unknown;
    return { size: simple[1] === 'U' ? count * 4 : count, objects: false };
  }
  // numpy.dtype takes more spellings than writers use (`O8`, `object`, `f4,O`): any that can mean an object does here.
  return { size: null, objects: /O|object/.test(text) };
}

function repeated(element: ElementType, shape: PythonLiteral): ElementType {
  const dimensions = shape.kind === 'tuple' ? shape.items : [shape];
  let size = element.size;
  for (const dimension of dimensions) {
    if (dimension.kind !== 'number') return { ...element, size: null };
    size = size === null ? null : size * dimension.value;
  }
  return { ...element, size };
}

/** The description as Python writes it, cut to a readable length. */
export function describe(descr: PythonLiteral): string {
  const text = descr.kind === 'string' ? descr.value : spell(descr);
  return text.length > 1000 ? `${text.slice(0, 1000)}...` : text;
}

function spell(value: PythonLiteral): string {
  switch (value.kind) {
    case 'string':
      return `'${value.value}'`;
    case 'number':
      return String(value.value);
    case 'boolean':
      return value.value ? 'True' : 'False';
    case 'none':
      return 'None';
    case 'list':
      return `[${value.items.map(spell).join(', ')}]`;
    case 'tuple':
      return value.items.length === 1 ? `(${spell(value.items[0]!)},)` : `(${value.items.map(spell).join(', ')})`;
    case 'dict':
      return `{${value.entries.map(([key, item]) => `${spell(key)}: ${spell(item)}`).join(', ')}}`;
  }
}
