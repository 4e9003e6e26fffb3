import { WeighbridgeError } from '../errors.ts';
import { addressText, parseAddress } from '../sources/address.ts';
import { listedSource } from '../sources/mount.ts';
import type { StoredFile } from '../sources/protocol.ts';
import type { ListedFile, SourceListing } from './folderSource.ts';

/**
 * The files of a source that is no folder on this machine. Nothing of them is fetched, and no credential is part of what is given.
 * @throws {WeighbridgeError} as `listedSource`; `refused` for an address that holds a password, or a query in which one may stand.
 */
export async function listRemote(
  address: string,
  { signal, environment, hash }: { signal: AbortSignal; environment: NodeJS.ProcessEnv; hash: boolean },
): Promise<SourceListing> {
  const parsed = parseAddress(address);
  const source = addressText(parsed);
  if (parsed.kind === 'http' && (parsed.url.username !== '' || parsed.url.password !== '' || parsed.url.search !== ''))
    throw new WeighbridgeError(
      'refused',
      `a queue keeps no password, and no query of an address, in which one may stand: name ${source} without them`,
    );
  const { name, isFile, files, problems } = await listedSource(address, { signal, environment });
  return {
    source,
    files: files.map((file): ListedFile => {
      const { path, size } = file;
      const uri = isFile ? source : `${source}/${path}`;
      return { source, path, uri, size, stamp: stampOfRemote(file), remote: { file, hash } };
    }),
    errors: problems.map(({ path, message }) => ({ path: `${name}/${path}`, message })),
  };
}

/** Changes when the file does; empty where its server tells nothing by which that could be seen. */
export function stampOfRemote({ size, sha256, version }: StoredFile): string {
  if (sha256 !== undefined) return `${size} sha256:${sha256}`;
  return version === undefined ? '' : `${size} ${version}`;
}
