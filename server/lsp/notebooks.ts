import { createHash } from 'node:crypto';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { NotebookCellKind, NotebookDocuments, type NotebookDocument } from 'vscode-languageserver/node';
import { joinCells, type JoinedCells } from '../formats/text/notebookCells.ts';
import type { Finding, FindingLocation, TextEdit } from '../rules/finding.ts';
import { pathOfUri } from './address.ts';
import type { Folder } from './folder.ts';
import type { Folders } from './folders.ts';

/** What clients call the notebooks that are kept as `.ipynb`. */
const jupyter = 'jupyter-notebook';

/** What the server asks to be told of notebooks: their Python cells, and those that editors take for a shell's (`%%bash`). */
export const notebookSync = {
  notebookSelector: [
    {
      notebook: { notebookType: jupyter, scheme: 'file' },
      cells: [{ language: 'python' }, { language: 'shellscript' }],
    },
  ],
  save: true,
};

/** What is said of the outputs of a notebook: an editor's cells do not hold them, so that the file's own findings count. */
const ofOutputs: ReadonlySet<string> = new Set(['secret/notebook-output']);

/** A code cell of an open notebook. */
export interface Cell {
  uri: string;
  /** Of the notebook's file, absolute. */
  path: string;
  folder: Folder;
  document: TextDocument;
}

interface OpenNotebook {
  notebook: NotebookDocument;
  path: string;
}

/** Notebooks that are open as notebooks: clients tell of their cells, and findings stand in them. */
export class Notebooks {
  readonly manager = new NotebookDocuments(TextDocument);
  readonly #folders: Folders;
  /** By path. */
  readonly #open = new Map<string, OpenNotebook>();
  /** What was last said of each cell, as a digest. */
  readonly #said = new Map<string, string>();

  constructor(folders: Folders) {
    this.#folders = folders;
    this.manager.onDidOpen((notebook) => {
      const path = pathOfUri(notebook.uri);
      if (path !== null) this.#open.set(path, { notebook, path });
    });
    this.manager.onDidClose((notebook) => {
      const path = pathOfUri(notebook.uri);
      if (path !== null) this.#open.delete(path);
      for (const { document } of notebook.cells) this.#said.delete(document);
    });
  }

  isOpen(path: string): boolean {
    return this.#open.has(path);
  }

  paths(): string[] {
    return [...this.#open.keys()];
  }

  /** Undefined for an address that is no open cell's. */
  cell(uri: string): Cell | undefined {
    const notebook = this.manager.findNotebookDocumentForCell(uri);
    const path = notebook ? pathOfUri(notebook.uri) : null;
    const document = this.manager.cellTextDocuments.get(uri);
    return path !== null && document ? { uri, path, folder: this.#folders.of(path), document } : undefined;
  }

  /**
   * Findings of an open notebook by the address of the cell that they stand in, with places in that cell.
   * @returns null when the notebook was closed or a cell changed meanwhile: the findings belong to a text that is no more.
   */
  async judge(path: string): Promise<Map<string, Finding[]> | null> {
    const documents = this.#documentsOf(path);
    const joined = joinCells(documents.map((document) => document.getText()));
    const versions = versionsOf(documents);
    const findings = await this.#folders.of(path).scanner.judgeCells(path, joined.text);
    if (!this.isOpen(path) || versionsOf(this.#documentsOf(path)) !== versions) return null;
    const byCell = new Map(documents.map(({ uri }): [string, Finding[]] => [uri, []]));
    for (const finding of findings) {
      const cell = cellAt(joined, finding.location.line ?? 1);
      const uri = documents[cell]?.uri;
      if (uri !== undefined) byCell.get(uri)?.push(inCell(finding, joined.starts[cell] ?? 1));
    }
    return byCell;
  }

  /** Whether what is said of any other cell than the one that was asked about is not what was said last. */
  othersChanged(byCell: ReadonlyMap<string, Finding[]>, asked: string): boolean {
    let changed = false;
    for (const [uri, findings] of byCell) {
      const digest = createHash('sha256').update(JSON.stringify(findings)).digest('base64');
      if (uri !== asked && this.#said.has(uri) && this.#said.get(uri) !== digest) changed = true;
      this.#said.set(uri, digest);
    }
    return changed;
  }

  /** Of the findings of the file, those that stay where they are while its cells are open. */
  ofFile(path: string, findings: Finding[]): Finding[] {
    return this.isOpen(path)
      ? findings.filter(({ ruleId, location }) => location.line === null || ofOutputs.has(ruleId))
      : findings;
  }

  #documentsOf(path: string): TextDocument[] {
    const cells = this.#open.get(path)?.notebook.cells ?? [];
    return cells.flatMap((cell) => {
      const document = cell.kind === NotebookCellKind.Code ? this.manager.getCellTextDocument(cell) : undefined;
      return document ? [document] : [];
    });
  }
}

function versionsOf(documents: readonly TextDocument[]): string {
  return documents.map(({ uri, version }) => `${uri} ${version}`).join('\n');
}

/** The index of the cell that a line of the joined text stands in. */
function cellAt({ starts }: JoinedCells, line: number): number {
  return Math.max(
    0,
    starts.findLastIndex((start) => start <= line),
  );
}

/** A finding with its places in the cell that begins on a line of the joined text. */
function inCell(finding: Finding, start: number): Finding {
  const by = 1 - start;
  const { edits, location } = finding;
  return {
    ...finding,
    location: movedLocation(location, by),
    ...(edits && {
      edits: edits.map((edit) => ({ ...edit, changes: edit.changes.map((each) => movedEdit(each, by)) })),
    }),
  };
}

function movedLocation(location: FindingLocation, by: number): FindingLocation {
  const { line, endLine } = location;
  return {
    ...location,
    line: line === null ? null : line + by,
    ...(endLine !== undefined && { endLine: endLine + by }),
  };
}

function movedEdit(edit: TextEdit, by: number): TextEdit {
  return { ...edit, line: edit.line + by, endLine: edit.endLine + by };
}
