import { posix } from 'node:path';
import { unsigned as unsignedRule } from '../rules/model/unsigned.ts';
import type { Severity } from '../rules/finding.ts';
import type { Folder } from './folder.ts';
import type { Folders } from './folders.ts';
import { isModel } from './models.ts';
import { Notice } from './notice.ts';
import { statusChanged, type SignedFileStanding, type Status } from './protocol.ts';
import type { Session } from './session.ts';
import { differingFiles, Standings } from './signing/standing.ts';

const namedFiles = 1000;

/** Tells the client what the server is doing, when the client asked to be told. */
export class StatusReporter {
  readonly #session: Session;
  readonly #folders: Folders;
  readonly #notice: Notice;
  #started = false;

  constructor(session: Session, folders: Folders) {
    this.#session = session;
    this.#folders = folders;
    this.#notice = new Notice(() => void session.connection.sendNotification(statusChanged, this.current()));
  }

  /** From the first scan on, an idle server is ready; before it, or without one, it is off. */
  started(): void {
    this.#started = true;
    this.changed();
  }

  changed(): void {
    if (this.#session.wantsStatus) this.#notice.due();
  }

  current(): Status {
    const folders = this.#folders.all();
    const busy = folders.filter((folder) => folder.progress !== null);
    const counts: Record<Severity, number> = { error: 0, warning: 0, info: 0 };
    const dangerous: string[] = [];
    const unsigned: string[] = [];
    const signed: SignedFileStanding[] = [];
    let artifacts = 0;
    for (const folder of folders) {
      const unvouched = unsignedDirectories(folder);
      const standings = new Standings(folder);
      for (const signature of folder.scanner.signatures()) {
        for (const { path, text } of differingFiles(signature)) {
          if (!isModelAt(folder, path)) signed.push({ uri: folder.uri(path), state: 'outdated', text });
        }
      }
      for (const result of folder.scanner.results().values()) {
        for (const finding of result.findings) counts[finding.severity]++;
        if (!result.artifact) continue;
        artifacts++;
        if (result.findings.some((finding) => finding.severity === 'error')) dangerous.push(folder.uri(result.path));
        if (unvouched.has(posix.dirname(result.path)) && isModel(result.artifact))
          unsigned.push(folder.uri(result.path));
        const standing = isModel(result.artifact) ? standings.of(result.path) : null;
        if (standing) signed.push({ uri: folder.uri(result.path), ...standing });
      }
    }
    const message = folders.map((folder) => folder.failure ?? folder.configurationError).find((text) => text !== null);
    return {
      state: busy.length > 0 ? 'scanning' : folders.some(hasFailed) ? 'failed' : this.#started ? 'ready' : 'off',
      scanned: sum(busy, (folder) => folder.progress?.done ?? 0),
      total: sum(busy, (folder) => folder.progress?.total ?? 0),
      artifacts,
      dangerous: dangerous.length,
      dangerousFiles: dangerous.slice(0, namedFiles),
      unsignedFiles: unsigned.slice(0, namedFiles),
      signedFiles: signed.slice(0, namedFiles),
      counts,
      unreadable: sum(folders, (folder) => folder.unreadable),
      restricted: !this.#session.trusted,
      message: message ?? null,
    };
  }

  dispose(): void {
    this.#notice.dispose();
  }
}

/** Directories (relative) of which the rules say that nothing vouches for their models. */
function unsignedDirectories(folder: Folder): Set<string> {
  const directories = new Set<string>();
  for (const { path, findings } of folder.scanner.results().values()) {
    if (findings.some(({ ruleId }) => ruleId === unsignedRule.meta.id)) directories.add(path);
  }
  return directories;
}

function isModelAt(folder: Folder, path: string): boolean {
  const artifact = folder.scanner.results().get(path)?.artifact;
  return artifact ? isModel(artifact) : false;
}

function hasFailed(folder: Folder): boolean {
  return folder.failure !== null;
}

function sum(folders: Folder[], of: (folder: Folder) => number): number {
  return folders.reduce((total, folder) => total + of(folder), 0);
}
