import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createHash } from 'node:crypto';
import { Draft } from '../../aibom/draft.ts';
import { ModelFolder } from '../../aibom/folder.ts';
import type { BaseModel, DatasetRecord, Origin } from '../../aibom/record.ts';
import { readCard } from '../../aibom/sources/card.ts';
import { readConfigs } from '../../aibom/sources/config.ts';
import { readDvc } from '../../aibom/sources/dvc.ts';
import { hubPurl } from '../../aibom/sources/hub.ts';
import { readMlflow } from '../../aibom/sources/mlflow.ts';
import { readSideFile } from '../../aibom/sources/sideFile.ts';
import { readTraining } from '../../aibom/sources/training.ts';
import { longestBundle, parseBundle } from '../bundle.ts';
import { parseStatement } from '../parseStatement.ts';
import { unresolved, type Resource } from './resource.ts';

/** Base models and datasets, as the model's own files name them: by the same readers as its bill of materials. */
export function lineage(model: string): Resource[] {
  const folder = new ModelFolder(model);
  const draft = new Draft();
  for (const read of [readSideFile, readCard, readConfigs, readTraining, readMlflow, readDvc]) read(folder, draft);
  return [
    ...draft.baseModels.map(({ value, origin }) => baseModel(value, origin, folder.root)),
    ...draft.datasets.map(dataset),
  ];
}

function baseModel({ name, revision, relation }: BaseModel, origin: Origin, root: string): Resource {
  const note = relation === undefined ? {} : { note: `relation: ${relation}` };
  const annotations = { role: 'base-model', readFrom: place(origin), ...note } as const;
  const signed = rootDigestOfFolder(resolve(root, name));
  if (signed !== null) {
    return {
      name,
      digest: { sha256: signed.rootDigest },
      annotations: {
        ...annotations,
        note: `the digest is the root of its OpenSSF Model Signing signature (SHA-256 of that file: ${signed.signature}), which was not verified here`,
      },
    };
  }
  const onHub = /^[\w.-]+(?:\/[\w.-]+)?$/.test(name) && !name.startsWith('.');
  return { name, uri: onHub ? hubPurl(name, revision) : unresolved(name), annotations };
}

/** What the signature of a local base model says it is. */
function rootDigestOfFolder(folder: string): { rootDigest: string; signature: string } | null {
  const file = join(folder, 'model.sig');
  try {
    const stat = statSync(file);
    if (!stat.isFile() || stat.size > longestBundle) return null;
    const bytes = readFileSync(file);
    const { payload, payloadType } = parseBundle(bytes.toString('utf8'));
    const { rootDigest } = parseStatement(payload, payloadType, false);
    return rootDigest === null ? null : { rootDigest, signature: createHash('sha256').update(bytes).digest('hex') };
  } catch {
    return null;
  }
}

const algorithms = { 'SHA-256': 'sha256', 'SHA-512': 'sha512', 'SHA-1': 'sha1', MD5: 'md5' } as const;

function dataset({ name, url, version, hashes, origin }: DatasetRecord): Resource {
  const uri = url === undefined ? unresolved(name) : version === undefined ? url : `${url}@${version}`;
  const digests = hashes.map(({ algorithm, value }) => [algorithms[algorithm], value.toLowerCase()] as const);
  return {
    name,
    uri,
    ...(digests.length > 0 ? { digest: Object.fromEntries(digests) } : {}),
    annotations: { role: 'dataset', readFrom: place(origin) },
  };
}

function place({ file, at }: Origin): string {
  return at === undefined ? file : `${file} (${at})`;
}
