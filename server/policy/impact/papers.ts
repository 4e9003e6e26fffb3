/** Something that a query can name: a model, a dataset, a library, a file, or who signed. */
export interface Thing {
  kind: 'model' | 'dataset' | 'component' | 'file' | 'signer';
  /** As the paper writes it, the first one for people: names, `name@version`, package URLs, addresses. */
  names: string[];
  /** Hexadecimal, lower case. */
  digests: string[];
}

/** What one paper says: what something is made of. Papers are taken at their word; verifying them is another command's work. */
export interface Paper {
  /** Where it stands, relative to the base, with `/`. */
  file: string;
  what: 'bill of materials' | 'signature' | 'provenance' | 'record of data';
  /** The folder that it is about, relative to the base, with `/`. */
  folder: string;
  subject: Thing;
  parts: Thing[];
}

/** Lower case, so that a query need not know how a paper writes it. */
export function keysOf({ names, digests }: Thing): string[] {
  return [...names.map((name) => name.toLowerCase()), ...digests];
}
