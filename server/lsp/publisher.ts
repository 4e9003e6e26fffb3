import { createHash } from 'node:crypto';
import type { FileResult } from '../engine/report.ts';
import type { Finding } from '../rules/finding.ts';
import { pathOfUri, relativePath, uriOfPath } from './address.ts';
import { toDiagnostic, toMistakeDiagnostic, type Usage } from './diagnostics.ts';
import type { Folder } from './folder.ts';
import type { Notebooks } from './notebooks.ts';
import type { Judgement, OpenDocuments } from './openDocuments.ts';
import type { Session } from './session.ts';
import { Usages } from './usages.ts';
import type { Diagnostic } from 'vscode-languageserver/node';

/** Results come in bursts. */
const settleMs = 50;

/**
 * Decides which diagnostics go to the client, and by which way.
 *
 * Files that are not open are always pushed. Open documents are answered when the client asks for them (pull), or
 * pushed when it cannot ask; never both, so that no finding is shown twice.
 */
export class Publisher {
  /** What gates say of a file (absolute), beside what rules say. */
  decisions: (path: string) => Diagnostic[] = () => [];
  readonly #session: Session;
  readonly #documents: OpenDocuments;
  readonly #notebooks: Notebooks;
  /** Addresses whose pushed diagnostics are not empty, with a digest: what did not change is not sent again. */
  readonly #pushed = new Map<string, string>();
  readonly #usages = new Map<Folder, Usages>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  /** Open documents that are being judged, and whether they have to be judged once more when that is done. */
  readonly #judging = new Map<string, { again: boolean }>();
  #refresh: NodeJS.Timeout | undefined;

  constructor(session: Session, documents: OpenDocuments, notebooks: Notebooks) {
    this.#session = session;
    this.#documents = documents;
    this.#notebooks = notebooks;
  }

  /** Results of files as they are on disk. */
  results(folder: Folder, results: FileResult[]): void {
    const usages = this.#usagesOf(folder);
    const told = new Set<string>();
    const touched = new Set<string>();
    let artifacts = false;
    for (const result of results) {
      told.add(result.path);
      if (result.artifact) artifacts = true;
      else for (const artifact of usages.note(folder, result.path, result.findings)) touched.add(artifact);
    }
    for (const path of told) this.#pushFile(folder, path);
    // An artifact's diagnostics name the lines that use it.
    for (const path of touched) if (!told.has(path)) this.#pushFile(folder, path);
    const isOpen = (path: string) => this.#documents.isOpen(path) || this.#notebooks.isOpen(path);
    if (artifacts || results.some((result) => isOpen(folder.absolute(result.path)))) this.rejudgeOpen();
  }

