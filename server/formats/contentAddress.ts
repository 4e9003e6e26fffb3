/** What a store that names files by their content calls a file, and what the content is. */
export interface ContentAddress {
  /** SHA-256 as the name has it, in hexadecimal. */
  named: string;
  actual: string;
}

/**
 * Where the name of a file is the SHA-256 of its content: OCI image layouts (`blobs/sha256/<hex>`), Ollama
 * (`blobs/sha256-<hex>`), the cache of the Hugging Face Hub (`blobs/<hex>`, of files that git-lfs keeps).
 * Source: OCI Image Layout Specification 1.1, "Blobs"; huggingface_hub, "Understand caching".
 */
const addressed = /(?:^|[\\/])blobs[\\/](?:sha256[\\/-])?([0-9a-f]{64})$/;

/** The SHA-256 that the path of a file promises; null for a path that promises none. */
export function promisedDigest(path: string): string | null {
  return addressed.exec(path)?.[1] ?? null;
}
