/** A row: numbers may come as texts, because PostgreSQL's 64-bit integers do. */
export type Row = Record<string, string | number | null>;

/** The part of SQL databases that the store needs. Parameters are written `$1`, `$2`, and so on. */
export interface SqlDatabase {
  readonly dialect: 'sqlite' | 'postgres';
  all(sql: string, parameters?: readonly (string | number | null)[]): Promise<Row[]>;
  /** All of it, or nothing. */
  transaction<T>(work: (database: SqlDatabase) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
