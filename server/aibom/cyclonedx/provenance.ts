import { wellFormed } from '../../files/diskPath.ts';
import type { NamedValue, Origin } from '../record.ts';
import type { Plain } from './mlComponent.ts';

/** Which place in the document came from which place on disk. */
export class Provenance {
  /** By origin: the pointers (RFC 6901) into the document. */
  readonly #pointers = new Map<string, { origin: Origin; pointers: Map<string, string> }>();

  /** @param name of an item in a list, for versions that have no pointers: an index would say nothing to anybody. */
  add(pointer: string, origin: Origin, name?: string): void {
    const key = `${origin.file}\n${origin.at ?? ''}`;
    const entry = this.#pointers.get(key) ?? { origin, pointers: new Map<string, string>() };
    const path = pointer.replace(/^\/metadata\/component\//, '');
    const named = name === undefined ? path : `${path.slice(0, path.lastIndexOf('/'))}/${name}`;
    entry.pointers.set(pointer, sourceProperty(named));
    this.#pointers.set(key, entry);
  }

  /** CycloneDX 1.7 has a place of its own for it. */
  citations(timestamp: string, refOf: (file: string) => string): Plain[] {
    return this.#sorted().map(({ origin, pointers }) => ({
      pointers: [...pointers.keys()].sort(),
      timestamp,
      attributedTo: refOf(origin.file),
      note: inWords(origin),
    }));
  }

  /** Older versions get a property for each field. */
  properties(): NamedValue[] {
    return this.#sorted().flatMap(({ origin, pointers }) =>
      [...new Set(pointers.values())].sort().map((name) => ({ name, value: inWords(origin) })),
    );
  }

  #sorted(): { origin: Origin; pointers: Map<string, string> }[] {
    return [...this.#pointers].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
  }
}

/** The property that says where a field of the model comes from: `weighbridge:source:modelCard.modelParameters.task`. */
export const sourceProperty = (path: string): string =>
  `weighbridge:source:${path.replace(/^\//, '').replaceAll('/', '.')}`;

/** `README.md, front matter: license`. */
export const inWords = ({ file, at }: Origin): string => wellFormed(at === undefined ? file : `${file}, ${at}`);
