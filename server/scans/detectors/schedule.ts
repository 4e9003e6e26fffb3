/** How long and how a trigger of one class is searched for. */
export interface Schedule {
  name: ScheduleName;
  /** Steps, each of `batches` batches, after which costs are changed and the search may end. */
  steps: number;
  batches: number;
  /** Weight of the mask's norm in the loss: at the start, and when it begins to count. */
  initialCost: number;
  startsAtZero: boolean;
  /** Steps in a row above or below the threshold after which the weight is changed. */
  patience: number;
  /** Steps without a better mask after which the search ends. */
  stopPatience: number;
}

export const scheduleNames = ['fast', 'thorough', 'official'] as const;
export type ScheduleName = (typeof scheduleNames)[number];

/**
 * `official` is that of the authors' code (bolunwang/backdoor): 1000 samples in 31 batches a step. `thorough` keeps its rules with
 * fewer batches. `fast` has few of both, and lets the norm count for
 * more.
 */
export const schedules: Record<ScheduleName, Schedule> = {
  fast: { name: 'fast', steps: 40, batches: 4, initialCost: 1e-2, startsAtZero: true, patience: 3, stopPatience: 12 },
  thorough: {
    name: 'thorough',
    steps: 100,
    batches: 10,
    initialCost: 1e-3,
    startsAtZero: true,
    patience: 5,
    stopPatience: 25,
  },
  official: {
    name: 'official',
    steps: 1000,
    batches: 31,
    initialCost: 1e-3,
    startsAtZero: true,
    patience: 5,
    stopPatience: 25,
  },
};

/** Share of samples that a trigger has to lead to its class. */
export const attackThreshold = 0.99;

/** Factors by which the weight goes up and down. Source: the authors' code. */
const costUp = 2;
const costDown = 2 ** 1.5;

/** Raises the weight of the norm while the trigger works, and lowers it while it does not. */
export class CostAnnealing {
  readonly #schedule: Schedule;
  #set: number;
  #ups = 0;
  #downs = 0;
  #wentUp = false;
  #wentDown = false;
  #best = Infinity;
  #without = 0;
  cost: number;

  constructor(schedule: Schedule) {
    this.#schedule = schedule;
    this.cost = schedule.startsAtZero ? 0 : schedule.initialCost;
    this.#set = 0;
  }

  /**
   * After each step.
   * @param rate share of samples that the trigger led to its class.
   * @param best the least norm so far of a trigger that works; Infinity while there is none.
   * @returns true when the search may end.
   */
  after(rate: number, best: number): boolean {
    const { patience, stopPatience, initialCost } = this.#schedule;
    if (best < Infinity) {
      this.#without = best >= this.#best ? this.#without + 1 : 0;
      this.#best = Math.min(this.#best, best);
      if (this.#wentUp && this.#wentDown && this.#without >= stopPatience) return true;
    }
    const works = rate >= attackThreshold;
    if (this.cost === 0) {
      this.#set = works ? this.#set + 1 : 0;
      if (this.#set < patience) return false;
      this.cost = initialCost;
      this.#ups = this.#downs = 0;
      this.#wentUp = this.#wentDown = false;
      return false;
    }
    this.#ups = works ? this.#ups + 1 : 0;
    this.#downs = works ? 0 : this.#downs + 1;
    if (this.#ups >= patience) {
      this.#ups = 0;
      this.cost *= costUp;
      this.#wentUp = true;
    } else if (this.#downs >= patience) {
      this.#downs = 0;
      this.cost /= costDown;
      this.#wentDown = true;
    }
    return false;
  }
}
