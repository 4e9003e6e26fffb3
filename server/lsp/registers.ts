import { basename, posix } from 'node:path';
import type { DatasetState } from '../engine/datasetStates.ts';
import { registerNames } from '../datasets/registers/facts.ts';
import type { Folder } from './folder.ts';
import type { Folders } from './folders.ts';
import { Notice } from './notice.ts';
import * as protocol from './protocol.ts';
import type { Session } from './session.ts';

/** Answers the tree of datasets from what the scan knows; it hashes nothing itself. */
export class Registers {
  readonly #session: Session;
  readonly #folders: Folders;
  readonly #notice: Notice;

  constructor(session: Session, folders: Folders) {
    this.#session = session;
    this.#folders = folders;
    this.#notice = new Notice(() => void session.connection.sendNotification(protocol.datasetsChanged));
  }

  listen(): void {
    this.#session.connection.onRequest(protocol.datasets, () =>
      this.#session.guard('Could not list the datasets', [], () => this.entries()),
    );
  }

  changed(): void {
    if (this.#session.wantsDatasets) this.#notice.due();
  }

  async entries(): Promise<protocol.DatasetEntry[]> {
    const folders = this.#folders.all();
    const entries: protocol.DatasetEntry[] = [];
    for (const folder of folders) {
      const states = await folder.scanner.datasets();
      entries.push(...states.map((state) => entryOf(folder, state, folders.length > 1)));
    }
    return entries;
  }

  dispose(): void {
    this.#notice.dispose();
  }
}

/** What a state is to a person. */
export function standingOf({ state }: DatasetState): protocol.DatasetStanding {
  switch (state) {
    case 'mismatch':
    case 'missing':
      return 'mismatch';
    case 'unregistered':
      return 'unregistered';
    case 'no-digest':
      return 'described';
    default:
      return 'registered';
  }
}

const sentences: Record<DatasetState['state'], string> = {
  verified: 'It is what was recorded, byte for byte.',
  mismatch: 'It is not what was recorded.',
  missing: 'It is recorded, and not there.',
  'not-fetched': 'It was not fetched: a pointer of Git LFS stands in its place.',
  'no-digest': 'Registers describe it, and hold no hash of it.',
  unknown: 'It is registered, and has not been compared yet.',
  unregistered: 'A config or script uses it, and nothing records what it is.',
};

function entryOf(folder: Folder, state: DatasetState, several: boolean): protocol.DatasetEntry {
  const name = basename(folder.path);
  return {
    uri: folder.uri(state.path === '.' ? '' : state.path),
    label: state.path === '.' ? name : several ? `${name}/${state.path}` : state.path,
    isFolder: state.isFolder,
    standing: standingOf(state),
    text: sentences[state.state],
    verified: state.state === 'verified',
    ingestedBy: state.ingestedBy,
    ingestedAt: state.ingestedAt,
    source: state.source,
    validation: state.validation,
    records: state.records.map((record) => ({
      uri: folder.uri(record.path),
      name: posix.basename(record.path),
      kind: registerNames[record.kind],
      line: record.line,
      text: sentences[record.state],
    })),
  };
}
