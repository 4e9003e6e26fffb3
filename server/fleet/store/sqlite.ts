import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { DatabaseSyncInstance as DatabaseSync } from '@photostructure/sqlite';
import { WeighbridgeError } from '../../errors.ts';
import type { Row, SqlDatabase } from './sqlDatabase.ts';

type Driver = { DatabaseSync: new (file: string) => DatabaseSync };

/**
 * A file that the processes of one machine share: readers and one writer at a time (write-ahead log). A process that is killed
 * leaves nothing locked.
 * @throws {WeighbridgeError} `unwritable`, or `not-found` where the native part is not installed.
 */
export function openSqlite(file: string): SqlDatabase {
  const { DatabaseSync: Database } = driver();
  let database: DatabaseSync;
  try {
    mkdirSync(dirname(file), { recursive: true });
    database = new Database(file);
    // Of what a job is told to be done, nothing may be lost with the power.
    database.exec('PRAGMA busy_timeout = 60000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
  } catch (cause) {
    throw new WeighbridgeError('unwritable', `the store ${file} cannot be opened: ${(cause as Error).message}`, {
      cause,
    });
  }
  return new SqliteDatabase(database);
}

function driver(): Driver {
  try {
    return createRequire(import.meta.url)('@photostructure/sqlite') as Driver;
  } catch (cause) {
    const message =
      'SQLite is not installed for this platform; install the package @photostructure/sqlite, or give --store a PostgreSQL address';
    throw new WeighbridgeError('not-found', message, { cause });
  }
}

class SqliteDatabase implements SqlDatabase {
  readonly dialect = 'sqlite';
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, ReturnType<DatabaseSync['prepare']>>();
  /** Transactions of one connection come one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  all(sql: string, parameters: readonly (string | number | null)[] = []): Promise<Row[]> {
    // What is thrown rejects.
    return new Promise((resolve) => resolve(this.#prepared(sql).all(...parameters)));
  }

  transaction<T>(work: (database: SqlDatabase) => Promise<T>): Promise<T> {
    const next = this.#last.then(async () => {
      this.#database.exec('BEGIN IMMEDIATE');
      try {
        const result = await work(this);
        this.#database.exec('COMMIT');
        return result;
      } catch (cause) {
        this.#database.exec('ROLLBACK');
        throw cause;
      }
    });
    this.#last = next.catch(() => undefined);
    return next;
  }

  close(): Promise<void> {
    this.#database.close();
    return Promise.resolve();
  }

  #prepared(sql: string) {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#database.prepare(sql.replace(/\$(\d+)/g, '?$1').replaceAll('{bytewise}', ''));
    this.#statements.set(sql, statement);
    return statement;
  }
}
