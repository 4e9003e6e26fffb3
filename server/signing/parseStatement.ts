import type { HashType, SignedFile } from './contract.ts';
import { inTotoPayloadType } from './envelope.ts';
import { Rejection } from './rejection.ts';
import { digestLengths, isCanonicalName } from './resourceNames.ts';
import { rootDigestOf, statementType, type SignedManifest } from './statement.ts';

/** Version 1.0, and what later versions 1.x may be: they only add fields. Source: specification 1.0, section 9. */
const versionOne = /^https:\/\/model_signing\/signature\/v(1\.\d{1,4})$/;
const versionZero = 'https://model_signing/Digests/v0.1';

/**
 * Reads what was signed. Call it only with a payload whose signature holds.
 * @param legacy the signature is over the encoding of version 0.2, which may say nothing newer.
 * @throws {Rejection} `invalid-statement`.
 */
export function parseStatement(payload: Buffer, payloadType: string, legacy: boolean): SignedManifest {
  if (payloadType !== inTotoPayloadType) throw invalid(`its payload type is ${quoted(payloadType)}`);
  const statement = recordOf(parsed(payload), 'it is no JSON object');
  if (statement['_type'] !== statementType) throw invalid('it is no in-toto statement of version 1');
  const type = textOf(statement['predicateType'], 'it has no predicate type');
  const subjects = listOf(statement['subject'], 'it has no subject').map((each) =>
    recordOf(each, 'a subject is no object'),
  );
  if (type === versionZero) return versionZeroManifest(subjects, type);
  const version = versionOne.exec(type)?.[1];
  if (version === undefined) throw invalid(`it is about something else than a model (${quoted(type)})`);
  if (legacy) throw invalid('it is signed as only version 0.2 may be');
  return versionOneManifest(statement, subjects, { type, version });
}

function versionOneManifest(
  statement: Record<string, unknown>,
  subjects: Record<string, unknown>[],
  predicateOf: SignedManifest['predicate'],
): SignedManifest {
  const [subject] = subjects;
  if (!subject || subjects.length !== 1) throw invalid(`it has ${subjects.length} subjects instead of one`);
  const name = textOf(subject['name'], 'its subject has no name');
  const rootDigest = digestOf(
    recordOf(subject['digest'], 'its subject has no digest')['sha256'],
    'sha256',
    'the subject',
  );
  const predicate = recordOf(statement['predicate'], 'it has no predicate');
  const serialization = recordOf(predicate['serialization'], 'it does not say how the files were hashed');
  const algorithm = hashTypeOf(serialization['hash_type']);
  const shardSize = shardSizeOf(serialization);
  const listed: SignedFile[] = [];
  const shards: { name: string; digest: string }[] = [];
  for (const each of listOf(predicate['resources'], 'it lists no files')) {
    const resource = recordOf(each, 'an entry of its files is no object');
    const path = textOf(resource['name'], 'a file has no name');
    checkAlgorithm(resource['algorithm'], algorithm, shardSize, path);
    const digest = digestOf(resource['digest'], algorithm, path);
    shards.push({ name: path, digest });
  }
  if (shards.length === 0) throw invalid('it lists no files');
  if (rootDigestOf(shards.map(({ digest }) => digest)) !== rootDigest) {
    throw invalid('the digest of the model is not that of the files it lists');
  }
  const files = shardSize === null ? filesOf(shards) : shardedFilesOf(shards, shardSize);
  for (const [path, digests] of files) {
    listed.push({ path, algorithm, digest: shardSize === null ? (digests[0] ?? null) : null });
  }
  const followLinks = serialization['allow_symlinks'] ?? false;
  if (typeof followLinks !== 'boolean') throw invalid('it does not say by true or false whether links were followed');
  const ignorePaths = ignoredOf(serialization['ignore_paths']);
  return {
    predicate: predicateOf,
    subject: name,
    rootDigest,
    algorithm,
    followLinks,
    ignorePaths,
    shardSize,
    files,
    listed,
  };
}

/** Version 0.2: one subject a file, and nothing else. */
function versionZeroManifest(subjects: Record<string, unknown>[], type: string): SignedManifest {
  const resources = subjects.map((subject) => {
    const name = textOf(subject['name'], 'a file has no name');
    const annotations = subject['annotations'];
    const actual =
      annotations === undefined
        ? 'file-sha256'
        : recordOf(annotations, 'an annotation is no object')['actual_hash_algorithm'];
    if (actual !== undefined && actual !== 'file-sha256')
      throw invalid(`${quoted(name)} is hashed in a way that is not known`);
    return { name, digest: digestOf(recordOf(subject['digest'], 'a file has no digest')['sha256'], 'sha256', name) };
  });
  if (resources.length === 0) throw invalid('it lists no files');
  const files = filesOf(resources);
  const listed = [...files].map(([path, [digest = null]]): SignedFile => ({ path, algorithm: 'sha256', digest }));
  return {
    predicate: { type, version: '0.1' },
    subject: null,
    rootDigest: null,
    algorithm: 'sha256',
    followLinks: false,
    ignorePaths: [],
    shardSize: null,
    files,
    listed,
  };
}

