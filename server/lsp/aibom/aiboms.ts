import { readFileSync, statSync } from 'node:fs';
import path, { posix } from 'node:path';
import type { ModelOnDisk } from '../../aibom/check.ts';
import type { AibomDiagnostic } from '../../aibom/editing/diagnose.ts';
import type { AibomReport } from '../../aibom/editing/report.ts';
import { isAibomName, isSignatureName, usualName } from '../../aibom/names.ts';
import { longestDocument } from '../../aibom/validate/document.ts';
import type { ModelTask, WriteTask, Written } from '../../engine/aibomJobs.ts';
import { WorkerPool } from '../../engine/pool.ts';
import { WeighbridgeError } from '../../errors.ts';
import { onDisk } from '../../files/diskPath.ts';
import { relativePath, uriOfPath } from '../address.ts';
import type { LongWork } from '../commands/longWork.ts';
import type { Folder } from '../folder.ts';
import type { Folders } from '../folders.ts';
import { isModel } from '../models.ts';
import * as protocol from '../protocol.ts';
import type { Session } from '../session.ts';

/** A model as it was when it was last read; null while that has not been, or failed. */
interface Known {
  model: ModelOnDisk | null;
  /** Something in its folder changed since. */
  stale: boolean;
  reading: boolean;
}

/** Milliseconds without a sign of life after which a worker is ended. */
const patience = 120_000;

/** Models that are remembered: each as large as its list of files. */
const mostKnown = 16;

/**
 * The bills of materials that an editor shows. Texts are judged, and models read and hashed, in workers of their own: a scan does
 * not hold them up, and the thread that answers the editor never reads a model.
 */
export class Aiboms {
  readonly #session: Session;
  readonly #folders: Folders;
  /** Called when what is said of open documents may have changed. */
  readonly #changed: () => void;
  readonly #known = new Map<string, Known>();
  /** Bills of materials that were asked about: path to the folder of its model. */
  readonly #watched = new Map<string, string>();
  #pool: WorkerPool | null = null;
  #disposed = false;
  #reading: Promise<unknown> = Promise.resolve();

  constructor(session: Session, folders: Folders, changed: () => void) {
    this.#session = session;
    this.#folders = folders;
    this.#changed = changed;
  }

