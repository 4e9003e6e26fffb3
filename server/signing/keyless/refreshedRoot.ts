// The trusted root of the public instance, fetched by The Update Framework when somebody asks for it, and never by itself.
import { mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { WeighbridgeError } from '../../errors.ts';
import { replaceFile } from '../../files/replaceFile.ts';
import { reasonOf } from './secrets.ts';

interface RefreshedRoot {
  /** ISO 8601, UTC. */
  refreshedAt: string;
  trustedRoot: unknown;
}

export interface RefreshOptions {
  environment?: NodeJS.ProcessEnv;
  /** Another repository than the public one, with the path of its first `root.json`, which is trusted as it stands. */
  mirror?: { url: string; rootPath: string };
  now?: Date;
}

/**
 * Fetches the current trusted root; every later verification uses it.
 * @returns where it was written.
 * @throws {WeighbridgeError} `unreachable`: no answer, or metadata that is not properly signed; `unwritable`.
 */
export async function refreshTrustedRoot({
  environment = process.env,
  mirror,
  now = new Date(),
}: RefreshOptions = {}): Promise<string> {
  const folder = dataFolder(environment);
  const file = rootFile(environment);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new WeighbridgeError('unwritable', `Cannot write ${folder}: ${(cause as Error).message}.`, { cause });
  }
  const [{ getTrustedRoot }, { TrustedRoot }] = await Promise.all([
    import('@sigstore/tuf'),
    import('@sigstore/protobuf-specs'),
  ]);
  let trustedRoot;
  try {
    trustedRoot = await getTrustedRoot({
      cachePath: join(folder, 'tuf'),
      ...(mirror === undefined ? {} : { mirrorURL: mirror.url, rootPath: mirror.rootPath }),
    });
  } catch (error) {
    throw new WeighbridgeError(
      'unreachable',
      `Cannot refresh the trusted root, so the one at hand stays: ${reasonOf(error)}.`,
    );
  }
  const refreshed: RefreshedRoot = { refreshedAt: now.toISOString(), trustedRoot: TrustedRoot.toJSON(trustedRoot) };
  replaceFile(file, `${JSON.stringify(refreshed, null, 2)}\n`);
  return file;
}

/** What the last refresh left, and why it cannot be used where that is so. */
export function readRefreshedRoot(environment: NodeJS.ProcessEnv): {
  root: RefreshedRoot | null;
  problem: string | null;
} {
  const file = rootFile(environment);
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

function rootFile(environment: NodeJS.ProcessEnv): string {
  return join(dataFolder(environment), 'trusted-root.json');
}

/** Not the cache folder: whoever empties that must not change what is trusted. */
function dataFolder({ XDG_DATA_HOME, LOCALAPPDATA }: NodeJS.ProcessEnv): string {
  if (XDG_DATA_HOME) return join(XDG_DATA_HOME, 'weighbridge');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Weighbridge');
  if (process.platform === 'win32')
    return join(LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'Weighbridge', 'Data');
  return join(homedir(), '.local', 'share', 'weighbridge');
}