function filesOf(resources: { name: string; digest: string }[]): Map<string, string[]> {
  const files = new Map<string, string[]>();
  for (const { name, digest } of resources) {
    // A model that is one file goes by a dot.
    if (!isCanonicalName(name) && !(name === '.' && resources.length === 1)) throw badName(name);
    if (files.has(name)) throw invalid(`it lists ${quoted(name)} twice`);
    files.set(name, [digest]);
  }
  return files;
}

/** Shards of a file: `path:start:end`, without gaps and from the start. A name may hold colons itself. */
function shardedFilesOf(resources: { name: string; digest: string }[], shardSize: number): Map<string, string[]> {
  const shards = resources.map(({ name, digest }) => {
    const match = /^(.+):(0|[1-9]\d{0,15}):([1-9]\d{0,15})$/s.exec(name);
    const [, path = '', start = '', end = ''] = match ?? [];
    if (!match) throw invalid(`the shard ${quoted(name)} is not named by its file, start and end (path:0:100)`);
    if (!isCanonicalName(path) && path !== '.') throw badName(path);
    return { path, start: Number(start), end: Number(end), digest, name };
  });
  const ends = new Map<string, number>();
  const files = new Map<string, string[]>();
  for (const { path, start, end, digest, name } of shards.sort((a, b) => a.start - b.start)) {
    const before = ends.get(path) ?? 0;
    if (end - start > shardSize)
      throw invalid(`the shard ${quoted(name)} is longer than the ${shardSize} bytes of a shard`);
    // Only the last shard may be shorter: what comes after it would not start at a whole number of shards.
    if (start !== before || start % shardSize !== 0 || end <= start) {
      throw invalid(`the shard ${quoted(name)} does not follow on the one before it`);
    }
    ends.set(path, end);
    const digests = files.get(path);
    if (digests) digests.push(digest);
    else files.set(path, [digest]);
  }
  return files;
}

function checkAlgorithm(value: unknown, algorithm: HashType, shardSize: number | null, path: string): void {
  const sharded = shardSize === null ? null : `${algorithm}-sharded-${shardSize}`;
  if (value !== algorithm && (sharded === null || value !== sharded)) {
    throw invalid(
      `${quoted(path)} names another algorithm (${quoted(String(value))}) than the signature (${algorithm})`,
    );
  }
}

function hashTypeOf(value: unknown): HashType {
  const known = (['sha256', 'blake2b', 'blake3'] as const).find((each) => each === value);
  if (known !== undefined) return known;
  throw invalid(`its files are hashed by ${quoted(String(value))}, which is no algorithm of model signatures`);
}

/** The reference writes the size as `200.0`, which is the same number in JSON. */
function shardSizeOf(serialization: Record<string, unknown>): number | null {
  const { method, shard_size: size } = serialization;
  if (method === 'files') return null;
  if (method !== 'shards')
    throw invalid(`its files are serialised by ${quoted(String(method))}, which is no known method`);
  if (typeof size === 'number' && Number.isSafeInteger(size) && size > 0) return size;
  throw invalid('the size of its shards is no number of bytes');
}

/** @returns paths in the model; others can match nothing (the Go client writes some that start at its own folder). */
function ignoredOf(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  const paths = listOf(value, 'its ignored paths are no list').map((each) =>
    textOf(each, 'an ignored path is no text'),
  );
  return [...new Set(paths.map((path) => path.replace(/^(?:\.\/)+|\/+$/g, '')))].filter(isCanonicalName).sort();
}

function parsed(payload: Buffer): unknown {
  try {
    // A byte order mark is none of JSON (RFC 8259, section 8.1); other readers refuse it.
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload));
  } catch {
    throw invalid('it is no JSON');
  }
}

function recordOf(value: unknown, complaint: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw invalid(complaint);
}

function listOf(value: unknown, complaint: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw invalid(complaint);
}

function textOf(value: unknown, complaint: string): string {
  if (typeof value === 'string') return value;
  throw invalid(complaint);
}

function digestOf(value: unknown, algorithm: HashType, of: string): string {
  if (typeof value === 'string' && value.length === digestLengths[algorithm] && /^[0-9a-f]+$/.test(value)) return value;
  throw invalid(
    `the digest of ${quoted(of)} is not in lower-case hexadecimal, or not ${digestLengths[algorithm]} characters long`,
  );
}

const quoted = (text: string): string => `"${text.length > 100 ? `${text.slice(0, 100)}...` : text}"`;

const badName = (name: string): Rejection =>
  invalid(`${quoted(name)} is no plain path inside a model (relative, with "/", without "." and "..")`);

const invalid = (why: string): Rejection =>
  new Rejection(
    'invalid-statement',
    `The signature is valid, but what is signed is no proper statement about a model: ${why}.`,
  );
