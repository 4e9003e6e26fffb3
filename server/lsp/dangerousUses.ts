import { uriOfPath } from './address.ts';
import type { Folder } from './folder.ts';
import type { Folders } from './folders.ts';
import { dangerInUse, type DangerInUse } from './protocol.ts';
import type { Publisher } from './publisher.ts';
import type { Session } from './session.ts';

/** Results of one edit come in several parts; one message serves them. */
const settleMs = 250;

/**
 * Tells the client when a config or a script of the workspace loads what must not be loaded: the one thing that is worth
 * an interruption. Each file is told of once; what is dangerous and unused is told quietly, in the places for it.
 */
export class DangerousUses {
  readonly #session: Session;
  readonly #folders: Folders;
  readonly #publisher: Publisher;
  /** Addresses. */
  readonly #told = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(session: Session, folders: Folders, publisher: Publisher) {
    this.#session = session;
    this.#folders = folders;
    this.#publisher = publisher;
  }

  changed(): void {
    if (!this.#session.wantsDangerInUse) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), settleMs);
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }

  #look(): void {
    const folders = this.#folders.all();
    // The end of a scan is a change, too: then everything is known, and told in one message.
    if (folders.some(({ progress }) => progress !== null)) return;
    const files = folders.flatMap((folder) => this.#newIn(folder));
    for (const { uri } of files) this.#told.add(uri);
    const danger: DangerInUse = { files };
    if (files.length > 0) void this.#session.connection.sendNotification(dangerInUse, danger);
  }

  #newIn(folder: Folder): DangerInUse['files'] {
    const files: DangerInUse['files'] = [];
    for (const { path, artifact, findings } of folder.scanner.results().values()) {
      const worst = artifact && findings.find(({ severity }) => severity === 'error');
      if (!worst || this.#told.has(folder.uri(path))) continue;
      const [use] = this.#publisher.usages(folder, path);
      if (!use) continue;
      const usedBy = { uri: uriOfPath(use.path), line: use.line };
      files.push({ uri: folder.uri(path), message: worst.message, usedBy });
    }
    return files;
  }
}
