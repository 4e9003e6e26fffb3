/** What took part in making a model: an in-toto resource descriptor with at least a `uri` or a `digest`. */
export interface Resource {
  name?: string;
  uri?: string;
  digest?: Record<string, string>;
  annotations: {
    role: 'base-model' | 'dataset' | 'source' | 'config' | 'lock-file';
    /** The file and the key that it was read from. */
    readFrom: string;
    /** What a reader might take for more than it is. */
    note?: string;
  };
}

/** A name that stands for something of which neither place nor digest is known. */
export function unresolved(name: string): string {
  return `urn:weighbridge:unresolved:${encodeURIComponent(name)}`;
}
