/** A bucket of permits a client, which fills up again with time. */
export class RateLimit {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #now: () => number;
  readonly #buckets = new Map<string, { permits: number; at: number }>();

  /** @param perSecond permits a second. @param burst permits that a client can save up. @param now milliseconds. */
  constructor(perSecond: number, burst: number, now: () => number = () => performance.now()) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#now = now;
  }

  /** Takes a permit. @returns 0, or the seconds until there is one. */
  take(client: string): number {
    const now = this.#now();
    const bucket = this.#buckets.get(client) ?? { permits: this.#burst, at: now };
    bucket.permits = Math.min(this.#burst, bucket.permits + ((now - bucket.at) / 1000) * this.#perSecond);
    bucket.at = now;
    // The longest unused stands first, and is forgotten first: by then its bucket is full again, or there are floods of others.
    this.#buckets.delete(client);
    this.#buckets.set(client, bucket);
    if (this.#buckets.size > mostClients) this.#buckets.delete(this.#buckets.keys().next().value ?? '');
    if (bucket.permits < 1) return Math.ceil((1 - bucket.permits) / this.#perSecond);
    bucket.permits -= 1;
    return 0;
  }
}

const mostClients = 10_000;
