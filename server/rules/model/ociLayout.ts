import type { ByteSource } from '../../formats/source.ts';
import type { DirectorySubject } from '../directory.ts';
import { quoted } from '../place.ts';
import { defineRule } from '../rule.ts';

/** Bytes of a manifest; the registries' own limit is 4 MiB (OCI Distribution Specification 1.1, "Pushing Manifests"). */
const longestManifest = 4 << 20;
const manifestsRead = 256;
const blobsLookedAt = 10_000;
const blobName = /^[0-9a-f]{64}$/;
const layout = /(?:^|\/)blobs\/sha256$/;

export const ociLayout = defineRule({
  subject: 'directory',
  meta: {
    id: 'model/oci-layout',
    title: 'The blobs of an OCI layout are not those that its manifests describe',
    severity: 'warning',
    description:
      'A manifest in `blobs/sha256` describes a blob by a size that the blob does not have, by a digest that is none (an error: it is part of a path), or takes it from an address elsewhere; or a blob is not there (information: a layout may hold a part of an image). ModelKits, and models in any other OCI artifact, are read so.',
    why: 'Tools that check a digest check the size first, or only that; a digest that is a path leads them out of the layout. A layer that is fetched from elsewhere is no part of what was reviewed.',
    howToFix: 'Fetch the artifact again, whole, by its digest. If it comes back the same, ask who pushed it.',
    avoid: [
      {
        file: 'kit/blobs/sha256/411a485216e432ece6b9af94fa32154cf79a2a56d4f81266baa50063f45092bd',
        safetensors: { header: '{}', dataBytes: 0 },
        beside: [
          {
            file: 'kit/blobs/sha256/62604be36f1fbea5679c8e75df7351d49f85ea360adee19163fe5fb5ed4c1b43',
            text: '{ "schemaVersion": 2, "layers": [{ "mediaType": "application/vnd.kitops.modelkit.model.v1.tar", "digest": "sha256:411a485216e432ece6b9af94fa32154cf79a2a56d4f81266baa50063f45092bd", "size": 12345 }] }\n',
          },
        ],
      },
      {
        file: 'kit/blobs/sha256/411a485216e432ece6b9af94fa32154cf79a2a56d4f81266baa50063f45092bd',
        safetensors: { header: '{}', dataBytes: 0 },
        beside: [
          {
            file: 'kit/blobs/sha256/da6c92e060c2a1059a0890d968c7273110d95f3da6b54ecbc90638b73d26f6c5',
            text: '{ "schemaVersion": 2, "layers": [{ "mediaType": "application/vnd.kitops.modelkit.model.v1.tar", "digest": "sha256:../../../../home/user/.ssh/id_rsa", "size": 10 }] }\n',
          },
        ],
      },
    ],
    prefer: [
      {
        file: 'kit/blobs/sha256/411a485216e432ece6b9af94fa32154cf79a2a56d4f81266baa50063f45092bd',
        safetensors: { header: '{}', dataBytes: 0 },
        beside: [
          {
            file: 'kit/blobs/sha256/b5d83e443622be073cc8fbeca95d0a7215e50785de8cc693f433d8b9cfff98b4',
            text: '{ "schemaVersion": 2, "layers": [{ "mediaType": "application/vnd.kitops.modelkit.model.v1.tar", "digest": "sha256:411a485216e432ece6b9af94fa32154cf79a2a56d4f81266baa50063f45092bd", "size": 10 }] }\n',
          },
        ],
      },
    ],
    references: [
      {
        title: 'OCI Image Format Specification: content descriptors',
        url: 'https://github.com/opencontainers/image-spec/blob/main/descriptor.md',
      },
      { title: 'KitOps: the format of a ModelKit', url: 'https://kitops.org/docs/modelkit/spec/' },
    ],
    cwe: [345, 353, 22],
    atlas: ['AML.T0010.003', 'AML.T0018.000'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7', 'MANAGE 3.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(directory, report) {
    if (!layout.test(directory.path)) return;
    const blobs = new Set(directory.files.filter((name) => blobName.test(name)));
    for (const { manifest, descriptor } of descriptorsIn(directory, [...blobs].slice(0, blobsLookedAt))) {
      const { digest, size, urls } = descriptor;
      const evidence = { manifest, digest: digest.slice(0, 200), size };
      const of = `The manifest ${manifest.slice(0, 12)}…`;
      const hex = /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1];
      if (hex === undefined) {
        // Other algorithms have folders of their own.
        if (/^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[\w=-]+$/.test(digest)) continue;
        report({
          severity: 'error',
          message: `${of} names a blob by ${quoted(digest)}, which is no digest: it can lead out of the layout. Do not unpack it.`,
          evidence,
        });
        continue;
      }
      if (urls !== null) {
        report({
          message: `${of} takes the blob ${hex.slice(0, 12)}… from ${quoted(urls)}, which is no part of the layout. Look at what is there before you use it.`,
          evidence: { ...evidence, url: urls.slice(0, 200) },
        });
      }
      const actual = blobs.has(hex) ? directory.read(hex, (source) => source.size) : null;
      if (actual === size) continue;
      report({
        ...(actual === null && { severity: 'info' as const }),
        message:
          actual === null
            ? `${of} describes the blob ${hex.slice(0, 12)}…, which is not in the layout. Fetch the artifact again, whole.`
            : `${of} says that the blob ${hex.slice(0, 12)}… has ${size} bytes, and it has ${actual}. Fetch the artifact again.`,
        evidence: { ...evidence, actual },
      });
    }
  },
});

interface Descriptor {
  digest: string;
  size: number;
  /** The first address that the content may be fetched from; null when there is none. */
  urls: string | null;
}

/** What the manifests among the blobs describe. */
function descriptorsIn(
  directory: DirectorySubject,
  blobs: readonly string[],
): { manifest: string; descriptor: Descriptor }[] {
  const found: { manifest: string; descriptor: Descriptor }[] = [];
  let manifests = 0;
  for (const manifest of blobs) {
    const content = directory.read(manifest, manifestOf);
    if (!content) continue;
    if (manifests++ >= manifestsRead) break;
    const { config, layers, manifests: inner, blobs: listed, subject } = content;
    for (const value of [config, subject, layers, inner, listed].flat()) {
      const descriptor = descriptorOf(value);
      if (descriptor !== null) found.push({ manifest, descriptor });
    }
  }
  return found;
}

function manifestOf(source: ByteSource): Record<string, unknown> | null {
  if (source.size > longestManifest || source.read(0, 1)[0] !== 0x7b) return null;
  try {
    const content: unknown = JSON.parse(Buffer.from(source.read(0, source.size)).toString('utf8'));
    const manifest = content as Record<string, unknown>;
    return manifest['schemaVersion'] === 2 ? manifest : null;
  } catch {
    return null;
  }
}

function descriptorOf(value: unknown): Descriptor | null {
  if (typeof value !== 'object' || value === null) return null;
  const { digest, size, urls } = value as Record<string, unknown>;
  if (typeof digest !== 'string') return null;
  const [url] = Array.isArray(urls) ? (urls as unknown[]) : [];
  return { digest, size: typeof size === 'number' ? size : -1, urls: typeof url === 'string' ? url : null };
}
