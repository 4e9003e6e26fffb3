/** What the name of a container image says. */
export interface ImageReference {
  name: string;
  /** Null where none is written, which means `latest`. */
  tag: string | null;
  digest: string | null;
}

/** Takes an image reference apart (OCI distribution specification; `docker://` and quotes are left to the caller). Null for what is none. */
export function imageReference(written: string): ImageReference | null {
  const match = /^([a-z0-9][\w.:/-]*?)(?::([\w][\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}))?$/i.exec(
    written,
  );
  if (!match) return null;
  const [, name = '', tag = null, digest = null] = match;
  // `localhost:5000/x`: the port of a registry is no tag.
  if (tag !== null && tag.includes('/')) return null;
  return { name, tag, digest };
}

/** Whether a tag is given to whatever is newest (`latest`, `main-latest`, `latest-gpu`, `nightly`); with a date or a commit behind it one stays. */
export function isMovingTag(tag: string): boolean {
  return /^(?:main|master|edge|head)$|(?:^|[-_.])(?:latest|nightly)(?![-_.]?(?:\d{6}|[0-9a-f]{7}))(?:[-_.]|$)/i.test(
    tag,
  );
}
