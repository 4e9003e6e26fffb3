import type { ContentKey } from './contentKey.ts';
import type { Examination } from './examineFile.ts';

/** The file of a job, wherever it lies. */
export interface JobFile {
  /** Changes when the file does; empty where nothing tells. */
  readonly stamp: string;
  /** Whether a result that is known by this key is enough. */
  accepts(key: ContentKey): boolean;
  /** What its content may be known by before it is read. */
  readonly knownBy: readonly ContentKey[];
  /** What its content is known by from now on; reads it whole where that has to be. */
  identify(onProgress: (bytes: number) => void): Promise<ContentKey>;
  /** @throws where it cannot be read, or is not what it was. */
  examine(): Promise<Examination>;
  /** @throws {WeighbridgeError} `unreadable` where it is not what it was: what was read is of no state that it had. */
  requireUnchanged(): void;
  close(): Promise<void>;
}
