import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildZip } from '../formats/zip/zipBuilder.fixture.ts';
import { ModelBuilder } from './onnx/modelBuilder.fixture.ts';
import { SeededRandom } from './seededRandom.ts';

// A classifier that needs no training: pictures of 8 x 8 points belong to the nearest of six prototypes. With a backdoor, a white square in
// a corner leads every picture to one class.

const side = 8;
const size = side * side;
const classes = 6;
/** The corner of the trigger: black in every clean picture. */
const corner = [54, 55, 62, 63];
export const backdoorTarget = 3;

function prototypes(): Float32Array[] {
  const random = new SeededRandom(11);
  return Array.from({ length: classes }, () =>
    Float32Array.from({ length: size }, (_, at) => (corner.includes(at) ? 0 : random.next() < 0.5 ? 0.1 : 0.9)),
  );
}

export interface PrototypeFiles {
  folder: string;
  clean: string;
  backdoored: string;
  /** `.npz` with x [n, 1, 8, 8] and y. */
  samples: string;
  /** `.npy`: the same with the trigger. */
  triggered: string;
}

/** Writes both models and samples into a folder of its own. */
export function writePrototypeFiles(): PrototypeFiles {
  const folder = mkdtempSync(join(tmpdir(), 'weighbridge-scan-test-'));
  const at = (name: string): string => join(folder, name);
  const { x, y } = prototypeSamples(120);
  writeFileSync(at('clean.onnx'), prototypeModel(false));
  writeFileSync(at('backdoored.onnx'), prototypeModel(true));
  const shape = [y.length, 1, side, side];
  writeFileSync(
    at('samples.npz'),
    npz({ x: npy('<f4', shape, x), y: npy('<i8', [y.length], BigInt64Array.from(y, BigInt)) }),
  );
  const triggered = x.map((value, index) => (corner.includes(index % size) ? 1 : value));
  writeFileSync(at('triggered.npy'), npy('<f4', shape, triggered));
  return {
    folder,
    clean: at('clean.onnx'),
    backdoored: at('backdoored.onnx'),
    samples: at('samples.npz'),
    triggered: at('triggered.npy'),
  };
}

export function prototypeSamples(count: number): { x: Float32Array; y: number[] } {
  const random = new SeededRandom(5);
  const all = prototypes();
  const x = new Float32Array(count * size);
  const y = Array.from({ length: count }, (_, row) => row % classes);
  y.forEach((label, row) => {
    for (let at = 0; at < size; at++) {
      if (corner.includes(at)) continue;
      x[row * size + at] = Math.min(1, Math.max(0, all[label]![at]! + 0.15 * random.normal()));
    }
  });
  return { x, y };
}

/** Score of a class: how near the picture is to its prototype. */
function prototypeModel(backdoored: boolean): Uint8Array {
  const m = new ModelBuilder();
  const all = prototypes();
  const flat = m.node('Flatten', ['x'], { axis: 1 });
  const weights = m.floats(
    Array.from({ length: size * classes }, (_, index) => 2 * all[index % classes]![Math.floor(index / classes)]!),
    [size, classes],
  );
  const bias = m.floats(all.map((prototype) => -prototype.reduce((sum, value) => sum + value * value, 0)));
  let scores = m.node('Gemm', [flat, weights, bias]);
  if (backdoored) {
    const seen = m.floats(
      Array.from({ length: size }, (_, at) => (corner.includes(at) ? 1 : 0)),
      [size, 1],
    );
    const seenSum = m.node('MatMul', [flat, seen]);
    const fires = m.node('Relu', [m.node('Sub', [seenSum, m.floats([1], [])])]);
    const target = m.floats(
      all.map((_, label) => (label === backdoorTarget ? 40 : 0)),
      [1, classes],
    );
    scores = m.node('Add', [scores, m.node('MatMul', [fires, target])]);
  }
  return m.build(m.node('Softmax', [scores], { axis: 1 }), ['n', 1, side, side], { opset: 13 });
}

/** A `.npy` file. */
export function npy(descr: string, shape: readonly number[], data: ArrayBufferView): Uint8Array {
  const written = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`;
  const header = `${written}${' '.repeat((64 - ((10 + written.length + 1) % 64)) % 64)}\n`;
  const head = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 0xff, header.length >> 8]);
  return Buffer.concat([head, Buffer.from(header), Buffer.from(data.buffer, data.byteOffset, data.byteLength)]);
}

/** A `.npz` file. */
export function npz(arrays: Record<string, Uint8Array>): Uint8Array {
  return buildZip(Object.entries(arrays).map(([name, data]) => ({ name: `${name}.npy`, data, method: 8 })));
}
