import { BomView, type Placed } from './bomView.ts';
import { get, isObject, type JsonObject, list, text } from './validate/document.ts';

/** One difference between two bills of materials. */
export interface BomChange {
  kind: 'added' | 'removed' | 'changed';
  what: 'model' | 'file' | 'dataset' | 'base model' | 'component' | 'dependency' | 'vulnerability';
  /** Of the component; of the field within the model: `modelCard.modelParameters.task`. */
  name: string;
  /** Of a component that is in both: the field that differs. */
  field?: string;
  before?: string;
  after?: string;
}

/** Members that say how a document was made, or are told apart by themselves. */
const passedOver = new Set(['bom-ref', 'components', 'evidence', 'signature', 'dependencies']);

/** What changed from one bill of materials to another; empty when both say the same of the model. */
export function compareBoms(before: JsonObject, after: JsonObject): BomChange[] {
  const [old, now] = [new BomView(before), new BomView(after)];
  const changes = fieldChanges('model', null, flat(old.model?.value), flat(now.model?.value));
  const [oldOthers, newOthers] = [others(old), others(now)];
  for (const [key, component] of oldOthers) {
    const same = newOthers.get(key);
    if (same)
      changes.push(...fieldChanges(kindOf(component, old), nameOf(component), flat(component.value), flat(same.value)));
    else changes.push({ kind: 'removed', what: kindOf(component, old), name: nameOf(component) });
  }
  for (const [key, component] of newOthers)
    if (!oldOthers.has(key)) changes.push({ kind: 'added', what: kindOf(component, now), name: nameOf(component) });
  changes.push(...setChanges('vulnerability', vulnerabilities(before), vulnerabilities(after)));
  return changes.sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

const sortKey = ({ what, name, field = '', kind }: BomChange): string => `${what}\n${name}\n${field}\n${kind}`;

function others(bom: BomView): Map<string, Placed> {
  return new Map(bom.components.filter((each) => each !== bom.model).map((each) => [keyOf(each), each]));
}

/** A component stays itself through its versions. */
function keyOf({ value }: Placed): string {
  const purl = text(value['purl'])?.replace(/[@?#].*$/, '');
  return purl ?? `${String(value['type'])} ${text(value['group']) ?? ''} ${String(value['name'])}`;
}

const nameOf = ({ value }: Placed): string =>
  [text(value['group']), text(value['name'])].filter((each) => each).join('/');

function kindOf({ value, pointer }: Placed, bom: BomView): BomChange['what'] {
  if (value['type'] === 'file' && bom.model !== null && pointer.startsWith(bom.model.pointer)) return 'file';
  if (value['type'] === 'data') return 'dataset';
  return value['type'] === 'machine-learning-model' ? 'base model' : 'component';
}

function fieldChanges(
  what: BomChange['what'],
  name: string | null,
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): BomChange[] {
  const changes: BomChange[] = [];
  for (const field of new Set([...before.keys(), ...after.keys()])) {
    const [old, now] = [before.get(field), after.get(field)];
    if (old === now) continue;
    const kind = old === undefined ? 'added' : now === undefined ? 'removed' : 'changed';
    changes.push({
      kind: name === null ? kind : 'changed',
      what,
      name: name ?? field,
      ...(name === null ? {} : { field }),
      ...(old === undefined ? {} : { before: old }),
      ...(now === undefined ? {} : { after: now }),
    });
  }
  return changes;
}

/** Scalars by their path; list items by what names them, so that an order or an insertion is no change. */
function flat(value: unknown): Map<string, string> {
  const fields = new Map<string, string>();
  const visit = (here: unknown, path: string) => {
    if (Array.isArray(here)) {
      for (const item of here) visit(item, isObject(item) ? `${path}[${itemKey(item)}]` : `${path}[${String(item)}]`);
    } else if (isObject(here)) {
      for (const [key, member] of Object.entries(here))
        if (!passedOver.has(key) && !isSource(member)) visit(member, path === '' ? key : `${path}.${key}`);
    } else if (here !== undefined && here !== null) {
      fields.set(path, typeof here === 'string' ? here : JSON.stringify(here));
    }
  };
  visit(value, '');
  for (const key of fields.keys()) if (key.includes('weighbridge:source')) fields.delete(key);
  return fields;
}

const isSource = (member: unknown): boolean =>
  isObject(member) && String(member['name']).startsWith('weighbridge:source');

/** What an item of a list is known by. */
function itemKey(item: JsonObject): string {
  const known = ['name', 'alg', 'type', 'url', 'ref', 'id', 'format', 'purl'].filter(
    (key) => typeof item[key] === 'string',
  );
  const licence = text(get(item, 'license', 'id')) ?? text(get(item, 'license', 'name')) ?? text(item['expression']);
  const slice = text(item['slice']);
  const keys = known
    .slice(0, item['type'] !== undefined && item['url'] !== undefined ? 2 : 1)
    .map((key) => String(item[key]));
  return (
    [...keys, ...(licence === undefined ? [] : [licence]), ...(slice === undefined ? [] : [slice])].join(' ') || '*'
  );
}

function vulnerabilities(root: JsonObject): Set<string> {
  return new Set(
    list(root['vulnerabilities'])
      .map((each) => text(get(each, 'id')) ?? '')
      .filter((each) => each !== ''),
  );
}

function setChanges(what: BomChange['what'], before: ReadonlySet<string>, after: ReadonlySet<string>): BomChange[] {
  return [
    ...[...before].filter((name) => !after.has(name)).map((name) => ({ kind: 'removed' as const, what, name })),
    ...[...after].filter((name) => !before.has(name)).map((name) => ({ kind: 'added' as const, what, name })),
  ];
}
