import {
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  type FileEvent,
} from 'vscode-languageserver/node';
import { pathOfUri } from './address.ts';
import type { Folder } from './folder.ts';
import type { Folders } from './folders.ts';
import type { Session } from './session.ts';

/** Asks the client to tell of changed files and settings, where it can. */
export async function registerWatchers(session: Session): Promise<void> {
  const { client } = session.connection;
  if (session.canRegisterWatchers) {
    // A model can have any name, so every file counts; the scanner knows which ones are excluded.
    await client.register(DidChangeWatchedFilesNotification.type, { watchers: [{ globPattern: '**/*' }] });
  }
  if (session.canRegisterConfiguration) {
    await client.register(DidChangeConfigurationNotification.type, { section: 'weighbridge' });
  }
}

/** Hands changed files to the folders that hold them. */
export function filesChanged(events: FileEvent[], folders: Folders): void {
  const perFolder = new Map<Folder, string[]>();
  for (const event of events) {
    const path = pathOfUri(event.uri);
    const folder = path === null ? undefined : folders.holding(path);
    if (path === null || !folder) continue;
    perFolder.set(folder, [...(perFolder.get(folder) ?? []), path]);
  }
  for (const [folder, paths] of perFolder) folder.changed(paths);
}
