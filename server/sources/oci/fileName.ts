/** What a manifest says of a blob; all of it comes from whoever pushed it. */
export interface Descriptor {
  mediaType?: unknown;
  digest?: unknown;
  size?: unknown;
  annotations?: Record<string, unknown>;
  platform?: { os?: unknown; architecture?: unknown; variant?: unknown };
  /** The manifest's configuration and no layer. */
  isConfig?: boolean;
}

/** Annotations that name a file: of ORAS (OCI's own), and of the CNCF ModelPack. */
const nameAnnotations = ['org.opencontainers.image.title', 'org.cncf.model.filepath', 'org.cnai.model.filepath'];

/**
 * The name of the file that a layer is: what its annotation says, with the archive's ending where it is a packed folder;
 * otherwise its place in the manifest and the last words of its media type (`03-model.tar`).
 */
export function fileName({ mediaType, annotations, isConfig }: Descriptor, index: number): string {
  const type = typeof mediaType === 'string' ? mediaType : '';
  const ending = archiveEnding(type);
  const named = nameAnnotations.map((name) => annotations?.[name]).find((value) => typeof value === 'string');
  if (isConfig) return 'config.json';
  if (typeof named === 'string' && named !== '') {
    const clean = named.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '');
    return ending !== '' && !/\.(?:tar|tgz|tar\.\w+|zip)$/i.test(clean) ? `${clean}${ending}` : clean;
  }
  const words = type.replace(/^application\//, '').split(/[./+]/);
  const telling = words.filter((word) => !/^(?:v\d+|tar|gzip|zstd|raw|json)$/.test(word)).at(-1);
  const word = telling?.replace(/[^\w-]/g, '') || 'layer';
  return `${String(index).padStart(2, '0')}-${word}${ending}`;
}

function archiveEnding(type: string): string {
  if (!/[./+]tar\b/.test(type)) return '';
  if (/[./+]gzip\b/.test(type)) return '.tar.gz';
  return /[./+]zstd\b/.test(type) ? '.tar.zst' : '.tar';
}
