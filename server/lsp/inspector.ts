import path from 'node:path';
import { LSPErrorCodes, ResponseError } from 'vscode-languageserver/node';
import { FileSource } from '../files/fileSource.ts';
import { openEntry } from '../formats/inspect.ts';
import { disassemble } from '../formats/pickle/disassemble.ts';
import type { Limits } from '../formats/limits.ts';
import type { ByteSource } from '../formats/source.ts';
import { WeighbridgeError } from '../errors.ts';
import type { FileInspection } from '../engine/fileWork.ts';
import { pathOfUri } from './address.ts';
import type { Finding } from '../rules/finding.ts';
import type { ServerContext } from './context.ts';
import { pageAround, type Listing } from './disassemblyPage.ts';
import { describeInspection } from './inspectionResult.ts';
import { archivePage } from './archivePage.ts';
import { withStack } from '../formats/pickle/symbolicStack.ts';
import { withNotes } from './disassemblyNotes.ts';
import { graphPage } from './graphPage.ts';
import { histogramOf } from './histogram.ts';
import { TensorTable, tensorsOf } from './tensorPage.ts';
import { withTemplateTexts } from './templateTexts.ts';
import { requireFields, type Fields } from './parameters.ts';
import * as protocol from './protocol.ts';

/** Files whose facts are kept, so that turning a page costs no new reading. */
const filesKept = 4;
const rowsAtMost = 1000;

/** Entries are opened in this process: shorter than what an inspection in a worker may take. */
const openMs = 2_000;

interface Opened {
  inspection: Promise<FileInspection>;
  listings: Map<string, Listing>;
  tensors?: TensorTable;
}

/** Answers the Model Inspector. */
export class Inspector {
  readonly #context: ServerContext;
  /** By path, the one used last at the end. */
  readonly #opened = new Map<string, Opened>();

  constructor(context: ServerContext) {
    this.#context = context;
  }

