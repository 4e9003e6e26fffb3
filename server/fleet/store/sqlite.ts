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

  /** Not in the middle of a transaction: what is asked then would see, and what is written would go with, what may be rolled back. */
  all(sql: string, parameters: readonly (string | number | null)[] = []): Promise<Row[]> {
    return this.#next(() => this.#now(sql, parameters));
  }

  transaction<T>(work: (database: SqlDatabase) => Promise<T>): Promise<T> {
    return this.#next(async () => {
      this.#database.exec('BEGIN IMMEDIATE');
      try {
        const result = await work(this.#inside);
        this.#database.exec('COMMIT');
        return result;
      } catch (cause) {
        this.#rollBack();
        throw cause;
      }
    });
  }

  /** The database as the work of a transaction has it. */
  get #inside(): SqlDatabase {
    return {
      dialect: this.dialect,
      all: (sql, parameters = []) => this.#now(sql, parameters),
      transaction: (inner) => inner(this.#inside),
      close: () => Promise.resolve(),
    };
  }

  #now(sql: string, parameters: readonly (string | number | null)[]): Promise<Row[]> {
    // What is thrown rejects.
    return new Promise((resolve) => resolve(this.#prepared(sql).all(...parameters)));
  }

  /** One after the other. */
  #next<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work);
    this.#last = next.catch(() => undefined);
    return next;
  }

  /** A full disk has rolled back by itself, and would say so in place of why. */
  #rollBack(): void {
    try {
      this.#database.exec('ROLLBACK');
    } catch {
      // What went wrong before is told.
    }
  }

  close(): Promise<void> {
    return this.#next(() => Promise.resolve(this.#database.close()));
  }

  #prepared(sql: string) {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#database.prepare(sql.replace(/\$(\d+)/g, '?$1').replaceAll('{bytewise}', ''));
    this.#statements.set(sql, statement);
    return statement;
  }
}
