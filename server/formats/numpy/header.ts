import type { NumpyFacts } from '../facts.ts';
import type { ByteSource } from '../source.ts';
import { describe, elementType, type ElementType } from './dtype.ts';
import { LiteralError, parsePythonLiteral, type PythonLiteral } from './pythonLiteral.ts';

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** Longest header that is read, in bytes. NumPy itself stops at 10,000 unless told otherwise (`max_header_size`). */
const headerBytes = 1 << 20;

/** NPY_MAXDIMS since NumPy 2.0; 32 before. */
const maxDimensions = 64;

export interface NpyHeader {
  facts: NumpyFacts;
  /** Where the data begins, or null when the header does not say. */
  dataOffset: number | null;
  /** Bytes of the data, or null when the header does not say or the data is a pickle. */
  dataBytes: number | null;
  /** True when the file ends inside the header. */
  truncated: boolean;
}

/** Whether an array begins at `position`. */
export function beginsNpy(source: ByteSource, position: number): boolean {
  const head = source.read(position, magic.length);
  return head.length === magic.length && magic.every((byte, index) => head[index] === byte);
}

/**
 * Reads the header of the array at `start`, which begins with the magic. Format: numpy/lib/format.py, versions 1.0
 * (16-bit length), 2.0 (32-bit length) and 3.0 (the same, UTF-8).
 */
export function readNpyHeader(source: ByteSource, start: number, entry: string): NpyHeader {
  const facts: NumpyFacts = {
    kind: 'numpy',
    entry,
    version: '',
    descr: null,
    fortranOrder: false,
    shape: [],
    objects: false,
    violations: [],
  };
  const violation = (offset: number, message: string): void => void facts.violations.push({ offset, message });
  const unread = (truncated: boolean): NpyHeader => ({ facts, dataOffset: null, dataBytes: null, truncated });

  const fixed = Uint8Array.from(source.read(start, 12));
  const [major, minor] = [fixed[6], fixed[7]];
  if (major === undefined || minor === undefined) return unread(true);
  facts.version = `${major}.${minor}`;
  if (major < 1 || major > 3 || minor !== 0)
    violation(start + 6, `version ${facts.version} is not one that NumPy reads`);
  const lengthBytes = major === 1 ? 2 : 4;
  if (fixed.length < 8 + lengthBytes) return unread(true);
  const view = new DataView(fixed.buffer, fixed.byteOffset);
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const headerStart = start + 8 + lengthBytes;
  if (length > headerBytes) {
    violation(start + 8, `the header is ${length} bytes long, far beyond what an array needs`);
    return { ...unread(false), dataOffset: headerStart + length };
  }
  const bytes = source.read(headerStart, length);
  if (bytes.length < length) return unread(true);
  const dataOffset = headerStart + length;
  const text = Buffer.from(bytes).toString(major >= 3 ? 'utf8' : 'latin1');
  const at = (position: number): number =>
    headerStart + Buffer.byteLength(text.slice(0, position), major >= 3 ? 'utf8' : 'latin1');

  let header: PythonLiteral;
  try {
    header = parsePythonLiteral(text);
  } catch (error) {
    if (!(error instanceof LiteralError)) throw error;
    violation(at(error.position), `the header ${error.message}`);
    return { facts, dataOffset, dataBytes: null, truncated: false };
  }
  const element = readFields(header, facts, (message) => violation(headerStart, message));
  return { facts, dataOffset, dataBytes: dataSize(element, facts), truncated: false };
}

function readFields(
  header: PythonLiteral,
  facts: NumpyFacts,
  violation: (message: string) => void,
): ElementType | null {
  if (header.kind !== 'dict') {
    violation('the header is not a dictionary');
    return null;
  }
  const fields = new Map<string, PythonLiteral>();
  for (const [key, value] of header.entries) {
    if (key.kind !== 'string' || !['descr', 'fortran_order', 'shape'].includes(key.value)) {
      violation('the header has a key other than descr, fortran_order and shape');
      continue;
    }
    if (fields.has(key.value)) violation(`the header has ${key.value} twice`);
    fields.set(key.value, value);
  }
  const order = fields.get('fortran_order');
  if (order?.kind === 'boolean') facts.fortranOrder = order.value;
  else violation('fortran_order is not True or False');
  const shape = fields.get('shape');
  const sized = shape?.kind === 'tuple' && shape.items.every((item) => item.kind === 'number' && item.value >= 0);
  if (sized) facts.shape = shape.items.map((item) => (item.kind === 'number' ? item.value : 0));
  else violation('shape is not a tuple of sizes');
  if (facts.shape.length > maxDimensions) {
    violation(`the array has ${facts.shape.length} dimensions, more than NumPy allows`);
    facts.shape.length = maxDimensions;
  }
  const descr = fields.get('descr');
  if (!descr) {
    violation('the header has no descr');
    return null;
  }
  facts.descr = describe(descr);
  const element = elementType(descr);
  facts.objects = element.objects;
  if (element.size === null && !element.objects) violation('descr is not an element type that NumPy writes');
  return sized ? element : null;
}

/** Bytes of the array; null when they are unknown or more than a file can have. */
function dataSize(element: ElementType | null, facts: NumpyFacts): number | null {
  if (!element || element.objects || element.size === null) return null;
  if (facts.shape.includes(0)) return 0;
  let size = element.size;
  for (const dimension of facts.shape) size *= dimension;
  return size;
}
