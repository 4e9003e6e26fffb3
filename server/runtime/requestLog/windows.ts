/** Counts by window of time and by key, of the most frequent keys: memory is bounded by the two limits. */
export class WindowCounts {
  readonly #windows = new Map<number, Map<string, number>>();
  readonly #keys = new Map<string, number>();
  readonly #mostKeys: number;
  readonly #mostWindows: number;
  /** Requests whose key or window is not counted, because there were too many. */
  dropped = 0;

  constructor(mostKeys: number, mostWindows: number) {
    this.#mostKeys = mostKeys;
    this.#mostWindows = mostWindows;
  }

  add(window: number, key: string): void {
    let counts = this.#windows.get(window);
    if (!counts) {
      if (this.#windows.size >= this.#mostWindows) {
        this.dropped++;
        return;
      }
      counts = new Map();
      this.#windows.set(window, counts);
    }
    const total = this.#keys.get(key);
    if (total === undefined && this.#keys.size >= this.#mostKeys) {
      this.dropped++;
      return;
    }
    this.#keys.set(key, (total ?? 0) + 1);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }

  /** Windows that hold anything, ascending. */
  windows(): number[] {
    return [...this.#windows.keys()].sort((a, b) => a - b);
  }

  /** Keys with how often they were counted, the most frequent first. */
  keys(): [key: string, total: number][] {
    return [...this.#keys].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  }

  count(window: number, key: string): number {
    return this.#windows.get(window)?.get(key) ?? 0;
  }

  entries(window: number): [key: string, count: number][] {
    return [...(this.#windows.get(window) ?? [])];
  }
}
