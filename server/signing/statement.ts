import { createHash } from 'node:crypto';
import { canonicalJson } from './canonicalJson.ts';
import type { HashType, SignedFile } from './contract.ts';
import { digestLengths, isCanonicalName } from './resourceNames.ts';

export const statementType = 'https://in-toto.io/Statement/v1';
export const predicateType = 'https://model_signing/signature/v1.0';

/** What a signature says of a model, whichever version it is of. */
export interface SignedManifest {
  predicate: { type: string; version: string };
  /** The model's name when it was signed; null in version 0.2. */
  subject: string | null;
  /** Null in version 0.2, which has none. */
  rootDigest: string | null;
  algorithm: HashType;
  followLinks: boolean;
  ignorePaths: string[];
  /** Bytes of a shard; null where files are signed whole. */
  shardSize: number | null;
  /** Digests by path: one of the file, or one a shard, in the order of the shards. */
  files: Map<string, string[]>;
  /** As signed, in that order. */
  listed: SignedFile[];
}

/** What is written down of a model when it is signed. */
export interface ModelToSign {
  /** Of the model's folder or file. */
  name: string;
  /** Path and SHA-256 of each file, in the order in which they are signed. */
  files: readonly { path: string; digest: string }[];
  followLinks: boolean;
  ignorePaths: readonly string[];
}

/** SHA-256 over the raw digests, in their order: one name for the whole model. @param digests hexadecimal. */
export function rootDigestOf(digests: Iterable<string>): string {
  const hash = createHash('sha256');
  for (const digest of digests) hash.update(Buffer.from(digest, 'hex'));
  return hash.digest('hex');
}

/**
 * The in-toto statement about a model: the same model gives the same bytes.
 * Source: OpenSSF Model Signing specification 1.0, section 5.
 */
export function statementOf({ name, files, followLinks, ignorePaths }: ModelToSign): Buffer {
  const statement = {
    _type: statementType,
    subject: [{ name, digest: { sha256: rootDigestOf(files.map(({ digest }) => digest)) } }],
    predicateType,
    predicate: {
      serialization: {
        method: 'files',
        hash_type: 'sha256',
        allow_symlinks: followLinks,
        ignore_paths: [...new Set(ignorePaths)].sort(),
      },
      resources: files.map(({ path, digest }) => ({ name: path, algorithm: 'sha256', digest })),
    },
  };
  return Buffer.from(canonicalJson(statement));
}

/** Whether a name and a digest may stand in a statement that we write. */
export function canBeSigned(path: string, digest: string): boolean {
  return (path === '.' || isCanonicalName(path)) && digest.length === digestLengths.sha256;
}
