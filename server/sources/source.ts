import type { Authorize } from './http/exchange.ts';

/** A file of a source. */
export interface RemoteFile {
  /** Relative to the source, with `/`, as the source names it. */
  path: string;
  /** Bytes. */
  size: number;
  /** SHA-256 in hexadecimal, where the source says it: what tells that two files are the same without reading them. */
  sha256?: string;
  /** Its own address, by which `locate` finds it again: the name of the source with its path, where it says nothing else. */
  address: string;
  /** The strong entity tag (RFC 9110, section 8.8.3) that its bytes come with, where the listing tells it. */
  tag?: string;
  /** Changes when the file at its address does, as far as the source tells; its length need not be part of it. */
  version?: string;
  url: URL;
  /** Headers that prove who asks; they go to the host of `url` and to no other. */
  authorize: Authorize;
}

/** What a source holds. */
export interface Listing {
  /** How reports name it: the address, with what the revision, tag or alias came to; never with a credential. */
  name: string;
  files: RemoteFile[];
  /** What cannot be read, each with the reason. */
  problems: { path: string; message: string }[];
  /** True where the address names one file and not a folder. */
  isFile: boolean;
}

/** Files that one source may have: a listing of more is refused, and a narrower address asked for. */
export const mostFiles = 100_000;
