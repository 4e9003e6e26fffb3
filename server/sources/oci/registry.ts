import { createHash } from 'node:crypto';
import { WeighbridgeError } from '../../errors.ts';
import type { SourceAddress } from '../address.ts';
import { bodyOf, exchange, nameOf } from '../http/exchange.ts';
import { insideOf } from '../hub.ts';
import type { ListSetting } from '../listSource.ts';
import { mostFiles, type Listing, type RemoteFile } from '../source.ts';
import { fileName, type Descriptor } from './fileName.ts';
import { registryAccess } from './registryAccess.ts';

/** Source: OCI Image Specification 1.1, "Image Manifest" and "Image Index"; Docker's own types for older registries. */
const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];
const indexTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];

/** Bytes; what registries themselves take at most (OCI Distribution Specification 1.1, "Pushing Manifests"). */
const longestManifest = 4 << 20;
/** Manifests that one index may name. */
const mostManifests = 32;

interface Manifest {
  mediaType?: unknown;
  config?: Descriptor;
  layers?: unknown;
  manifests?: unknown;
}

/**
 * The files of an artifact in an OCI registry: what ORAS, KitOps (ModelKit), the CNCF ModelPack and Ollama push. Each layer is a
 * file; those that are archives are read as such.
 * API: OCI Distribution Specification 1.1, "Pulling manifests" and "Pulling blobs".
 */
export async function listArtifact(
  address: Extract<SourceAddress, { kind: 'oci' }>,
  setting: ListSetting,
): Promise<Listing> {
  const { host, repository, reference, path: wanted } = address;
  const { base, authorize } = await registryAccess(host, repository, setting);
  const manifestOf = async (name: string): Promise<{ digest: string; manifest: Manifest }> => {
    const url = new URL(`${base}/manifests/${name}`);
    const headers = { accept: [...manifestTypes, ...indexTypes].join(', ') };
    const body = await bodyOf(
      await exchange({ url, authorize, headers }, setting.traffic, setting.signal),
      longestManifest,
    );
    const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`;
    if (name.startsWith('sha256:') && name !== digest)
      throw new WeighbridgeError('refused', `${nameOf(url)} sends another manifest than its digest promises`);
    return { digest, manifest: parsed(body, url) };
  };

  const { digest, manifest } = await manifestOf(reference);
  const home = `oci://${host}/${repository}@${digest}`;
  const problems: Listing['problems'] = [];
  const all: RemoteFile[] = [];
  const add = (from: Manifest, folder: string) => {
    for (const [index, descriptor] of descriptorsOf(from).entries()) {
      const path = folder + fileName(descriptor, index);
      const file = fileOf(descriptor, path, base);
      if (typeof file === 'string') problems.push({ path, message: file });
      else all.push({ ...file, address: `${home}/${path}`, authorize });
    }
  };
  if (Array.isArray(manifest.manifests)) {
    const named = manifest.manifests as Descriptor[];
    if (named.length > mostManifests)
      throw new WeighbridgeError(
        'refused',
        `the index names more than ${mostManifests} manifests: name one by its digest`,
      );
    for (const descriptor of named) {
      const { digest: of } = descriptor;
      const folder = named.length === 1 ? '' : `${platformOf(descriptor)}/`;
      if (typeof of !== 'string' || !/^sha256:[0-9a-f]{64}$/.test(of)) {
        problems.push({ path: folder || '.', message: 'the index gives no usable digest of a manifest' });
        continue;
      }
      const { manifest: inner } = await manifestOf(of);
      if (Array.isArray(inner.manifests))
        problems.push({ path: folder || '.', message: 'an index inside an index is not read' });
      else add(inner, folder);
    }
  } else add(manifest, '');
  if (all.length > mostFiles) throw new WeighbridgeError('refused', `the artifact has more than ${mostFiles} layers`);

  const files = all.flatMap((file) => {
    const inside = insideOf(file.path, wanted);
    return inside === null ? [] : [{ ...file, path: inside }];
  });
  const isFile = wanted !== '' && all.some(({ path }) => path === wanted);
  if (files.length === 0 && problems.length === 0)
    throw new WeighbridgeError(
      'not-found',
      `oci://${host}/${repository}:${reference} has no file ${wanted || 'at all'}`,
    );
  const below = isFile ? wanted.replace(/\/?[^/]*$/, '') : wanted.replace(/\/+$/, '');
  return { name: `${home}${below && `/${below}`}`, files, problems, isFile };
}

function parsed(body: Buffer, url: URL): Manifest {
  try {
    const value = JSON.parse(body.toString('utf8')) as unknown;
    if (typeof value === 'object' && value !== null && ('layers' in value || 'manifests' in value)) return value;
  } catch {
    // It is told below.
  }
  throw new WeighbridgeError('unreachable', `${nameOf(url)} answers with something that is no manifest`);
}

/** The layers, and the configuration where it holds something: a Kitfile, or the ModelPack's description. */
function descriptorsOf({ layers, config }: Manifest): Descriptor[] {
  const listed = Array.isArray(layers) ? (layers as Descriptor[]) : [];
  const holds = typeof config?.size === 'number' && config.size > 2;
  return [...listed, ...(holds ? [{ ...config, isConfig: true }] : [])].filter(
    (each) => typeof each === 'object' && each !== null,
  );
}

function fileOf(
  { digest, size }: Descriptor,
  path: string,
  base: string,
): Omit<RemoteFile, 'authorize' | 'address'> | string {
  const [, sha256] = typeof digest === 'string' ? (/^sha256:([0-9a-f]{64})$/.exec(digest) ?? []) : [];
  if (sha256 === undefined) return 'the manifest gives no SHA-256 of it';
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    return 'the manifest does not say how long it is';
  return { path, size, sha256, url: new URL(`${base}/blobs/sha256:${sha256}`) };
}

function platformOf({ platform, digest }: Descriptor): string {
  const named = [platform?.os, platform?.architecture, platform?.variant].filter((part) => typeof part === 'string');
  const short = typeof digest === 'string' ? digest.replace(/^sha256:/, '').slice(0, 12) : 'unnamed';
  return [...named.map((part) => part.replace(/[^\w.-]/g, '_').slice(0, 40)), short].join('-');
}
