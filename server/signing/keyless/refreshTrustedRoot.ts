import '../explicitDigest.ts';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { getTrustedRoot } from '@sigstore/tuf';
import { WeighbridgeError } from '../../errors.ts';
import { replaceFile } from '../../files/replaceFile.ts';
import { dataFolder, refreshedRootFile, type RefreshedRoot } from './refreshedRoot.ts';
import { reasonOf } from './secrets.ts';

export interface RefreshOptions {
  environment?: NodeJS.ProcessEnv;
  /** Another repository than the public one, with the path of its first `root.json`, which is trusted as it stands. */
  mirror?: { url: string; rootPath: string };
  now?: Date;
}

/**
 * Fetches the current trusted root by The Update Framework; every later verification uses it. Only ever runs when
 * somebody asks for it.
 * @returns where it was written.
 * @throws {WeighbridgeError} `unreachable`: no answer, or metadata that is not properly signed; `unwritable`.
 */
export async function refreshTrustedRoot({
  environment = process.env,
  mirror,
  now = new Date(),
}: RefreshOptions = {}): Promise<string> {
  const folder = dataFolder(environment);
  const file = refreshedRootFile(environment);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new WeighbridgeError('unwritable', `Cannot write ${folder}: ${(cause as Error).message}.`, { cause });
  }
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
