/** What a Git LFS pointer says of the file that it stands for (git-lfs/docs/spec.md). */
export interface LfsPointer {
  /** SHA-256, hex. */
  oid: string;
  size: number;
}

/** Longest pointer that the specification allows, in bytes. */
export const longestPointer = 1024;

export function lfsPointer(bytes: Uint8Array): LfsPointer | null {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  if (!/^version https?:\/\/(?:git-lfs\.github\.com|hawser\.github\.com)\/spec\//.test(text)) return null;
  const oid = /^oid sha256:([\da-f]{64})$/m.exec(text)?.[1];
  const size = /^size (\d{1,16})$/m.exec(text)?.[1];
  return oid !== undefined && size !== undefined ? { oid, size: Number(size) } : null;
}

/** Where Git LFS keeps what it fetched, below the root of a repository (git-lfs/docs/spec.md). */
export function lfsObjectPath({ oid }: LfsPointer): string {
  return `.git/lfs/objects/${oid.slice(0, 2)}/${oid.slice(2, 4)}/${oid}`;
}
