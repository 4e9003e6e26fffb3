import { join } from 'node:path';
import { WeighbridgeError } from '../errors.ts';
import type { ScannedSource } from '../engine/report.ts';
import { isSourceAddress } from '../sources/address.ts';
import { complain, type Io } from './io.ts';
import { modelOf, shownFrom } from './modelArguments.ts';

/** A model whose files a command hashes, on this machine or on a server. */
export interface HashedModel {
  /** Absolute. */
  path: string;
  /** What paths of `weighbridge.yaml` count from. */
  base: string;
  isRemote: boolean;
  shown: string;
  /** A text of the library, with the name of the source for the folder that it stands in here. */
  told: (text: string) => string;
  /** What was fetched so far; null for a model on this machine. */
  source: () => Promise<ScannedSource | null>;
}

/**
 * Runs a command on the model that it names: a path, or the address of a source, which is there as long as the command runs and whose
 * bytes are fetched as they are hashed, and not kept.
 * @throws {WeighbridgeError} `bad-usage`, `not-found`; what the source says; `unreadable` where a part of it cannot be had: of the rest
 * nothing could be said that holds for the model.
 */
export async function withModel<T>(
  command: string,
  positionals: readonly string[],
  io: Io,
  use: (model: HashedModel) => Promise<T>,
): Promise<T> {
  const [address = '', second] = positionals;
  if (!isSourceAddress(address) || second !== undefined) {
    const path = modelOf(command, positionals, io.cwd);
    const here = { path, base: io.cwd, isRemote: false, shown: shownFrom(io.cwd)(path) };
    return use({ ...here, told: (text) => text, source: () => Promise.resolve(null) });
  }
  const { mountSource } = await import('../sources/mount.ts');
  const mount = await mountSource(address, { signal: io.signal, environment: io.environment });
  try {
    for (const { path, message } of mount.problems) await complain(io, `cannot read ${mount.nameOf(path)}: ${message}`);
    if (mount.problems.length > 0)
      throw new WeighbridgeError(
        'unreadable',
        `${mount.name} cannot be read whole, and nothing is said of a part of it`,
      );
    const [only] = mount.files;
    const inside = mount.isFile && only ? only.path : '.';
    return await use({
      path: join(mount.folder, ...inside.split('/')),
      base: mount.folder,
      isRemote: true,
      shown: mount.nameOf(inside),
      told: (text) => text.replaceAll(mount.folder, mount.name),
      source: async () => {
        const { requests, bytes: fetched } = await mount.traffic();
        const bytes = mount.files.reduce((sum, { size }) => sum + size, 0);
        return { name: mount.name, files: mount.files.length, bytes, fetched, requests };
      },
    });
  } finally {
    await mount.dispose();
  }
}
