import type { OnnxNode } from '../onnx/graph.ts';
import { NotDifferentiable, type GradientBuilder } from './builder.ts';

/** One operator of the forward pass, as a gradient rule sees it. */
export class ForwardNode {
  readonly node: OnnxNode;
  readonly b: GradientBuilder;
  readonly #gradients: readonly (string | null)[];
  readonly #active: (name: string) => boolean;

  constructor(
    node: OnnxNode,
    b: GradientBuilder,
    gradients: readonly (string | null)[],
    active: (name: string) => boolean,
  ) {
    this.node = node;
    this.b = b;
    this.#gradients = gradients;
    this.#active = active;
  }

  /** Gradient with respect to the first output. */
  get dy(): string {
    return this.gradient(0);
  }

  /** Gradient with respect to an output; zeros where nothing depends on it. */
  gradient(index: number): string {
    const known = this.#gradients[index];
    if (known) return known;
    const name = this.y(index);
    return this.b.zeros(this.b.type(name), this.b.shape(name));
  }

  /** True when the loss depends on this output. */
  matters(index: number): boolean {
    return (this.#gradients[index] ?? null) !== null;
  }

  x(index = 0): string {
    const name = this.node.inputs[index];
    if (name === undefined || name === '') throw new NotDifferentiable(`it has no input ${index}`);
    return name;
  }

  y(index = 0): string {
    return this.node.outputs[index] ?? '';
  }

  /** True when there is an input of this number. */
  has(index: number): boolean {
    return (this.node.inputs[index] ?? '') !== '';
  }

  /** True when the gradient with respect to this input is asked for. */
  wants(index: number): boolean {
    return this.has(index) && this.#active(this.node.inputs[index]!);
  }

  /** @throws {NotDifferentiable} when an input of which only the value is used depends on the model's input. */
  only(...inputs: number[]): void {
    for (let index = 0; index < this.node.inputs.length; index++) {
      if (!inputs.includes(index) && this.wants(index))
        throw new NotDifferentiable(`its input ${index} depends on the model's input`);
    }
  }

  int(name: string, fallback: number): number {
    return this.node.attributes.get(name)?.int ?? fallback;
  }

  float(name: string, fallback: number): number {
    return this.node.attributes.get(name)?.float ?? fallback;
  }

  text(name: string, fallback: string): string {
    return this.node.attributes.get(name)?.text ?? fallback;
  }

  ints(name: string): number[] | undefined {
    return this.node.attributes.get(name)?.ints;
  }

  /** A list that is an attribute in older operator sets and an input in newer ones; undefined when it is left out. */
  list(attribute: string, input: number): number[] | undefined {
    const written = this.ints(attribute);
    if (written) return written;
    return this.has(input) ? this.b.values(this.x(input), attribute) : undefined;
  }

  /** An axis, counted from the front. */
  axis(value: number, rank: number): number {
    return value < 0 ? value + rank : value;
  }
}

/** Gives the gradients of the inputs, null for those that it does not depend on or was not asked for. */
export type GradientRule = (node: ForwardNode) => (string | null)[];

/** Rules by operator; names of other domains than ai.onnx are written `domain.Operator`. */
export type GradientRules = Readonly<Record<string, GradientRule>>;
