import type { ModelRecord } from '../collect.ts';
import { type SpecVersion, type WriteOptions, writeCycloneDx } from '../cyclonedx/write.ts';
import { BomDocument, isObject, type JsonObject, text as textOf } from '../validate/document.ts';

/** What replaces a part of a text. */
export interface TextChange {
  /** In UTF-16 units. */
  offset: number;
  length: number;
  text: string;
}

/**
 * *Update AIBOM*: what the model says now, and what people have added by hand. The serial number stays and the version
 * goes up by one, as CycloneDX wants it for a new edition of the same document. A signature no longer fits and goes.
 * @returns null when nothing would change, or the text is no CycloneDX JSON.
 */
export function updateAibom(
  content: string,
  record: ModelRecord,
  options: Omit<WriteOptions, 'spec'>,
): TextChange | null {
  const old = documentOf(content);
  if (!old) return null;
  const spec: SpecVersion = old['specVersion'] === '1.7' ? '1.7' : '1.6';
  const fresh = JSON.parse(writeCycloneDx(record, { ...options, spec })) as JsonObject;
  const merged = withAdditions(fresh, old) as JsonObject;
  delete merged['signature'];
  merged['serialNumber'] = old['serialNumber'] ?? fresh['serialNumber'];
  merged['version'] = old['version'] ?? 1;
  const unchanged =
    JSON.stringify({ ...merged, metadata: null }) === JSON.stringify({ ...ordered(old, merged), metadata: null });
  if (unchanged && sameMetadata(merged, old)) return null;
  merged['version'] = (typeof old['version'] === 'number' ? old['version'] : 0) + 1;
  return smallestChange(content, `${JSON.stringify(merged, null, indentOf(content))}\n`);
}

/** *Fill from model card*: what the model's papers say and the document leaves open. Nothing that stands there is changed. */
export function fillFromCard(
  content: string,
  record: ModelRecord,
  options: Omit<WriteOptions, 'spec'>,
): { change: TextChange; filled: string[] } | null {
  const old = documentOf(content);
  if (!old) return null;
  const fresh = JSON.parse(writeCycloneDx(record, { ...options, spec: '1.6' })) as JsonObject;
  const subject = { old: component(old), fresh: component(fresh) };
  if (!subject.old || !subject.fresh) return null;
  const filled: string[] = [];
  // Datasets are referred to by their components, and those come with `update`.
  for (const key of ['supplier', 'description', 'licenses', 'copyright', 'authors', 'tags', 'releaseNotes', 'pedigree'])
    fill(subject.old, subject.fresh, key, key, filled);
  const card = isObject(subject.fresh['modelCard']) ? subject.fresh['modelCard'] : {};
  const target = (subject.old['modelCard'] ??= {});
  if (isObject(target)) {
    for (const group of ['modelParameters', 'quantitativeAnalysis', 'considerations']) {
      const from = card[group];
      const into = (target[group] ??= {});
      if (!isObject(from) || !isObject(into)) continue;
      for (const key of Object.keys(from))
        if (key !== 'datasets') fill(into, from, key, `modelCard.${group}.${key}`, filled);
      if (Object.keys(into).length === 0) delete target[group];
    }
  }
  if (filled.length === 0) return null;
  delete old['signature'];
  return { change: smallestChange(content, `${JSON.stringify(old, null, indentOf(content))}\n`), filled };
}

function fill(into: JsonObject, from: JsonObject, key: string, name: string, filled: string[]): void {
  const there = into[key];
  const empty = there === undefined || there === '' || (Array.isArray(there) && there.length === 0);
  if (!empty || from[key] === undefined) return;
  into[key] = from[key];
  filled.push(name);
}

function documentOf(content: string): JsonObject | null {
  const document = BomDocument.read(content);
  if (!(document instanceof BomDocument) || document.root['bomFormat'] !== 'CycloneDX') return null;
  return structuredClone(document.root);
}

function component(root: JsonObject): JsonObject | null {
  const metadata = root['metadata'];
  const subject = isObject(metadata) ? metadata['component'] : undefined;
  return isObject(subject) ? subject : null;
}

/** Lists in which only what was found counts: an entry that is no longer found is stale, and not an addition. */
const foundOnly = new Set([
  'hashes',
  'identity',
  'methods',
  'citations',
  'tools',
  'lifecycles',
  'compositions',
  'notes',
  'formulation',
]);

/** The fresh value, with those members and list items of the old one that only people write. */
function withAdditions(fresh: unknown, old: unknown, key = ''): unknown {
  if (Array.isArray(fresh) && Array.isArray(old)) {
    if (foundOnly.has(key)) return fresh as unknown[];
    const known = new Map(old.map((item) => [identity(item), item as unknown]));
    const merged = fresh.map((item) => withAdditions(item, known.get(identity(item)), key));
    const present = new Set(fresh.map(identity));
    return [...merged, ...(old as unknown[]).filter((item) => !present.has(identity(item)) && !isOurs(item, key))];
  }
  if (!isObject(fresh) || !isObject(old)) return fresh;
  const result: JsonObject = {};
  for (const name of Object.keys(fresh)) result[name] = withAdditions(fresh[name], old[name], name);
  for (const name of Object.keys(old)) if (!Object.hasOwn(result, name)) result[name] = old[name];
  return result;
}

/** Whether this tool wrote an item: then it is gone because it no longer holds. */
function isOurs(item: unknown, list: string): boolean {
  if (!isObject(item)) return list === 'assemblies' || list === 'dependsOn';
  if (list === 'components' && item['type'] === 'file') return true;
  if (String(item['name']).startsWith('weighbridge:') || String(item['name']).startsWith('cdx:ai-ml:')) return true;
  return (
    Array.isArray(item['properties']) &&
    item['properties'].some((each) => isObject(each) && each['name'] === 'weighbridge:source')
  );
}

/** What an item of a list is known by, in this document and in the next. */
function identity(item: unknown): string {
  if (!isObject(item)) return JSON.stringify(item);
  const licence = isObject(item['license'])
    ? (textOf(item['license']['id']) ?? textOf(item['license']['name']))
    : undefined;
  const parts = ['bom-ref', 'ref', 'name', 'type', 'url', 'slice', 'format', 'expression'].map(
    (key) => textOf(item[key]) ?? '',
  );
  return [...parts, licence ?? ''].join('\n');
}

const ordered = (old: JsonObject, like: JsonObject): JsonObject =>
  Object.fromEntries(
    [...Object.keys(like), ...Object.keys(old).filter((key) => !(key in like))]
      .filter((key) => key in old && key !== 'signature')
      .map((key) => [key, old[key]]),
  );

/** Compares what the document says of the model; when and by which version it was written does not matter. */
function sameMetadata(a: JsonObject, b: JsonObject): boolean {
  return JSON.stringify(component(a)) === JSON.stringify(component(b));
}

const indentOf = (content: string): number | string => /^[{[]\r?\n([ \t]+)/.exec(content)?.[1] ?? 2;

/** One change from a text to another, without what is the same before and behind. */
function smallestChange(before: string, after: string): TextChange {
  const shortest = Math.min(before.length, after.length);
  let start = 0;
  while (start < shortest && before[start] === after[start]) start++;
  let end = 0;
  while (end < shortest - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  return { offset: start, length: before.length - start - end, text: after.slice(start, after.length - end) };
}
