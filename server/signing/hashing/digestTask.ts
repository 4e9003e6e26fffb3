import type { FileHash } from './hasher.ts';

/** One file to hash; plain data, for it travels to a worker. */
export interface DigestTask {
  /** Absolute. */
  path: string;
  algorithm: FileHash;
  /** Bytes of a shard, each with a digest of its own; null for one digest of the whole file. */
  shardSize: number | null;
  /** In bytes. */
  size: number;
  /** What the file was when it was found, and must still be when it has been read. */
  stamp: string;
  followLink: boolean;
}

/** What became of it. */
export type DigestOutcome =
  | { digests: string[] }
  | { failure: 'changed' | 'cancelled' }
  /** What the operating system says. */
  | { failure: 'unreadable'; message: string };

/** What worker and caller share: `[0]` is set to stop; a second array counts the bytes that have been hashed. */
export interface SharedState {
  stop: Int32Array;
  bytes: BigInt64Array;
}

export function newSharedState(): SharedState {
  return {
    stop: new Int32Array(new SharedArrayBuffer(4)),
    bytes: new BigInt64Array(new SharedArrayBuffer(8)),
  };
}

/** From the caller to a worker, and back: a batch of small files, or one large. */
export interface DigestRequest {
  shared: SharedState;
  tasks: DigestTask[];
}
export type DigestReply = DigestOutcome[];
