import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { WeighbridgeError } from '../errors.ts';
import { writeAtomically } from '../files/atomicWrite.ts';
import { bundleText, longestBundle, parseBundle } from './bundle.ts';
import type { HashingOptions, SignedFile, SignModelOptions, SignResult } from './contract.ts';
import { inTotoPayloadType } from './envelope.ts';
import { digestFiles } from './hashing/digestFiles.ts';
import { defaultSignature, findModelFiles, ignoredIn, modelRoot, pathIn, type FindOptions } from './modelFiles.ts';
import { provenanceFile } from './provenance/provenanceFile.ts';
import { byCodePoints, byComponents } from './resourceNames.ts';
import { canBeSigned, rootDigestOf, statementOf } from './statement.ts';
import { realPath } from './realPath.ts';
import { refuseChanged } from './unchanged.ts';

/** What a model's files come to. */
export interface ModelDigest {
  /** Absolute, links resolved. */
  root: string;
  isFile: boolean;
  /** In the order of the specification. */
  files: SignedFile[];
  ignored: string[];
  /** SHA-256 over the digests of the files, in the order of the specification. */
  rootDigest: string;
  /** The same in the order of the reference client; mostly the same. */
  pythonRootDigest: string;
  hashedBy: { full: number; cache: number };
}

/**
 * Hashes a model as signing does.
 * @param signature absolute path of the signature, which is no part of the model, as the provenance beside it is none; unless told, where
 * signing puts it.
 * @throws {WeighbridgeError} `bad-input` for an empty model, links, special files, and files that change meanwhile; `not-found`, `unreadable`,
 * `bad-usage`, `cancelled`.
 */
export async function digestModel(model: string, options: HashingOptions, signature?: string): Promise<ModelDigest> {
  const { root, isFile } = modelRoot(model);
  const place = realPath(signature ?? defaultSignature(resolve(model), isFile));
  const ignorePaths = [...(options.ignorePaths ?? []), ...provenanceIn(root, place)];
  const find: FindOptions = {
    ignored: ignoredIn(root, ignorePaths, options.ignoreGitPaths ?? true),
    signature: place,
    followLinks: options.followLinks ?? false,
    signal: options.signal,
  };
  const found = await findModelFiles(root, isFile, find);
  const [odd] = found.odd;
  if (odd) {
    const more = found.odd.length > 1 ? ` (and ${found.odd.length - 1} more)` : '';
    const help = odd.what === 'a symbolic link' ? 'ignore it, or follow links to files' : 'remove or ignore it';
    throw new WeighbridgeError(
      'bad-input',
      `${odd.path}${more} in the model is ${odd.what}, which is not signed: ${help}.`,
    );
  }
  if (found.files.length === 0) throw new WeighbridgeError('bad-input', `There is no file to sign in ${model}.`);
  const { digests, hashedBy } = await digestFiles(found.files, { algorithm: 'sha256', shardSize: null }, options);
  if (hashedBy.full > 0) await refuseChanged(root, isFile, find, found);
  const digestOf = (path: string): string => digests.get(path)?.[0] ?? '';
  const paths = found.files.map(({ path }) => path).sort(byCodePoints);
  for (const path of paths) {
    if (!canBeSigned(path, digestOf(path))) {
      throw new WeighbridgeError(
        'bad-input',
        `The name ${path} is no Unicode, and a signature cannot hold it: rename or ignore the file.`,
      );
    }
  }
  return {
    root,
    isFile,
    files: paths.map((path) => ({ path, algorithm: 'sha256', digest: digestOf(path) })),
    ignored: found.ignored,
    rootDigest: rootDigestOf(paths.map(digestOf)),
    pythonRootDigest: rootDigestOf(paths.toSorted(byComponents).map(digestOf)),
    hashedBy,
  };
}

/**
 * Signs a model: every file of it is hashed, and the signature written whole or not at all.
 * @throws {WeighbridgeError} as `digestModel`; `exists` where something else than a signature would be replaced; `unwritable`; and whatever
 * the signer throws.
 */
export async function signModel(options: SignModelOptions): Promise<SignResult> {
  const { model, signer, dialect = 'portable' } = options;
  const place = modelRoot(model);
  const signature = resolve(options.signature ?? defaultSignature(resolve(model), place.isFile));
  refuseOther(signature);
  if (options.provenance) refuseOther(provenanceFile(signature));
  const ignorePaths = [...(options.ignorePaths ?? []), ...provenanceIn(place.root, signature, options.provenance)];
  const { root, isFile, files, ignored } = await digestModel(model, { ...options, ignorePaths }, signature);
  const order = dialect === 'python' ? byComponents : byCodePoints;
  const name = basename(resolve(model));
  const listed = files
    .map(({ path, digest }) => ({ path: isFile && dialect === 'spec' ? name : path, digest: digest ?? '' }))
    .sort((a, b) => order(a.path, b.path));
  const inside = isFile ? null : pathIn(root, signature);
  const payload = statementOf({
    name,
    files: listed,
    followLinks: options.followLinks ?? false,
    ignorePaths: [
      ...ignoredIn(root, ignorePaths, options.ignoreGitPaths ?? true),
      ...(inside === null ? [] : [inside]),
    ],
  });
  const text = bundleText(await signer.sign(payload, inTotoPayloadType));
  parseBundle(text);
  if (text.length > longestBundle) {
    throw new WeighbridgeError(
      'bad-input',
      `The model has so many files (${files.length}) that no verifier would read the signature: pack them, or sign its parts.`,
    );
  }
  if (options.signal?.aborted) throw new WeighbridgeError('cancelled', 'the work was cancelled');
  await writeAtomically(signature, { overwrite: true }, (file) => file.writeFile(text));
  return {
    signature,
    method: signer.method,
    signer: signer.signer,
    rootDigest: rootDigestOf(listed.map(({ digest }) => digest)),
    files: listed.map((file) => ({ ...file, algorithm: 'sha256' })),
    ignored,
    warnings: [...signer.warnings],
  };
}

/** Provenance is signed by itself, and can be renewed: it is no part of the model. */
function provenanceIn(root: string, signature: string, provenance = false): string[] {
  const file = provenanceFile(signature);
  const inside = pathIn(root, file);
  return inside !== null && inside !== '' && (provenance || existsSync(file)) ? [inside] : [];
}

/** A slip of the pen must not replace a model by its signature. @throws {WeighbridgeError} `exists`. */
function refuseOther(signature: string): void {
  try {
    const stat = statSync(signature, { throwIfNoEntry: false });
    if (!stat || (stat.isFile() && stat.size === 0)) return;
    if (stat.isFile() && stat.size <= longestBundle) {
      parseBundle(readFileSync(signature, 'utf8'));
      return;
    }
  } catch {
    // It is something else.
  }
  throw new WeighbridgeError('exists', `${signature} is there and is no signature: name another file.`);
}
