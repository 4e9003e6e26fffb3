import { createHash } from 'node:crypto';
import type { FileResult } from '../engine/report.ts';
import type { Finding } from '../rules/finding.ts';
import { pathOfUri, relativePath, uriOfPath } from './address.ts';
import { toDiagnostic, toMistakeDiagnostic, type Usage } from './diagnostics.ts';
import type { Folder } from './folder.ts';
import type { Judgement, OpenDocuments } from './openDocuments.ts';
import type { Session } from './session.ts';
import { Usages } from './usages.ts';
import type { Diagnostic } from 'vscode-languageserver/node';

/** Keystrokes come in bursts; so do results. */
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
  /** Addresses whose pushed diagnostics are not empty, with a digest: what did not change is not sent again. */
  readonly #pushed = new Map<string, string>();
  readonly #usages = new Map<Folder, Usages>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  /** Of judgements of open documents, in the order in which they began; and the one of each path that was pushed last. */
  #turn = 0;
  readonly #shown = new Map<string, number>();
  #refresh: NodeJS.Timeout | undefined;

  constructor(session: Session, documents: OpenDocuments) {
    this.#session = session;
    this.#documents = documents;
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
    if (artifacts || results.some((result) => this.#documents.isOpen(folder.absolute(result.path)))) this.rejudgeOpen();
  }

  /** What open documents say may differ now, although nobody typed. */
  rejudgeOpen(): void {
    if (!this.#session.pullsDiagnostics) {
      for (const path of this.#documents.paths()) this.#judgeSoon(path);
    } else if (this.#session.canRefreshDiagnostics && this.#documents.paths().length > 0) {
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
    else this.#judgeSoon(path);
  }

  edited(path: string): void {
    if (!this.#session.pullsDiagnostics) this.#judgeSoon(path);
  }

  closed(uri: string, folder: Folder, path: string): void {
    clearTimeout(this.#timers.get(path));
    this.#timers.delete(path);
    this.#shown.delete(path);
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
    const findings = [...(folder.result(path)?.findings ?? []), ...this.#documents.dataFindings(path, folder)];
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
      setTimeout(() => void this.#judgeAndPush(path), settleMs),
    );
  }

  async #judgeAndPush(path: string): Promise<void> {
    const turn = ++this.#turn;
    const judged = await this.#session.guard(`Could not judge ${path}`, undefined, () => this.#documents.judge(path));
    // A newer version has its own judgement under way.
    if (judged?.superseded) return;
    if (!this.#documents.isOpen(path)) return;
    // Two workers may judge the same text by what was known earlier and by what is known now, and end in either order.
    if (turn < (this.#shown.get(path) ?? 0)) return;
    this.#shown.set(path, turn);
    const uri = this.#documents.uriOf(path);
    this.#push(uri, judged ? this.judgementDiagnostics(path, judged) : []);
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
