import { get, type JsonObject, list, text } from '../validate/document.ts';
import { propertyOf } from '../bomView.ts';
import { sourceProperty } from '../cyclonedx/provenance.ts';

const subject = '/metadata/component/';
const prefix = sourceProperty('');

/**
 * Where the fields of a bill of materials come from, as it says itself: in 1.7 by its citations, in 1.6 by properties of the
 * model. @returns for a JSON pointer, the sources of that field or of what it is part of; null where none is told.
 */
export function fieldSources(root: JsonObject): FieldSources {
  const told = new Map<string, Set<string>>();
  const add = (pointer: string, source: string) => {
    const sources = told.get(pointer) ?? new Set();
    told.set(pointer, sources.add(source));
  };
  for (const citation of list(root['citations'])) {
    const source = text(get(citation, 'note'));
    if (source === undefined) continue;
    for (const pointer of list(get(citation, 'pointers'))) if (typeof pointer === 'string') add(pointer, source);
  }
  for (const each of list(get(root, 'metadata', 'component', 'properties'))) {
    const [name, value] = [text(get(each, 'name')) ?? '', text(get(each, 'value'))];
    if (name.startsWith(prefix) && value !== undefined) add(name, value);
  }
  return (pointer, name) => {
    for (let at = pointer; at !== '' && at !== '/metadata/component'; at = at.slice(0, at.lastIndexOf('/'))) {
      const path = at.replace(subject, '');
      const named = name !== undefined && at === pointer ? `${path.slice(0, path.lastIndexOf('/'))}/${name}` : path;
      const sources = told.get(at) ?? told.get(sourceProperty(named));
      if (sources) return [...sources].join('; ');
    }
    return null;
  };
}

/**
 * The sources of the field at a JSON pointer.
 * @param name by which an item of a list is known where the document has no pointers.
 */
export type FieldSources = (pointer: string, name?: string) => string | null;

/** What a component says of where it comes from. */
export function sourceOf(component: JsonObject): string {
  return propertyOf(component, 'weighbridge:source') ?? '';
}
