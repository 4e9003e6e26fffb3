import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** What a refresh writes. */
export interface RefreshedRoot {
  /** ISO 8601, UTC. */
  refreshedAt: string;
  trustedRoot: unknown;
}

/** What the last refresh left, and why it cannot be used where that is so. */
export function readRefreshedRoot(environment: NodeJS.ProcessEnv): {
  root: RefreshedRoot | null;
  problem: string | null;
} {
  const file = refreshedRootFile(environment);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const absent = ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
    return { root: null, problem: absent ? null : unusable(file, (error as Error).message) };
  }
  try {
    const { refreshedAt, trustedRoot } = JSON.parse(text) as Partial<RefreshedRoot>;
    if (typeof refreshedAt !== 'string' || Number.isNaN(Date.parse(refreshedAt)) || typeof trustedRoot !== 'object') {
      throw new Error('it is not what a refresh writes');
    }
    return { root: { refreshedAt, trustedRoot }, problem: null };
  } catch (error) {
    return { root: null, problem: unusable(file, (error as Error).message) };
  }
}

function unusable(file: string, why: string): string {
  return `the refreshed trusted root ${file} cannot be used (${why}): refresh it, or delete it`;
}

/** Where a refresh writes to. */
export function refreshedRootFile(environment: NodeJS.ProcessEnv): string {
  return join(dataFolder(environment), 'trusted-root.json');
}

/** Not the cache folder: whoever empties that must not change what is trusted. */
export function dataFolder({ XDG_DATA_HOME, LOCALAPPDATA }: NodeJS.ProcessEnv): string {
  // The specification of these variables wants relative ones to be passed over.
  if (XDG_DATA_HOME && isAbsolute(XDG_DATA_HOME)) return join(XDG_DATA_HOME, 'weighbridge');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Weighbridge');
  if (process.platform === 'win32')
    return join(LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'Weighbridge', 'Data');
  return join(homedir(), '.local', 'share', 'weighbridge');
}
