import type { MessagePort } from 'node:worker_threads';

/** To the thread that fetches. */
export type FetchRequest =
  | { type: 'open'; address: string; folder: string }
  /** Another thread that reads: its port, and the memory that answers go into. */
  | { type: 'connect'; port: MessagePort; shared: SharedArrayBuffer }
  /** Fetches whole what lies at or below a path (absolute). */
  | { type: 'fill'; id: number; path: string }
  | { type: 'traffic' };

/** A file as the mounting thread knows it. */
export interface MountedFile {
  /** Relative to the source, with `/`. */
  path: string;
  /** Bytes. */
  size: number;
  /** SHA-256 in hexadecimal, where the source says it. */
  sha256?: string;
}

/** What a source came to. */
export interface Opened {
  name: string;
  isFile: boolean;
  files: MountedFile[];
  problems: { path: string; message: string }[];
}

/** From it. */
export type FetchReply =
  | ({ type: 'opened' } & Opened)
  | { type: 'progress'; done: number; total: number; path: string }
  | { type: 'filled'; id: number; error: { code: string; message: string } | null }
  | { type: 'traffic'; requests: number; bytes: number }
  | { type: 'failed'; code: string; message: string };
