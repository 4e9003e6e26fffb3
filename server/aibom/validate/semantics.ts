import { PackageURL } from 'packageurl-js';
import { spdxIds } from '../licence/spdxIds.ts';
import { escapeKey, get, isObject, type JsonObject, list, text } from './document.ts';

/** What the schema cannot see. `error` breaks a reader; `warning` misleads one. */
export interface SemanticBreach {
  rule:
    | 'duplicate-ref'
    | 'dangling-ref'
    | 'circular-dependency'
    | 'purl'
    | 'hash-length'
    | 'licence-id'
    | 'licence-expression'
    | 'model-card-place'
    | 'data-place'
    | 'timestamp'
    /** What is beyond the bound, counted. */
    | 'more';
  severity: 'error' | 'warning';
  pointer: string;
  message: string;
}

/** Of each severity, so that warnings keep no error from being told. */
const mostBreaches = 500;

/** Hex digits of each hash. */
const hashLengths: Record<string, number> = {
  MD5: 32,
  'SHA-1': 40,
  'SHA-256': 64,
  'SHA-384': 96,
  'SHA-512': 128,
  'SHA3-256': 64,
  'SHA3-384': 96,
  'SHA3-512': 128,
  'BLAKE2b-256': 64,
  'BLAKE2b-384': 96,
  'BLAKE2b-512': 128,
  BLAKE3: 64,
  'Streebog-256': 64,
  'Streebog-512': 128,
};

/** Checks what CycloneDX says in words only: references, package addresses, hashes, licences, and where ML fields may stand. */
export function semanticBreaches(root: JsonObject): SemanticBreach[] {
  return new Semantics(root).run();
}

class Semantics {
  readonly #root: JsonObject;
  readonly #breaches: SemanticBreach[] = [];
  readonly #counts = { error: 0, warning: 0 };
  readonly #refs = new Map<string, { pointer: string; what: string }>();
  readonly #uses: { ref: string; pointer: string }[] = [];

  constructor(root: JsonObject) {
    this.#root = root;
  }

  run(): SemanticBreach[] {
    this.#walk(this.#root, '', '');
    for (const { ref, pointer } of this.#uses) {
      if (!this.#refs.has(ref) && !ref.startsWith('urn:cdx:'))
        this.#report('dangling-ref', 'error', pointer, `"${shown(ref)}" is the bom-ref of nothing in this document`);
    }
    this.#checkCycles();
    for (const severity of ['error', 'warning'] as const) {
      const beyond = this.#counts[severity] - mostBreaches;
      const message = `${beyond.toLocaleString('en')} more ${severity}s of this kind are not listed: mend the first ${mostBreaches}`;
      if (beyond > 0) this.#breaches.push({ rule: 'more', severity, pointer: '', message });
    }
    return this.#breaches;
  }

  /** Every object of the document, once. `key` is the member's own name, or that of the list around it. */
  #walk(value: unknown, pointer: string, key: string): void {
    if (Array.isArray(value)) {
      for (let index = 0; index < value.length; index++) this.#walk(value[index], `${pointer}/${index}`, key);
      return;
    }
    if (!isObject(value)) return;
    this.#checkObject(value, pointer, key);
    for (const [name, member] of Object.entries(value)) {
      // What stands in a property or an attachment is the author's own.
      if (name !== 'properties') this.#walk(member, `${pointer}/${escapeKey(name)}`, name);
    }
  }

