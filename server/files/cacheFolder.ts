import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where this user's programs keep what they can compute again; ours is a folder in it. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = environment;
  return join(XDG_CACHE_HOME || systemFolder(LOCALAPPDATA), 'weighbridge');
}

function systemFolder(localAppData: string | undefined): string {
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches');
  if (process.platform === 'win32') return localAppData ?? join(homedir(), 'AppData', 'Local');
  return join(homedir(), '.cache');
}
