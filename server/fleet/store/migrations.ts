import { WeighbridgeError } from '../../errors.ts';
import type { SqlDatabase } from './sqlDatabase.ts';

/** Each step once, in this order. A step that was released never changes; `{bytewise}` is a collation by code units. */
const migrations: readonly (readonly string[])[] = [
  [
    `CREATE TABLE result (
      digest TEXT NOT NULL, reading TEXT NOT NULL, format TEXT NOT NULL, size BIGINT NOT NULL, complete INTEGER NOT NULL,
      kinds TEXT NOT NULL, findings TEXT NOT NULL, rule_set TEXT NOT NULL, scanned_at TEXT NOT NULL,
      PRIMARY KEY (digest, reading))`,
    `CREATE TABLE place (
      source TEXT {bytewise} NOT NULL, path TEXT {bytewise} NOT NULL, uri TEXT {bytewise} NOT NULL, stamp TEXT NOT NULL,
      digest TEXT NOT NULL, reading TEXT NOT NULL, seen_at TEXT NOT NULL, PRIMARY KEY (source, path))`,
    'CREATE INDEX place_uri ON place (uri)',
    'CREATE INDEX place_digest ON place (digest)',
    'CREATE TABLE rule_set (id TEXT PRIMARY KEY, content TEXT NOT NULL)',
  ],
  [
    `CREATE TABLE failure (
      source TEXT {bytewise} NOT NULL, path TEXT {bytewise} NOT NULL, uri TEXT {bytewise} NOT NULL, reason TEXT NOT NULL,
      attempts INTEGER NOT NULL, failed_at TEXT NOT NULL, PRIMARY KEY (source, path))`,
    'CREATE INDEX failure_uri ON failure (uri)',
  ],
];

/** PostgreSQL lets several processes begin at once: whoever has this lock goes first. Any number that no other program locks by. */
const migrationLock = 0x77656967;

/**
 * Brings a store to the form that this version knows; several processes may try at once.
 * @param target the version to stop at; only tests stop early.
 * @throws {WeighbridgeError} `bad-input` where a newer version has written it.
 */
export async function migrate(database: SqlDatabase, target = migrations.length): Promise<void> {
  await database.transaction(async (inside) => {
    if (inside.dialect === 'postgres') await inside.all('SELECT pg_advisory_xact_lock($1)', [migrationLock]);
    await inside.all('CREATE TABLE IF NOT EXISTS migration (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL)');
    const [row] = await inside.all('SELECT max(version) AS version FROM migration');
    const current = Number(row?.['version'] ?? 0);
    if (current > migrations.length) {
      const message = `the store is of version ${current}, and this Weighbridge knows ${migrations.length}: use a newer one`;
      throw new WeighbridgeError('bad-input', message);
    }
    for (let version = current + 1; version <= target; version++) {
      for (const statement of migrations[version - 1] ?? []) await inside.all(statement);
      await inside.all('INSERT INTO migration VALUES ($1, $2)', [version, new Date().toISOString()]);
    }
  });
}