  #checkObject(object: JsonObject, pointer: string, key: string): void {
    const ref = text(object['bom-ref']);
    if (ref !== undefined) this.#define(ref, `${pointer}/bom-ref`, object);
    if (
      key === 'components' ||
      key === 'component' ||
      key === 'ancestors' ||
      key === 'descendants' ||
      key === 'variants'
    )
      this.#checkComponent(object, pointer);
    if (key === 'hashes') this.#checkHash(object, pointer);
    if (key === 'licenses') this.#checkLicence(object, pointer);
    if (key === 'modelParameters')
      for (const [index, entry] of list(object['datasets']).entries())
        this.#use(get(entry, 'ref'), `${pointer}/datasets/${index}/ref`);
    if (key === 'dependencies' && pointer.split('/').length === 3) this.#checkDependency(object, pointer);
    if (key === 'compositions')
      for (const field of ['assemblies', 'dependencies', 'vulnerabilities'])
        this.#useAll(object[field], `${pointer}/${field}`);
    if (key === 'affects') this.#use(object['ref'], `${pointer}/ref`);
    if (key === 'resource' || key === 'source' || key === 'target') this.#use(object['ref'], `${pointer}/ref`);
    if (key === 'annotations') this.#useAll(object['subjects'], `${pointer}/subjects`);
    if (key === 'citations')
      for (const field of ['attributedTo', 'process']) this.#use(object[field], `${pointer}/${field}`);
    if (key === 'metadata') this.#checkTimestamp(object['timestamp'], `${pointer}/timestamp`);
  }

  #define(ref: string, pointer: string, object: JsonObject): void {
    const what = ['type', 'group', 'name', 'purl'].map((key) => text(object[key]) ?? '').join('\n');
    const first = this.#refs.get(ref);
    if (first === undefined) {
      this.#refs.set(ref, { pointer, what });
      return;
    }
    // The same thing told twice leads nobody astray; two things under one name do.
    const severity = first.what === what ? 'warning' : 'error';
    const message = `the bom-ref "${shown(ref)}" stands at ${first.pointer}, too; each must be unique`;
    this.#report('duplicate-ref', severity, pointer, message);
  }

  #use(ref: unknown, pointer: string): void {
    if (typeof ref === 'string') this.#uses.push({ ref, pointer });
  }

  #useAll(refs: unknown, pointer: string): void {
    for (const [index, ref] of list(refs).entries()) this.#use(ref, `${pointer}/${index}`);
  }

  #checkComponent(component: JsonObject, pointer: string): void {
    const type = text(component['type']);
    if (component['modelCard'] !== undefined && type !== 'machine-learning-model')
      this.#report(
        'model-card-place',
        'error',
        `${pointer}/modelCard`,
        `a modelCard belongs to a component of type machine-learning-model, and this is of type ${type ?? 'none'}`,
      );
    if (component['data'] !== undefined && type !== 'data' && type !== 'machine-learning-model')
      this.#report(
        'data-place',
        'warning',
        `${pointer}/data`,
        `"data" describes components of type data, and this is of type ${type ?? 'none'}`,
      );
    const purl = text(component['purl']);
    if (purl !== undefined) this.#checkPurl(purl, `${pointer}/purl`);
  }

  #checkPurl(purl: string, pointer: string): void {
    try {
      PackageURL.fromString(purl);
    } catch {
      this.#report(
        'purl',
        'error',
        pointer,
        `"${shown(purl)}" is no package address (pkg:TYPE/NAMESPACE/NAME@VERSION)`,
      );
    }
  }

  #checkHash({ alg, content }: JsonObject, pointer: string): void {
    const length = hashLengths[String(alg)];
    if (length === undefined || typeof content !== 'string' || content.length === length) return;
    this.#report(
      'hash-length',
      'error',
      `${pointer}/content`,
      `${String(alg)} has ${length} digits, and this has ${content.length}`,
    );
  }

  #checkLicence(entry: JsonObject, pointer: string): void {
    const id = text(get(entry, 'license', 'id'));
    if (id !== undefined && spdxIds().get(id.toLowerCase()) !== id)
      this.#report(
        'licence-id',
        'error',
        `${pointer}/license/id`,
        `"${shown(id)}" is no id of the SPDX list; a licence without one goes into "name"`,
      );
    const name = text(get(entry, 'license', 'name'));
    const known = name === undefined ? undefined : spdxIds().get(name.toLowerCase());
    if (known !== undefined)
      this.#report(
        'licence-id',
        'warning',
        `${pointer}/license/name`,
        `"${shown(name ?? '')}" has an SPDX id: write "id": "${known}", so that tools know it`,
      );
    const expression = text(entry['expression']);
    if (expression !== undefined) this.#checkExpression(expression, `${pointer}/expression`);
  }

  #checkExpression(expression: string, pointer: string): void {
    for (const word of expression.slice(0, 5_000).split(/[\s()]+/)) {
      if (
        word === '' ||
        /^(?:AND|OR|WITH)$/.test(word) ||
        /^(?:DocumentRef-|LicenseRef-)/.test(word) ||
        /-exception/i.test(word)
      )
        continue;
      if (!spdxIds().has(word.replace(/\+$/, '').toLowerCase())) {
        this.#report(
          'licence-expression',
          'warning',
          pointer,
          `"${shown(word)}" in the expression is no id of the SPDX list`,
        );
        return;
      }
    }
  }

  #checkDependency(dependency: JsonObject, pointer: string): void {
    this.#use(dependency['ref'], `${pointer}/ref`);
    this.#useAll(dependency['dependsOn'], `${pointer}/dependsOn`);
    this.#useAll(dependency['provides'], `${pointer}/provides`);
  }

  #checkTimestamp(timestamp: unknown, pointer: string): void {
    const time = typeof timestamp === 'string' ? Date.parse(timestamp) : NaN;
    // No bill of materials is older than the Unix epoch plus a year: that is a clock that was never set.
    if (!Number.isNaN(time) && time < 31_536_000_000)
      this.#report('timestamp', 'warning', pointer, 'the time lies in 1970, which is a clock that was not set');
  }

  /** A component that depends on itself over others: readers that walk the graph would not end. */
  #checkCycles(): void {
    const edges = new Map<string, string[]>();
    const places = new Map<string, string>();
    for (const [index, entry] of list(this.#root['dependencies']).entries()) {
      const ref = text(get(entry, 'ref'));
      if (ref === undefined) continue;
      edges.set(
        ref,
        list(get(entry, 'dependsOn')).filter((each) => typeof each === 'string'),
      );
      places.set(ref, `/dependencies/${index}`);
    }
    const state = new Map<string, 'open' | 'done'>();
    for (const start of edges.keys()) {
      const path: { ref: string; next: number }[] = [{ ref: start, next: 0 }];
      if (state.has(start)) continue;
      state.set(start, 'open');
      for (let top = path.at(-1); top; top = path.at(-1)) {
        const next = edges.get(top.ref)?.[top.next++];
        if (next === undefined) {
          state.set(top.ref, 'done');
          path.pop();
        } else if (state.get(next) === 'open') {
          this.#report(
            'circular-dependency',
            'warning',
            places.get(top.ref) ?? '',
            `"${shown(top.ref)}" depends on "${shown(next)}", which depends on it in turn`,
          );
        } else if (!state.has(next)) {
          state.set(next, 'open');
          path.push({ ref: next, next: 0 });
        }
      }
    }
  }

  #report(rule: SemanticBreach['rule'], severity: SemanticBreach['severity'], pointer: string, message: string): void {
    if (++this.#counts[severity] <= mostBreaches) this.#breaches.push({ rule, severity, pointer, message });
  }
}

const shown = (value: string): string => (value.length <= 120 ? value : `${value.slice(0, 120)}...`);