  /** What open documents say may differ now, although nobody typed. */
  rejudgeOpen(): void {
    const open = [...this.#documents.paths(), ...this.#notebooks.paths()];
    if (!this.#session.pullsDiagnostics) {
      for (const path of open) this.#judgeSoon(path);
    } else if (this.#session.canRefreshDiagnostics && open.length > 0) {
      clearTimeout(this.#refresh);
      this.#refresh = setTimeout(() => void this.#session.connection.languages.diagnostics.refresh(), settleMs);
    }
  }

  /** A data file was scanned, or its records were marked. */
  dataScanned(folder: Folder, path: string): void {
    if (this.#documents.isOpen(path)) this.rejudgeOpen();
    else this.#pushFile(folder, relativePath(folder.path, path));
    this.#session.refreshLenses();
  }

  opened(path: string): void {
    if (this.#session.pullsDiagnostics) this.#push(this.#documents.uriOf(path), []);
    else void this.#judgeNow(path);
  }

  edited(path: string): void {
    if (!this.#session.pullsDiagnostics) void this.#judgeNow(path);
  }

  /** A notebook was opened: what is said of its cells is said there, and no longer of its file. */
  notebookOpened(path: string, folder: Folder): void {
    this.#pushFile(folder, relativePath(folder.path, path));
    this.edited(path);
  }

  cellClosed(uri: string): void {
    this.#push(uri, []);
  }

  notebookClosed(path: string, folder: Folder, cells: readonly string[]): void {
    for (const uri of cells) this.#push(uri, []);
    this.#pushFile(folder, relativePath(folder.path, path));
  }

  closed(uri: string, folder: Folder, path: string): void {
    clearTimeout(this.#timers.get(path));
    this.#timers.delete(path);
    if (uri !== uriOfPath(path)) this.#push(uri, []);
    this.#pushFile(folder, relativePath(folder.path, path));
  }

  /** Nothing of a folder that was closed stays. */
  forget(folder: Folder): void {
    this.#usages.delete(folder);
    for (const uri of [...this.#pushed.keys()]) {
      const path = pathOfUri(uri);
      if (path !== null && folder.contains(path)) this.#push(uri, []);
    }
  }

  /** Lines of texts that use an artifact (relative to the folder). */
  usages(folder: Folder, artifact: string): Usage[] {
    return this.#usages.get(folder)?.of(artifact) ?? [];
  }

  toDiagnostics(folder: Folder, findings: Finding[]): Diagnostic[] {
    const usages = this.#usagesOf(folder);
    return findings.map((finding) =>
      toDiagnostic(finding, {
        absolute: (relative) => folder.absolute(relative),
        usedBy: finding.location.line === null && finding.severity !== 'info' ? usages.of(finding.path) : [],
        related: this.#session.showsRelatedInformation,
      }),
    );
  }

  judgementDiagnostics(path: string, { folder, findings, mistakes, aibom, policy }: Judgement): Diagnostic[] {
    return [
      ...this.toDiagnostics(folder, findings),
      ...mistakes.map(toMistakeDiagnostic),
      ...aibom,
      ...policy,
      ...this.decisions(path),
    ];
  }

  /** What gates say of files (relative to the folder) has changed. */
  redecided(folder: Folder, files: Iterable<string>): void {
    for (const file of files) {
      if (this.#documents.isOpen(folder.absolute(file))) this.rejudgeOpen();
      else this.#pushFile(folder, file);
    }
  }

  dispose(): void {
    clearTimeout(this.#refresh);
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  #pushFile(folder: Folder, relative: string): void {
    const path = folder.absolute(relative);
    if (this.#documents.isOpen(path)) return;
    const known = this.#notebooks.ofFile(path, folder.result(path)?.findings ?? []);
    const findings = [...known, ...this.#documents.dataFindings(path, folder)];
    this.#push(uriOfPath(path), [...this.toDiagnostics(folder, findings), ...this.decisions(path)]);
  }

  #push(uri: string, diagnostics: Diagnostic[]): void {
    if (diagnostics.length === 0) {
      if (!this.#pushed.delete(uri)) return;
    } else {
      const digest = createHash('sha256').update(JSON.stringify(diagnostics)).digest('base64');
      if (this.#pushed.get(uri) === digest) return;
      this.#pushed.set(uri, digest);
    }
    void this.#session.connection.sendDiagnostics({ uri, diagnostics });
  }

  #judgeSoon(path: string): void {
    clearTimeout(this.#timers.get(path));
    this.#timers.set(
      path,
      setTimeout(() => void this.#judgeNow(path), settleMs),
    );
  }

  /** A keystroke is answered at once; those that come meanwhile are answered together when that is done. */
  async #judgeNow(path: string): Promise<void> {
    const running = this.#judging.get(path);
    if (running) {
      running.again = true;
      return;
    }
    const state = { again: true };
    this.#judging.set(path, state);
    try {
      while (state.again) {
        state.again = false;
        await this.#judgeAndPush(path);
      }
    } finally {
      this.#judging.delete(path);
    }
  }

  async #judgeAndPush(path: string): Promise<void> {
    if (this.#notebooks.isOpen(path)) return this.#judgeNotebook(path);
    const judged = await this.#session.guard(`Could not judge ${path}`, undefined, () => this.#documents.judge(path));
    // A newer version has its own judgement under way.
    if (judged?.superseded) return;
    if (!this.#documents.isOpen(path)) return;
    const uri = this.#documents.uriOf(path);
    this.#push(uri, judged ? this.judgementDiagnostics(path, judged) : []);
  }

  async #judgeNotebook(path: string): Promise<void> {
    const folder = this.#documents.folderOf(path);
    const byCell = await this.#session.guard(`Could not judge ${path}`, null, () => this.#notebooks.judge(path));
    for (const [uri, findings] of byCell ?? []) this.#push(uri, this.toDiagnostics(folder, findings));
  }

  #usagesOf(folder: Folder): Usages {
    let usages = this.#usages.get(folder);
    if (!usages) {
      usages = new Usages();
      this.#usages.set(folder, usages);
    }
    return usages;
  }
}
