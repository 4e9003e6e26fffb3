import { wellFormed } from '../../files/diskPath.ts';
import type { NamedValue, Origin } from '../record.ts';
import type { Plain } from './mlComponent.ts';

/** Which place in the document came from which place on disk. */
export class Provenance {
  /** By origin: the pointers (RFC 6901) into the document. */
  readonly #pointers = new Map<string, { origin: Origin; pointers: Set<string> }>();

  add(pointer: string, origin: Origin): void {
    const key = `${origin.file}\n${origin.at ?? ''}`;
    const entry = this.#pointers.get(key) ?? { origin, pointers: new Set() };
    entry.pointers.add(pointer);
    this.#pointers.set(key, entry);
  }

  /** CycloneDX 1.7 has a place of its own for it. */
  citations(timestamp: string, refOf: (file: string) => string): Plain[] {
    return this.#sorted().map(({ origin, pointers }) => ({
      pointers: [...pointers].sort(),
      timestamp,
      attributedTo: refOf(origin.file),
      note: inWords(origin),
    }));
  }

  /** Older versions get a property for each field. */
  properties(): NamedValue[] {
    return this.#sorted().flatMap(({ origin, pointers }) =>
      [...pointers].sort().map((pointer) => ({
        name: `weighbridge:source:${pointer.replace(/^\/metadata\/component\//, '').replaceAll('/', '.')}`,
        value: inWords(origin),
      })),
    );
  }

  #sorted(): { origin: Origin; pointers: Set<string> }[] {
    return [...this.#pointers].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
  }
}

/** `README.md, front matter: license`. */
export const inWords = ({ file, at }: Origin): string => wellFormed(at === undefined ? file : `${file}, ${at}`);
