import pg from 'pg';
import { WeighbridgeError } from '../../errors.ts';
import type { Row, SqlDatabase } from './sqlDatabase.ts';

/** Milliseconds after which a connection, and an answer, count as lost: then the work is done again elsewhere. */
const patience = 30_000;

/**
 * A database that workers on many machines share.
 * @param url `postgres://user@host/database`; what it leaves out comes from the usual variables (PGPASSWORD, PGSSLMODE, ...).
 * @throws {WeighbridgeError} `unreachable`.
 */
export async function openPostgres(url: string): Promise<SqlDatabase> {
  const pool = new pg.Pool({
    connectionString: url,
    max: 4,
    connectionTimeoutMillis: patience,
    query_timeout: patience,
    keepAlive: true,
    application_name: 'weighbridge',
  });
  // A connection that breaks while nobody uses it is replaced when somebody does.
  pool.on('error', () => undefined);
  try {
    await pool.query('SELECT 1');
  } catch (cause) {
    await pool.end();
    // The address may hold a password.
    throw new WeighbridgeError('unreachable', `PostgreSQL cannot be used: ${(cause as Error).message}`, { cause });
  }
  return new PostgresDatabase(pool, pool);
}

class PostgresDatabase implements SqlDatabase {
  readonly dialect = 'postgres';
  readonly #pool: pg.Pool;
  readonly #connection: pg.Pool | pg.PoolClient;

  constructor(pool: pg.Pool, connection: pg.Pool | pg.PoolClient) {
    this.#pool = pool;
    this.#connection = connection;
  }

  async all(sql: string, parameters: readonly (string | number | null)[] = []): Promise<Row[]> {
    const { rows } = await this.#connection.query<Row>(sql.replaceAll('{bytewise}', 'COLLATE "C"'), [...parameters]);
    return rows;
  }

  async transaction<T>(work: (database: SqlDatabase) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    let broken: Error | undefined;
    try {
      await client.query('BEGIN');
      const result = await work(new PostgresDatabase(this.#pool, client));
      await client.query('COMMIT');
      return result;
    } catch (cause) {
      broken = cause as Error;
      throw cause;
    } finally {
      // A connection in the middle of something is closed, which rolls back.
      client.release(broken);
    }
  }

  close(): Promise<void> {
    return this.#pool.end();
  }
}
