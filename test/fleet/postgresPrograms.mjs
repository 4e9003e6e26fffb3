import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** The folder of PostgreSQL's own programs, which Debian keeps off the PATH; null where there is none. */
export function postgresPrograms() {
  const versions = '/usr/lib/postgresql';
  const folders = existsSync(versions) ? readdirSync(versions).map((name) => path.join(versions, name, 'bin')) : [];
  const onPath = (process.env.PATH ?? '').split(path.delimiter);
  return [...folders.sort().reverse(), ...onPath].find((folder) => existsSync(path.join(folder, 'initdb'))) ?? null;
}
