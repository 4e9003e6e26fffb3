import { resolve } from 'node:path';
import type { FormatId } from '../../formats/facts.ts';
import type { Finding } from '../../rules/finding.ts';
import type { RuleSet } from '../ruleSet.ts';
import { migrate } from './migrations.ts';
import type { Row, SqlDatabase } from './sqlDatabase.ts';

/** Where content lies. */
export interface Place {
  /** The source that it is enqueued by: an address, or the `file:` URL of a folder. */
  source: string;
  /** Relative to the source, with `/`. */
  path: string;
  /** The address of the file itself. */
  uri: string;
  /** Changes when the file does; empty where nothing tells. */
  stamp: string;
  /** SHA-256 of the content, in hexadecimal. */
  digest: string;
  /** What of its name a reader asks (`readingOf`). */
  reading: string;
}

/** What content came to, by the rules' own severities. */
export interface StoredResult {
  digest: string;
  reading: string;
  format: FormatId;
  /** Bytes. */
  size: number;
  complete: boolean;
  /** The kinds of facts that were found: a rule that reads none of them says nothing here. */
  kinds: string[];
  findings: Omit<Finding, 'path'>[];
  /** The id of the rules by which it was judged. */
  ruleSet: string;
}

/** An artifact that could not be scanned, in the end. */
export interface Failure {
  source: string;
  path: string;
  uri: string;
  reason: string;
  attempts: number;
}

export type PlacedResult = Place & { result: StoredResult };

const resultColumns = 'r.digest, r.reading, r.format, r.size, r.complete, r.kinds, r.findings, r.rule_set';

