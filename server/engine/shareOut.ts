/** Batches of work, and who may do them. */
export interface Sharing<T> {
  queue: T[];
  /** How many workers take from its beginning. */
  workers: number;
  inWorker: (batch: T) => Promise<void>;
  /** What this thread takes from its end: batches that `may` allows. Absent: it does nothing itself. */
  here?: { may: (batch: T) => boolean; perform: (batch: T) => Promise<void> };
}

/** Empties the queue: workers from one end, and this thread, while they start and work, from the other. */
export async function shareOut<T>({ queue, workers, inWorker, here }: Sharing<T>): Promise<void> {
  const drain = async (next: () => T | undefined, perform: (batch: T) => Promise<void>) => {
    for (let batch = next(); batch !== undefined; batch = next()) await perform(batch);
  };
  const lanes = Array.from({ length: workers }, () => drain(() => queue.shift(), inWorker));
  if (here) {
    const next = () => {
      const last = queue.at(-1);
      return last !== undefined && here.may(last) ? queue.pop() : undefined;
    };
    lanes.push(drain(next, here.perform));
  }
  try {
    await Promise.all(lanes);
  } finally {
    // After an error the other lanes have nothing more to take.
    queue.length = 0;
  }
}
