/** Counts by window of time and by key, of the most frequent keys: memory is bounded by the two limits. */
export class WindowCounts {
  readonly #windows = new Map<number, Map<string, number>>();
  readonly #keys = new Map<string, number>();
  readonly #mostKeys: number;
  readonly #mostWindows: number;
  readonly #mostPairs: number;
  #pairs = 0;
  /** Requests whose key or window is not counted, because there were too many. */
  dropped = 0;

  /** @param mostPairs of a key and a window that hold a count: it is these that fill the memory. */
  constructor(mostKeys: number, mostWindows: number, mostPairs = 2_000_000) {
    this.#mostPairs = mostPairs;
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
    const before = counts.get(key);
    const full =
      (total === undefined && this.#keys.size >= this.#mostKeys) ||
      (before === undefined && this.#pairs >= this.#mostPairs);
    if (full) {
      this.dropped++;
      return;
    }
    this.#keys.set(key, (total ?? 0) + 1);
    if (before === undefined) this.#pairs++;
    counts.set(key, (before ?? 0) + 1);
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