  /** Whether a text is the bill of materials of a model: by its name, or by what it says. */
  isAibom(file: string, text: string): boolean {
    const name = path.basename(file);
    if (!name.toLowerCase().endsWith('.json')) return false;
    if (name === usualName) return true;
    if (!/"bomFormat"\s*:\s*"CycloneDX"/.test(text.slice(0, 4_096)))
      return isAibomName(name) && /ai[_-]?bom|ml[_-]?bom/i.test(name);
    return text.includes('"machine-learning-model"') || (isAibomName(name) && this.#modelBeside(file) !== null);
  }

  /** What is wrong with a bill of materials as it stands in the editor; empty for any other text. */
  async diagnostics(file: string, text: string): Promise<AibomDiagnostic[]> {
    if (text.length > longestDocument || !this.isAibom(file, text)) return [];
    const { disk } = this.#diskFor(file);
    return this.#workers().run('diagnoseAibom', { text, disk }, { watchdogMs: patience });
  }

  report(file: string, text: string): Promise<AibomReport> {
    return this.#workers().run('reportAibom', { text, ...this.#diskFor(file) }, { watchdogMs: patience });
  }

  /** Reads a model, every byte of it, and gives the text of its bill of materials, or a change of the one that there is. */
  write(
    model: string,
    how: Pick<WriteTask, 'current' | 'how' | 'tool' | 'spec'> & { without: string[] },
    run: LongWork,
  ): Promise<Written> {
    const { without, ...rest } = how;
    const task = { ...this.#task(model, without, false), ...rest };
    const onPart = ({ path: at, done, total }: { path: string; done: number; total: number }) =>
      run.report(at, done, total);
    return this.#workers().run('writeAibom', task, { signal: run.signal, onPart, watchdogMs: patience });
  }

  /** Files changed on disk (absolute paths): models in whose folders they lie are read again, if anybody looks. */
  touched(files: readonly string[]): void {
    const told: string[] = [];
    for (const file of files) {
      const name = path.basename(file);
      if (this.#watched.has(file)) told.push(uriOfPath(file));
      if (isAibomName(name) || isSignatureName(name)) continue;
      for (const [folder, known] of this.#known) if (file.startsWith(`${folder}${path.sep}`)) known.stale = true;
    }
    for (const [aibom, folder] of this.#watched) if (this.#known.get(folder)?.stale) this.#read(folder, aibom);
    this.#tell(told);
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    await this.#pool?.close();
  }

  /** The model beside a bill of materials as far as it is known; reading begins where it is not. */
  #diskFor(file: string): { disk: ModelOnDisk | null; state: AibomReport['disk'] } {
    const folder = this.#modelBeside(file);
    if (folder === null) return { disk: null, state: 'nothing' };
    this.#watched.set(file, folder);
    const known = this.#known.get(folder);
    if (!known || known.stale) this.#read(folder, file);
    const { model = null, reading = true } = this.#known.get(folder) ?? {};
    return { disk: model, state: model ? 'compared' : reading ? 'comparing' : 'nothing' };
  }

  /** The folder of a bill of materials, where it holds a model. */
  #modelBeside(file: string): string | null {
    const beside = path.dirname(file);
    const folder = this.#folders.holding(file);
    if (!folder) return null;
    const within = relativePath(folder.path, beside);
    for (const { path: name, artifact } of folder.scanner.results().values()) {
      if (!artifact || !isModel(artifact)) continue;
      const holder = posix.dirname(name);
      // In the workspace's own folder only what lies in it directly: below it are other models.
      if (within === '' ? holder === '.' : holder === within || holder.startsWith(`${within}/`)) return beside;
    }
    return null;
  }

  #read(folder: string, aibom: string): void {
    const known = this.#known.get(folder) ?? { model: null, stale: true, reading: false };
    this.#known.delete(folder);
    this.#known.set(folder, known);
    for (const [oldest] of this.#known) {
      if (this.#known.size <= mostKnown) break;
      this.#known.delete(oldest);
    }
    if (known.reading) return;
    known.reading = true;
    const read = async () => {
      if (this.#disposed) return;
      known.stale = false;
      try {
        known.model = await this.#workers().run('readModel', this.#task(folder, [aibom], true), {
          watchdogMs: patience,
        });
      } catch (error) {
        known.model = null;
        if (!(error instanceof WeighbridgeError && error.code === 'cancelled'))
          this.#session.logFailure(`Could not read the model in ${folder}`, error);
      } finally {
        known.reading = false;
      }
      if (this.#disposed) return;
      this.#changed();
      this.#tell([...this.#watched].filter(([, of]) => of === folder).map(([file]) => uriOfPath(file)));
      if (known.stale) this.#read(folder, aibom);
    };
    // One at a time: a second one would only take the disk from the first.
    this.#reading = this.#reading.then(read, read);
  }

  #task(model: string, without: string[], mayUseCache: boolean): ModelTask {
    const folder: Folder = this.#folders.of(model);
    const { limits, maxFileSize, allowImports, rules } = folder.scanner.configuration;
    return { model, without, settings: { limits, maxFileSize, allowedImports: allowImports }, rules, mayUseCache };
  }

  #tell(uris: string[]): void {
    if (uris.length === 0 || !this.#session.wantsAiboms) return;
    void this.#session.connection.sendNotification(protocol.aibomChanged, { uris } satisfies protocol.AibomChanged);
  }

  /** One judges texts while another one reads a model. */
  #workers(): WorkerPool {
    return (this.#pool ??= new WorkerPool({ size: 2, memoryMiB: 512 }));
  }
}

/** The text of a bill of materials on disk. @throws {WeighbridgeError} `unreadable`. */
export function textOnDisk(file: string): string {
  try {
    const stat = statSync(onDisk(file));
    if (stat.isFile() && stat.size <= longestDocument) return readFileSync(onDisk(file), 'utf8');
  } catch (cause) {
    throw new WeighbridgeError('unreadable', `${path.basename(file)} cannot be read.`, { cause });
  }
  throw new WeighbridgeError(
    'unreadable',
    `${path.basename(file)} is no bill of materials: it is too long, or no file.`,
  );
}
