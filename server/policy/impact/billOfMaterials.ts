import { isRecord, listOf, textOf } from './json.ts';
import type { Paper, Thing } from './papers.ts';

/** Components within components within components: deeper ones are not looked at. */
const deepest = 32;

/** What a CycloneDX document says: its subject, and everything that is listed in it, ancestors included. */
export function billOfMaterials(document: Record<string, unknown>, file: string, folder: string): Paper[] {
  const metadata = isRecord(document['metadata']) ? document['metadata'] : {};
  const main = isRecord(metadata['component']) ? metadata['component'] : null;
  const parts: Thing[] = [];
  for (const component of listOf(document['components'])) collect(component, parts, 0);
  if (!main)
    return parts.length === 0 ? [] : [{ file, what: 'bill of materials', folder, subject: unnamed(folder), parts }];
  const subject = thingOf(main) ?? unnamed(folder);
  for (const inner of below(main)) collect(inner, parts, 1);
  return [{ file, what: 'bill of materials', folder, subject: { ...subject, kind: 'model' }, parts }];
}

const unnamed = (folder: string): Thing => ({ kind: 'model', names: [folder], digests: [] });

function collect(value: unknown, parts: Thing[], depth: number): void {
  if (!isRecord(value) || depth > deepest) return;
  const thing = thingOf(value);
  if (thing) parts.push(thing);
  for (const inner of below(value)) collect(inner, parts, depth + 1);
}

/** What a component consists of or comes from. */
function below(component: Record<string, unknown>): unknown[] {
  const pedigree = isRecord(component['pedigree']) ? component['pedigree'] : {};
  return [...listOf(component['components']), ...listOf(pedigree['ancestors']), ...listOf(pedigree['variants'])];
}

function thingOf(component: Record<string, unknown>): Thing | null {
  const name = textOf(component['name']);
  if (name === null) return null;
  const group = textOf(component['group']);
  const version = textOf(component['version']);
  const purl = textOf(component['purl']);
  const full = group === null ? name : `${group}/${name}`;
  const names = [full, ...(version === null ? [] : [`${full}@${version}`]), ...(purl === null ? [] : [purl])];
  const digests = listOf(component['hashes']).flatMap((hash) => {
    const content = isRecord(hash) ? textOf(hash['content']) : null;
    return content === null ? [] : [content.toLowerCase()];
  });
  const type = textOf(component['type']);
  const kind =
    type === 'machine-learning-model' ? 'model' : type === 'data' ? 'dataset' : type === 'file' ? 'file' : 'component';
  return { kind, names, digests };
}