/** What a fleet found: one result for each content, and where each content lies. */
export class ResultStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  /**
   * @param address of PostgreSQL (`postgres://...`), or the name of an SQLite file.
   * @throws {WeighbridgeError} `unreachable`, `unwritable`, `not-found`, `bad-input`.
   */
  static async open(address: string, cwd: string): Promise<ResultStore> {
    const database = /^postgres(?:ql)?:\/\//.test(address)
      ? await (await import('./postgres.ts')).openPostgres(address)
      : (await import('./sqlite.ts')).openSqlite(resolve(cwd, address));
    try {
      await migrate(database);
    } catch (cause) {
      await database.close();
      throw cause;
    }
    return new ResultStore(database);
  }

  async place(source: string, path: string): Promise<Place | null> {
    const [row] = await this.#database.all('SELECT * FROM place WHERE source = $1 AND path = $2', [source, path]);
    return row ? placeOf(row) : null;
  }

  /** Every place of a source, with the rules that its content was judged by and the kinds of facts in it. */
  async places(source: string): Promise<(Place & { ruleSet: string; kinds: string[] })[]> {
    const rows = await this.#database.all(
      `SELECT p.*, r.rule_set, r.kinds FROM place p JOIN result r ON r.digest = p.digest AND r.reading = p.reading
       WHERE p.source = $1`,
      [source],
    );
    return rows.map((row) => ({ ...placeOf(row), ruleSet: word(row['rule_set']), kinds: kindsOf(row) }));
  }

  async result(digest: string, reading: string): Promise<StoredResult | null> {
    const [row] = await this.#database.all(
      `SELECT ${resultColumns} FROM result r WHERE r.digest = $1 AND r.reading = $2`,
      [digest, reading],
    );
    return row ? resultOf(row) : null;
  }

  /** What all files with this content came to, whatever they are called. */
  async resultsOf(digest: string): Promise<StoredResult[]> {
    const rows = await this.#database.all(
      `SELECT ${resultColumns} FROM result r WHERE r.digest = $1 ORDER BY r.reading`,
      [digest],
    );
    return rows.map(resultOf);
  }

  /** What lies at an address or below it. @param limit places at most. */
  async resultsAt(uri: string, limit: number): Promise<PlacedResult[]> {
    const [from, to] = below(uri);
    const rows = await this.#database.all(
      `SELECT p.source, p.path, p.uri, p.stamp, ${resultColumns} FROM place p
       JOIN result r ON r.digest = p.digest AND r.reading = p.reading
       WHERE p.uri = $1 OR (p.uri >= $2 AND p.uri < $3) ORDER BY p.uri LIMIT $4`,
      [uri.replace(/\/+$/, ''), from, to, limit],
    );
    return rows.map((row) => ({ ...placeOf(row), result: resultOf(row) }));
  }

  /** @param limit failures at most. */
  async failuresAt(uri: string, limit: number): Promise<Failure[]> {
    const [from, to] = below(uri);
    const rows = await this.#database.all(
      'SELECT * FROM failure WHERE uri = $1 OR (uri >= $2 AND uri < $3) ORDER BY uri LIMIT $4',
      [uri.replace(/\/+$/, ''), from, to, limit],
    );
    return rows.map(failureOf);
  }

  /** Everything, by source and path. */
  async everything(): Promise<{ placed: PlacedResult[]; failures: Failure[] }> {
    const rows = await this.#database.all(
      `SELECT p.source, p.path, p.uri, p.stamp, ${resultColumns} FROM place p
       JOIN result r ON r.digest = p.digest AND r.reading = p.reading ORDER BY p.source, p.path`,
    );
    const failures = await this.#database.all('SELECT * FROM failure ORDER BY source, path');
    return {
      placed: rows.map((row) => ({ ...placeOf(row), result: resultOf(row) })),
      failures: failures.map(failureOf),
    };
  }

  /** Files done of each source since a time (RFC 3339). */
  async done(source: string, since: string): Promise<number> {
    const [row] = await this.#database.all('SELECT count(*) AS done FROM place WHERE source = $1 AND seen_at >= $2', [
      source,
      since,
    ]);
    return Number(row?.['done'] ?? 0);
  }

  /** Whether the store answers. @throws what the database throws. */
  async check(): Promise<void> {
    await this.#database.all('SELECT count(*) AS versions FROM migration');
  }

  /**
   * Writes down what content came to, and where it lies: both or nothing. A result of the same rules that is there already stays.
   * @param result null where the store has it.
   */
  async record(place: Place, result: StoredResult | null): Promise<void> {
    const now = new Date().toISOString();
    await this.#database.transaction(async (inside) => {
      if (result) {
        await inside.all(
          `INSERT INTO result VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
           ON CONFLICT (digest, reading) DO UPDATE SET format = excluded.format, size = excluded.size,
             complete = excluded.complete, kinds = excluded.kinds, findings = excluded.findings,
             rule_set = excluded.rule_set, scanned_at = excluded.scanned_at
           WHERE result.rule_set <> excluded.rule_set`,
          [
            result.digest,
            result.reading,
            result.format,
            result.size,
            result.complete ? 1 : 0,
            JSON.stringify(result.kinds),
            JSON.stringify(result.findings),
            result.ruleSet,
            now,
          ],
        );
      }
      const { source, path, uri, stamp, digest, reading } = place;
      // Sources may overlap: what lies at an address is the same for all of them. All rows of it first, so that two workers that
      // record it at once take them in one order.
      const there = [stamp, digest, reading, uri];
      await inside.all('UPDATE place SET stamp = $1, digest = $2, reading = $3 WHERE uri = $4', there);
      await inside.all(
        `INSERT INTO place VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (source, path) DO UPDATE SET uri = excluded.uri, stamp = excluded.stamp, digest = excluded.digest,
           reading = excluded.reading, seen_at = excluded.seen_at`,
        [source, path, uri, stamp, digest, reading, now],
      );
      await inside.all('DELETE FROM failure WHERE uri = $1', [uri]);
    });
  }

  async recordFailure({ source, path, uri, reason, attempts }: Failure): Promise<void> {
    await this.#database.all(
      `INSERT INTO failure VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (source, path) DO UPDATE SET reason = excluded.reason, attempts = excluded.attempts,
         failed_at = excluded.failed_at`,
      [source, path, uri, reason, attempts, new Date().toISOString()],
    );
  }

  /** Forgets files that a source does not hold any more; what their content came to is kept. */
  async forget(source: string, paths: readonly string[]): Promise<void> {
    await this.#inBatches(paths, async (inside, path) => {
      await inside.all('DELETE FROM place WHERE source = $1 AND path = $2', [source, path]);
      await inside.all('DELETE FROM failure WHERE source = $1 AND path = $2', [source, path]);
    });
  }

  async ruleSet(id: string): Promise<RuleSet | null> {
    const [row] = await this.#database.all('SELECT content FROM rule_set WHERE id = $1', [id]);
    return row ? (JSON.parse(word(row['content'])) as RuleSet) : null;
  }

  async saveRuleSet(rules: RuleSet): Promise<void> {
    await this.#database.all('INSERT INTO rule_set VALUES ($1, $2) ON CONFLICT (id) DO NOTHING', [
      rules.id,
      JSON.stringify(rules),
    ]);
  }

  /** A change of rules does not concern these contents: they stand as judged by the new ones. */
  async judgedBy(ruleSet: string, contents: readonly Pick<Place, 'digest' | 'reading'>[]): Promise<void> {
    const sql = 'UPDATE result SET rule_set = $1 WHERE digest = $2 AND reading = $3';
    await this.#inBatches(contents, (inside, { digest, reading }) => inside.all(sql, [ruleSet, digest, reading]));
  }

  /** Many changes in few transactions: each one waits for the disk, and locks others out as long as it takes. */
  async #inBatches<T>(items: readonly T[], change: (inside: SqlDatabase, item: T) => Promise<unknown>): Promise<void> {
    for (let from = 0; from < items.length; from += 1000) {
      await this.#database.transaction(async (inside) => {
        for (const item of items.slice(from, from + 1000)) await change(inside, item);
      });
    }
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}

/** What addresses below an address begin with, and the first text that is after all of them. */
function below(uri: string): [from: string, to: string] {
  const top = uri.replace(/\/+$/, '');
  // `0` comes right after `/`.
  return [`${top}/`, `${top}0`];
}

const word = (value: string | number | null | undefined): string =>
  value === null || value === undefined ? '' : `${value}`;
const kindsOf = (row: Row): string[] => JSON.parse(word(row['kinds'])) as string[];

function placeOf(row: Row): Place {
  const [source, path, uri] = [word(row['source']), word(row['path']), word(row['uri'])];
  return { source, path, uri, stamp: word(row['stamp']), digest: word(row['digest']), reading: word(row['reading']) };
}

function resultOf(row: Row): StoredResult {
  return {
    digest: word(row['digest']),
    reading: word(row['reading']),
    format: word(row['format']) as FormatId,
    size: Number(row['size']),
    complete: Number(row['complete']) === 1,
    kinds: kindsOf(row),
    findings: JSON.parse(word(row['findings'])) as StoredResult['findings'],
    ruleSet: word(row['rule_set']),
  };
}

function failureOf(row: Row): Failure {
  const [source, path, uri] = [word(row['source']), word(row['path']), word(row['uri'])];
  return { source, path, uri, reason: word(row['reason']), attempts: Number(row['attempts']) };
}
