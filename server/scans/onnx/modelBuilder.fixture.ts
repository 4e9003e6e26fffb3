import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SeededRandom } from '../seededRandom.ts';
import { dataType } from './graph.ts';
import { sizeOf } from './readTensor.ts';
import { writeModel, type AttributeValue, type NewNode, type NewTensor } from './writeModel.ts';

/** Builds small models for tests, with weights of a seeded generator. */
export class ModelBuilder {
  readonly nodes: NewNode[] = [];
  readonly initializers: NewTensor[] = [];
  readonly random: SeededRandom;
  #count = 0;

  constructor(seed = 1) {
    this.random = new SeededRandom(seed);
  }

  node(operator: string, inputs: string[], attributes: Record<string, AttributeValue> = {}, domain = ''): string {
    return this.many(operator, inputs, 1, attributes, domain)[0]!;
  }

  many(
    operator: string,
    inputs: string[],
    count: number,
    attributes: Record<string, AttributeValue> = {},
    domain = '',
  ): string[] {
    const outputs = Array.from({ length: count }, () => `t${this.#count++}`);
    this.nodes.push({ operator, inputs, outputs, attributes, domain });
    return outputs;
  }

  /** Weights of the standard normal distribution, times `scale`. */
  weights(shape: number[], scale = 1): string {
    const values = Float32Array.from({ length: sizeOf(shape) }, () => scale * this.random.normal());
    return this.constant(dataType.float, shape, values);
  }

  /** Weights between 0.5 and 1.5. */
  positive(shape: number[]): string {
    return this.constant(
      dataType.float,
      shape,
      Float32Array.from({ length: sizeOf(shape) }, () => 0.5 + this.random.next()),
    );
  }

  floats(values: number[], shape: number[] = [values.length]): string {
    return this.constant(dataType.float, shape, values);
  }

  ints(values: number[], shape: number[] = [values.length]): string {
    return this.constant(dataType.int64, shape, values);
  }

  constant(type: number, shape: number[], values: ArrayLike<number>): string {
    const name = `w${this.#count++}`;
    this.initializers.push({ name, type, shape, values });
    return name;
  }

  /** The model's bytes: input `x`, output `y`, which is renamed from `output`. */
  build(
    output: string,
    shape: readonly (number | string)[],
    options: { opset?: number; domains?: Record<string, number>; type?: number } = {},
  ): Uint8Array {
    return writeModel(
      {
        nodes: [...this.nodes, { operator: 'Identity', inputs: [output], outputs: ['y'] }],
        initializers: this.initializers,
        inputs: [{ name: 'x', type: options.type ?? dataType.float, shape }],
        outputs: [{ name: 'y' }],
      },
      { opset: options.opset ?? 17, ...(options.domains && { domains: options.domains }) },
    );
  }
}

/** Writes a model into a folder of its own. @returns its path. */
export function writeModelFile(bytes: Uint8Array, name = 'model.onnx'): string {
  const file = join(mkdtempSync(join(tmpdir(), 'weighbridge-test-')), name);
  writeFileSync(file, bytes);
  return file;
}
