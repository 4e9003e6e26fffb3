/** Adam (Kingma and Ba, ICLR 2015). */
export class Adam {
  readonly #first: Float64Array;
  readonly #second: Float64Array;
  readonly #rate: number;
  readonly #beta1: number;
  readonly #beta2: number;
  #steps = 0;

  constructor(size: number, { rate = 0.1, beta1 = 0.9, beta2 = 0.999 } = {}) {
    this.#first = new Float64Array(size);
    this.#second = new Float64Array(size);
    this.#rate = rate;
    this.#beta1 = beta1;
    this.#beta2 = beta2;
  }

  /** Moves the parameters against the gradient. */
  step(parameters: Float64Array, gradient: Float64Array): void {
    this.#steps++;
    const scale = (this.#rate * Math.sqrt(1 - this.#beta2 ** this.#steps)) / (1 - this.#beta1 ** this.#steps);
    for (let index = 0; index < parameters.length; index++) {
      const slope = gradient[index]!;
      const first = (this.#first[index] = this.#beta1 * this.#first[index]! + (1 - this.#beta1) * slope);
      const second = (this.#second[index] = this.#beta2 * this.#second[index]! + (1 - this.#beta2) * slope * slope);
      parameters[index]! -= (scale * first) / (Math.sqrt(second) + 1e-8);
    }
  }
}
