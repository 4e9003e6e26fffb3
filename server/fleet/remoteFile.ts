import { UnrecoverableError } from 'bullmq';
import { remoteLimits } from '../engine/remoteLimits.ts';
import { FetchError } from '../sources/http/fetchError.ts';
import type { StoredFile } from '../sources/protocol.ts';
import type { PlacedFile, RemoteFiles } from '../sources/remoteFiles.ts';
import { claimedKey, isHashed, objectKey, type ContentKey } from './contentKey.ts';
import { examineFile, type ExamineContext, type Examination } from './examineFile.ts';
import type { JobFile } from './jobFile.ts';
import { stampOfRemote } from './remoteSource.ts';

/** A file that was listed on a server, as a job holds it. */
export interface RemoteJob {
  file: StoredFile;
  /** Read whole, so that it is known by its digest, whatever its server says. */
  hash: boolean;
}

/** A file on a server: of it only what readers read is fetched, unless nothing else tells which content it has. */
export class RemoteJobFile implements JobFile {
  readonly stamp: string;
  readonly knownBy: readonly ContentKey[];
  readonly #job: RemoteJob;
  readonly #files: RemoteFiles;
  readonly #context: ExamineContext;
  #placed: PlacedFile | null = null;

  constructor(job: RemoteJob, files: RemoteFiles, context: ExamineContext) {
    const { sha256, origin } = job.file;
    this.stamp = stampOfRemote(job.file);
    // What a server says may lead to a result of bytes that we have read; never the other way round.
    this.knownBy = sha256 === undefined || job.hash ? [] : [sha256, claimedKey(origin, sha256)];
    this.#job = job;
    this.#files = files;
    this.#context = context;
  }

  accepts(key: ContentKey): boolean {
    return !this.#job.hash || isHashed(key);
  }

  identify(onProgress: (bytes: number) => void): Promise<ContentKey> {
    const { file, hash } = this.#job;
    return told(async () => {
      this.#placed ??= await this.#files.place(file);
      const { isWhole } = this.#placed;
      // Small files are fetched whole, and then it costs nothing.
      if (hash || isWhole || this.stamp === '') return this.#placed.digest(onProgress);
      const { origin, address, sha256 } = file;
      return sha256 === undefined ? objectKey(origin, address, this.stamp) : claimedKey(origin, sha256);
    });
  }

  examine(): Promise<Examination> {
    const { settings } = this.#context;
    const { file } = this.#job;
    const patient = { ...settings, limits: remoteLimits(settings.limits) };
    return told(async () => {
      const placed = (this.#placed ??= await this.#files.place(file));
      const examination = await examineFile(placed.path, file.path, { ...this.#context, settings: patient });
      // Readers go on past what they cannot read; here that says nothing of the file.
      const failure = await placed.failure();
      if (failure) throw failure;
      return examination;
    });
  }

  /** Whoever fetches has compared the tags, the lengths and what was hashed. */
  requireUnchanged(): void {}

  async close(): Promise<void> {
    await this.#placed?.release();
  }
}

/** @throws {UnrecoverableError} where asking again would lead to the same answer. */
async function told<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    if (cause instanceof FetchError && !cause.isTransient) throw new UnrecoverableError(cause.message);
    throw cause;
  }
}
