import { basename } from 'node:path';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { TextDocuments, type Diagnostic } from 'vscode-languageserver/node';
import { configurationFileName } from '../engine/configuration.ts';
import { checkConfiguration, type ConfigurationMistake } from '../engine/configurationFile.ts';
import type { Finding } from '../rules/finding.ts';
import { pathOfUri, uriOfPath } from './address.ts';
import { aibomDiagnostics } from './aibom/aibomDiagnostics.ts';
import type { Aiboms } from './aibom/aiboms.ts';
import type { DatasetScans } from './datasets/datasetScans.ts';
import type { Folder } from './folder.ts';
import type { Folders } from './folders.ts';
import type { Notebooks } from './notebooks.ts';

export const isPolicy = (path: string): boolean => path.endsWith('.rego');

export interface Judgement {
  folder: Folder;
  findings: Finding[];
  /** Of a `weighbridge.yaml`: what is wrong with it. */
  mistakes: ConfigurationMistake[];
  /** Of a policy: what its compiler says. */
  policy: Diagnostic[];
  /** True when the text changed or was closed meanwhile: the findings belong to a text that is no more. */
  superseded: boolean;
  /** Of a bill of materials: what is wrong with it, at its places. */
  aibom: Diagnostic[];
}

/** The texts that are open in the editor, saved or not. */
export class OpenDocuments {
  readonly manager = new TextDocuments(TextDocument);
  /** Checks a policy; null where a newer check has begun. */
  checkPolicy: (path: string, document: TextDocument) => Promise<Diagnostic[] | null> = () => Promise.resolve([]);
  readonly #folders: Folders;
  readonly #aiboms: Aiboms;
  readonly #datasets: DatasetScans;
  readonly #notebooks: Notebooks;
  /** Path to the address as the client spells it. */
  readonly #uris = new Map<string, string>();

  constructor(folders: Folders, aiboms: Aiboms, datasets: DatasetScans, notebooks: Notebooks) {
    this.#folders = folders;
    this.#aiboms = aiboms;
    this.#datasets = datasets;
    this.#notebooks = notebooks;
    this.manager.onDidOpen(({ document }) => {
      const path = pathOfUri(document.uri);
      if (path !== null) this.#uris.set(path, document.uri);
    });
    this.manager.onDidClose(({ document }) => {
      const path = pathOfUri(document.uri);
      if (path !== null) this.#uris.delete(path);
    });
  }

  folderOf(path: string): Folder {
    return this.#folders.of(path);
  }

  paths(): string[] {
    return [...this.#uris.keys()];
  }

  isOpen(path: string): boolean {
    return this.#uris.has(path);
  }

  /** The client's own spelling of an open document's address; otherwise the ordinary one. */
  uriOf(path: string): string {
    return this.#uris.get(path) ?? uriOfPath(path);
  }

  get(path: string): TextDocument | undefined {
    return this.manager.get(this.uriOf(path));
  }

  /** An open text, or a cell of an open notebook, with the path of the file that it stands in. */
  at(uri: string): { path: string; document: TextDocument } | undefined {
    const cell = this.#notebooks.cell(uri);
    if (cell) return cell;
    const path = pathOfUri(uri);
    const document = path === null ? undefined : this.get(path);
    return path !== null && document ? { path, document } : undefined;
  }

  /**
   * Findings at an address: of a file, open or not, or of a cell of an open notebook, with their places in that cell.
   * @returns undefined for an address of neither.
   */
  async findingsAt(uri: string): Promise<{ path: string; folder: Folder; findings: Finding[] } | undefined> {
    const cell = this.#notebooks.cell(uri);
    if (cell) {
      const { path, folder } = cell;
      return { path, folder, findings: (await this.#notebooks.judge(path))?.get(uri) ?? [] };
    }
    const path = pathOfUri(uri);
    if (path === null) return undefined;
    const folder = this.#folders.of(path);
    return { path, folder, findings: await this.findings(path, folder) };
  }

  /**
   * Findings in an open document as it stands in the editor.
   * @returns undefined when it is not open.
   */
  async judge(path: string): Promise<Judgement | undefined> {
    const document = this.get(path);
    if (!document) return undefined;
    const folder = this.#folders.of(path);
    const version = document.version;
    const findings = await this.findings(path, folder);
    const isConfiguration = basename(path) === configurationFileName;
    const mistakes = isConfiguration ? checkConfiguration(document.getText(), path).mistakes : [];
    const aibom = await aibomDiagnostics(this.#aiboms, path, document);
    const policy = isPolicy(path) ? await this.checkPolicy(path, document) : [];
    const superseded = policy === null || this.get(path)?.version !== version;
    return { folder, findings, mistakes, aibom, policy: policy ?? [], superseded };
  }

  /** What scans for poisoning found in a file that is not open. */
  dataFindings(path: string, folder: Folder): Finding[] {
    return this.#datasets.findings(path, folder);
  }

  /** Findings of a file: of the buffer where it is open as a text, otherwise as the last scan saw it. */
  async findings(path: string, folder: Folder): Promise<Finding[]> {
    const document = this.get(path);
    const known = folder.result(path);
    // A checkpoint that an editor shows as text is still judged by its bytes.
    const ofData = this.#datasets.findings(path, folder, document?.getText());
    if (!document || known?.artifact) return [...(known?.findings ?? []), ...ofData];
    return [...(await folder.scanner.judgeBuffer(path, document.getText())), ...ofData];
  }
}
