import { serialNumberOf } from './serialNumber.ts';
import { get, isObject, type JsonObject, list, text } from './validate/document.ts';

export interface Merged {
  text: string;
  /** Components that came in, and those that were there already. */
  added: number;
  shared: number;
  /** What a person should know: a signature that no longer fits, for one. */
  notes: string[];
}

/** Adds what software bills of materials say to a model's: their components, what depends on what, and known vulnerabilities. */
export function mergeBoms(aibom: JsonObject, sboms: readonly JsonObject[]): Merged {
  const result = structuredClone(aibom);
  const merger = new Merger(result);
  for (const [index, sbom] of sboms.entries()) merger.add(structuredClone(sbom), `sbom-${index + 1}`);
  return merger.finish();
}

class Merger {
  readonly #result: JsonObject;
  readonly #components: JsonObject[];
  readonly #dependencies: Map<string, JsonObject>;
  /** The bom-ref of what is already there, by what identifies it. */
  readonly #known = new Map<string, string>();
  readonly #refs = new Set<string>();
  readonly #notes: string[] = [];
  #added = 0;
  #shared = 0;

  constructor(result: JsonObject) {
    this.#result = result;
    this.#components = list(result['components']).filter(isObject);
    this.#dependencies = new Map(
      list(result['dependencies'])
        .filter(isObject)
        .map((each) => [text(each['ref']) ?? '', each]),
    );
    collectRefs(result, this.#refs);
    for (const component of this.#components) this.#remember(component);
  }

  add(sbom: JsonObject, prefix: string): void {
    const subject = get(sbom, 'metadata', 'component');
    const incoming = [...(isObject(subject) ? [subject] : []), ...list(sbom['components']).filter(isObject)];
    const renamed = new Map<string, string>();
    const fresh = incoming.filter((component) => {
      const known = this.#known.get(identity(component));
      const ref = text(component['bom-ref']);
      if (known === undefined) return true;
      if (ref !== undefined) renamed.set(ref, known);
      this.#shared++;
      return false;
    });
    for (const ref of refsOf(sbom))
      if (!renamed.has(ref) && this.#refs.has(ref)) renamed.set(ref, this.#freeRef(`${prefix}:${ref}`));
    rename(sbom, renamed);
    for (const component of fresh) {
      component['bom-ref'] ??= this.#freeRef(`${prefix}:${text(component['name']) ?? 'component'}`);
      collectRefs(component, this.#refs);
      this.#remember(component);
      this.#components.push(component);
      this.#added++;
    }
    for (const dependency of list(sbom['dependencies']).filter(isObject))
      this.#depend(text(dependency['ref']) ?? '', list(dependency['dependsOn']).map(String));
    this.#connect(isObject(subject) ? text(subject['bom-ref']) : undefined);
    for (const field of ['vulnerabilities', 'services'] as const) {
      const more = list(sbom[field]);
      if (more.length > 0) this.#result[field] = [...list(this.#result[field]), ...more];
    }
    // A document with a newer version's fields needs that version's schema.
    const version = text(sbom['specVersion']) ?? '';
    if (version > (text(this.#result['specVersion']) ?? '')) {
      this.#result['specVersion'] = version;
      this.#result['$schema'] = `http://cyclonedx.org/schema/bom-${version}.schema.json`;
    }
  }

  finish(): Merged {
    if (this.#result['signature'] !== undefined) {
      delete this.#result['signature'];
      this.#notes.push('The signature inside the AIBOM no longer fits and was taken out: sign the merged document.');
    }
    this.#result['components'] = this.#components;
    this.#result['dependencies'] = [...this.#dependencies.values()];
    this.#result['serialNumber'] = serialNumberOf({ ...this.#result, serialNumber: '' });
    return {
      text: `${JSON.stringify(this.#result, null, 2)}\n`,
      added: this.#added,
      shared: this.#shared,
      notes: this.#notes,
    };
  }

  #remember(component: JsonObject): void {
    const ref = text(component['bom-ref']);
    if (ref !== undefined) this.#known.set(identity(component), ref);
  }

  /** The model depends on the software that was described with it. */
  #connect(subject: string | undefined): void {
    const model = text(get(this.#result, 'metadata', 'component', 'bom-ref'));
    if (model !== undefined && subject !== undefined && model !== subject) this.#depend(model, [subject]);
  }

  #depend(ref: string, on: string[]): void {
    if (ref === '') return;
    const found = this.#dependencies.get(ref);
    const targets = [...new Set([...list(found?.['dependsOn']).map(String), ...on])]
      .filter((each) => each !== ref)
      .sort();
    const entry = { ref, ...(targets.length > 0 ? { dependsOn: targets } : {}) };
    if (found) Object.assign(found, entry);
    else this.#dependencies.set(ref, entry);
  }

  #freeRef(wanted: string): string {
    let ref = wanted;
    for (let number = 2; this.#refs.has(ref); number++) ref = `${wanted}-${number}`;
    this.#refs.add(ref);
    return ref;
  }
}

/** The same package in two documents has the same address; what has none is told by type, name and version. */
function identity(component: JsonObject): string {
  return (
    text(component['purl']) ??
    [component['type'], component['group'], component['name'], component['version']]
      .map((each) => (typeof each === 'string' ? each : ''))
      .join('\n')
  );
}

function refsOf(value: unknown): Set<string> {
  const refs = new Set<string>();
  collectRefs(value, refs);
  return refs;
}

function collectRefs(value: unknown, into: Set<string>): void {
  if (Array.isArray(value)) for (const item of value) collectRefs(item, into);
  else if (isObject(value)) {
    const ref = text(value['bom-ref']);
    if (ref !== undefined) into.add(ref);
    for (const member of Object.values(value)) collectRefs(member, into);
  }
}

/** Members that hold references, and lists of them (CycloneDX 1.6 and 1.7). */
const referring = new Set([
  'bom-ref',
  'ref',
  'dependsOn',
  'provides',
  'assemblies',
  'dependencies',
  'vulnerabilities',
  'subjects',
  'attributedTo',
]);

function rename(value: unknown, names: ReadonlyMap<string, string>, key = ''): void {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      if (typeof item === 'string' && referring.has(key)) value[index] = names.get(item) ?? item;
      else rename(item, names, key);
    }
  } else if (isObject(value)) {
    for (const [name, member] of Object.entries(value)) {
      if (typeof member === 'string' && referring.has(name)) value[name] = names.get(member) ?? member;
      else rename(member, names, name);
    }
  }
}