  listen(): void {
    const { connection } = this.#context.session;
    const answer = <P, R extends object>(method: string, fields: Fields, work: (params: P) => Promise<R>) =>
      connection.onRequest<R, unknown>(method, (params: P) => {
        requireFields(method, params, fields);
        return this.#plainly(method, () => work(params)) as Promise<never>;
      });
    const uri = 'string';
    const entry = 'string';
    const from = 'number';
    const count = 'number';
    answer(protocol.inspect, { uri }, (params: protocol.InspectParams) => this.#inspect(params));
    answer(protocol.tensors, { uri, from, count, filter: 'string' }, (params: protocol.TensorsParams) =>
      this.#tensors(params),
    );
    answer(protocol.histogram, { uri, index: 'number' }, (params: protocol.HistogramParams) => this.#histogram(params));
    answer(protocol.archive, { uri, entry }, (params: protocol.ArchiveParams) => this.#archive(params));
    answer(protocol.graph, { uri, entry }, (params: protocol.GraphParams) => this.#graph(params));
    answer(protocol.disassemble, { uri, entry, from, count }, (params: protocol.DisassembleParams) =>
      this.#disassemble(params),
    );
  }

  /** What a file is, read anew only where that is not known. */
  inspection(file: string): Promise<FileInspection> {
    return this.#open(file).inspection;
  }

  /** The workspace's findings know more than the file alone: the configuration's severities, what is accepted. */
  findings(file: string, inspected: FileInspection): Finding[] {
    const known = this.#context.folders.of(file).result(file)?.findings;
    return [...(known ?? inspected.findings)].sort(bySeverity);
  }

  /** Files that were inspected again (absolute): views of them ask anew. */
  forget(paths: string[]): void {
    const shown = paths.filter((path) => this.#opened.delete(path));
    if (shown.length === 0) return;
    const changed: protocol.ArtifactChanged = { uris: shown.map((path) => this.#context.documents.uriOf(path)) };
    void this.#context.session.connection.sendNotification(protocol.artifactChanged, changed);
  }

  /** A failure reaches the view as one sentence; what only a developer can read goes to the log. */
  async #plainly<R>(method: string, work: () => Promise<R>): Promise<R> {
    try {
      return await work();
    } catch (error) {
      this.#context.session.logFailure(`Could not answer ${method}`, error);
      const known = error instanceof WeighbridgeError;
      const gone = known && error.code === 'not-found';
      const words = gone ? 'This file is no longer there.' : known ? error.message : 'This file cannot be shown.';
      throw new ResponseError(LSPErrorCodes.RequestFailed, words);
    }
  }

  async #inspect({ uri }: protocol.InspectParams): Promise<protocol.InspectResult> {
    const file = fileOf(uri);
    this.#opened.delete(file);
    const inspected = await this.#open(file).inspection;
    const findings = this.findings(file, inspected);
    const result = describeInspection(path.basename(file), inspected, findings, this.#context.session.trusted);
    return withTemplateTexts(result, inspected.inspection.parts, (entry, use) => this.#withEntry(file, entry, use));
  }

  async #tensors({ uri, ...page }: protocol.TensorsParams): Promise<protocol.TensorsResult> {
    const opened = this.#open(fileOf(uri));
    const { inspection } = await opened.inspection;
    opened.tensors ??= new TensorTable(inspection.parts);
    return opened.tensors.page(page);
  }

  async #histogram({ uri, index }: protocol.HistogramParams): Promise<protocol.HistogramResult> {
    const file = fileOf(uri);
    const { inspection } = await this.#open(file).inspection;
    const placed = tensorsOf(inspection.parts)[index];
    const { tensor, part } = placed ?? {};
    const offset = tensor?.offset;
    const little = part?.kind !== 'torch' || part.byteOrder === 'little';
    const result =
      tensor && part && offset !== undefined
        ? this.#withEntry(file, part.entry, (source) => histogramOf(source, { ...tensor, offset }, little))
        : null;
    if (!result) throw new WeighbridgeError('unreadable', 'The values of this tensor cannot be read in place.');
    return result;
  }

  async #archive({ uri, entry }: protocol.ArchiveParams): Promise<protocol.ArchiveResult> {
    const file = fileOf(uri);
    const { inspection } = await this.#open(file).inspection;
    const facts = inspection.parts.find((part) => part.kind === 'archive' && part.entry === entry);
    if (facts?.kind !== 'archive') throw new WeighbridgeError('not-found', `There is no archive ${entry} to show.`);
    return this.#withEntry(file, entry, (source, limits) => archivePage(facts, source, limits));
  }

  async #graph({ uri, entry }: protocol.GraphParams): Promise<protocol.GraphResult> {
    const file = fileOf(uri);
    const { inspection } = await this.#open(file).inspection;
    const known = inspection.parts.some(
      (part) => part.kind === 'graph' && part.format === 'onnx' && part.entry === entry,
    );
    if (!known) throw new WeighbridgeError('not-found', `There is no graph ${entry} to draw.`);
    return this.#withEntry(file, entry, graphPage);
  }

  async #disassemble(params: protocol.DisassembleParams): Promise<protocol.DisassembleResult> {
    const file = fileOf(params.uri);
    const opened = this.#open(file);
    const { inspection } = await opened.inspection;
    const pickle = inspection.parts.find((part) => part.kind === 'pickle' && part.entry === params.entry);
    if (pickle?.kind !== 'pickle') {
      throw new WeighbridgeError('not-found', `There is no pickle ${params.entry || 'in this file'} to show.`);
    }
    const listing = opened.listings.get(params.entry) ?? { starts: [0] };
    opened.listings.set(params.entry, listing);
    const count = Math.max(1, Math.min(params.count, rowsAtMost));
    const page = this.#withEntry(file, params.entry, (source) => {
      const found =
        params.around === true
          ? pageAround(source, listing, params.from, count)
          : { ...disassemble(source, params.from, count), previous: null };
      return { ...found, rows: withStack(source, found.rows) };
    });
    return { ...page, rows: withNotes(page.rows, pickle) };
  }

  #withEntry<T>(file: string, entry: string, use: (source: ByteSource, limits: Limits) => T): T {
    const source = new FileSource(file);
    try {
      const { limits: whole } = this.#context.folders.of(file).scanner.configuration;
      const limits = { ...whole, timeMs: openMs };
      const opened = openEntry(source, path.basename(file), entry, limits);
      if (!opened) throw new WeighbridgeError('unreadable', `${entry} cannot be opened within the limits.`);
      return use(opened, limits);
    } finally {
      source.close();
    }
  }

  #open(file: string): Opened {
    const known = this.#opened.get(file);
    this.#opened.delete(file);
    const opened = known ?? {
      inspection: this.#context.folders.of(file).scanner.files.inspectFile(file),
      listings: new Map<string, Listing>(),
    };
    this.#opened.set(file, opened);
    // A failure must not stick: the next question tries again.
    opened.inspection.catch(() => this.#opened.delete(file));
    for (const oldest of [...this.#opened.keys()].slice(0, -filesKept)) this.#opened.delete(oldest);
    return opened;
  }
}

function bySeverity(a: Finding, b: Finding): number {
  const rank = { error: 0, warning: 1, info: 2 };
  return rank[a.severity] - rank[b.severity];
}

function fileOf(uri: string): string {
  const file = pathOfUri(uri);
  if (file === null) throw new WeighbridgeError('bad-usage', 'Only files on this machine can be inspected.');
  return file;
}
