import path from 'node:path';
import { Folder, type FolderEvents } from './folder.ts';
import { pathOfUri } from './address.ts';
import type { Session } from './session.ts';

/** The workspace folders, which come and go while the server runs. */
export class Folders {
  readonly #session: Session;
  readonly #events: FolderEvents;
  readonly #folders = new Map<string, Folder>();
  /** Folders of files that are open outside the workspace. */
  readonly #loose = new Map<string, Folder>();

  constructor(session: Session, events: FolderEvents) {
    this.#session = session;
    this.#events = events;
  }

  /** @returns the folder, or null when the address is not that of a local folder or is there already. */
  add(uri: string): Folder | null {
    const folder = pathOfUri(uri);
    if (folder === null || this.#folders.has(folder)) return null;
    const added = this.#open(folder, false);
    this.#folders.set(folder, added);
    return added;
  }

  remove(uri: string): Folder | null {
    const key = pathOfUri(uri);
    const folder = key === null ? undefined : this.#folders.get(key);
    if (!folder) return null;
    this.#folders.delete(folder.path);
    return folder;
  }

  all(): Folder[] {
    return [...this.#folders.values()];
  }

  everything(): Folder[] {
    return [...this.#folders.values(), ...this.#loose.values()];
  }

  /** The innermost workspace folder that holds a path. */
  holding(absolute: string): Folder | undefined {
    const holding = this.all().filter((folder) => folder.contains(absolute));
    return holding.sort((a, b) => b.path.length - a.path.length)[0];
  }

  /** As `holding`; for a path outside the workspace, a folder of its own in which nothing else is scanned. */
  of(absolute: string): Folder {
    const folder = this.holding(absolute);
    if (folder) return folder;
    const around = path.dirname(absolute);
    let loose = this.#loose.get(around);
    if (!loose) {
      loose = this.#open(around, true);
      this.#loose.set(around, loose);
    }
    return loose;
  }

  async dispose(): Promise<void> {
    await Promise.all(this.everything().map((folder) => folder.dispose()));
  }

  #open(folder: string, loose: boolean): Folder {
    return new Folder(
      { path: folder, loose, trusted: () => this.#session.trusted, settings: () => this.#session.settings },
      this.#events,
    );
  }
}
