import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { UnrecoverableError } from 'bullmq';
import { WeighbridgeError } from '../errors.ts';
import { examineFile, type ExamineContext, type Examination } from './examineFile.ts';
import { stampOf } from './folderSource.ts';
import type { JobFile } from './jobFile.ts';

/** A file that workers see under the same path. It is known by its SHA-256 alone. */
export class LocalFile implements JobFile {
  readonly knownBy = [];
  readonly stamp: string;
  readonly #file: string;
  readonly #path: string;
  readonly #context: ExamineContext;

  /** @param file absolute. @throws {UnrecoverableError} where it is gone: what went does not come back by itself. */
  constructor(file: string, path: string, context: ExamineContext) {
    const stamp = stampOf(file);
    if (stamp === null) throw new UnrecoverableError('there is no such file');
    this.stamp = stamp.text;
    this.#file = file;
    this.#path = path;
    this.#context = context;
  }

  accepts(): boolean {
    return true;
  }

  /** @throws the operating system's error; `cancelled`. */
  async identify(onProgress: (bytes: number) => void): Promise<string> {
    const hash = createHash('sha256');
    let done = 0;
    for await (const piece of createReadStream(this.#file, { highWaterMark: 1 << 20, signal: this.#context.signal })) {
      hash.update(piece as Buffer);
      done += (piece as Buffer).length;
      onProgress(done);
    }
    return hash.digest('hex');
  }

  examine(): Promise<Examination> {
    return examineFile(this.#file, this.#path, this.#context);
  }

  requireUnchanged(): void {
    if (stampOf(this.#file)?.text !== this.stamp)
      throw new WeighbridgeError('unreadable', 'it changed while it was read');
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
