import { type BomView, propertyOf } from '../bomView.ts';
import { get, type JsonObject, list, text } from '../validate/document.ts';
import { type FieldSources, fieldSources } from './fieldSources.ts';

/** A line of what a bill of materials says of its model. */
export interface AibomFact {
  name: string;
  value: string;
  /** From where it was read; null where the document does not say. */
  source: string | null;
}

const card = 'modelCard/modelParameters';
const parameterCount = 'weighbridge:parameters';

/** What the document says of the model, each with its source, in the order in which people ask. */
export function factsOf(bom: BomView): AibomFact[] {
  const { model, root } = bom;
  const value = model?.value ?? {};
  const sources = fieldSources(root);
  const facts: AibomFact[] = [];
  const add = (name: string, said: string | undefined, field?: string, source?: string | null) => {
    if (said === undefined || said === '') return;
    const told = field === undefined ? null : sources(`${model?.pointer ?? ''}/${field}`);
    facts.push({ name, value: said, source: source ?? told });
  };
  const parameters = (key: string) => text(get(bom.card, 'modelParameters', key));
  const formats = (key: string) =>
    list(get(bom.card, 'modelParameters', key))
      .flatMap((each) => text(get(each, 'format')) ?? [])
      .join(', ');
  add('Version', text(value['version']), 'version', identitySource(value, 'version'));
  add('Address', text(value['purl']), 'purl', identitySource(value, 'name'));
  add('Supplier', text(get(value, 'supplier', 'name')), 'supplier');
  add('Authors', joined(value['authors'], 'name'), 'authors');
  add('Description', text(value['description']), 'description');
  add('Licence', licencesOf(value), 'licenses');
  add('Task', parameters('task'), `${card}/task`);
  add('Learning', text(get(bom.card, 'modelParameters', 'approach', 'type')), `${card}/approach`);
  add('Architecture', parameters('modelArchitecture'), `${card}/modelArchitecture`);
  add('Family', parameters('architectureFamily'), `${card}/architectureFamily`);
  add('Parameters', grouped(bom.property(parameterCount)), undefined, propertySource(bom, sources, parameterCount));
  add('Takes', formats('inputs'), `${card}/task`);
  add('Gives', formats('outputs'), `${card}/task`);
  add('Released', text(get(value, 'releaseNotes', 'timestamp')), 'releaseNotes/timestamp');
  add('Digest of all files', bom.property('weighbridge:digest'));
  add('Written', text(get(root, 'metadata', 'timestamp')));
  add('Written by', toolsOf(root));
  add('Serial number', text(root['serialNumber']));
  add('Signature inside', text(get(root, 'signature', 'algorithm')) ?? 'none');
  return facts;
}

function propertySource(bom: BomView, sources: FieldSources, name: string): string | null {
  const index = list(get(bom.card, 'properties')).findIndex((each) => get(each, 'name') === name);
  return index < 0 ? null : sources(`${bom.model?.pointer ?? ''}/modelCard/properties/${index}`, name);
}

/** The best claim of the evidence for a field. */
function identitySource(component: JsonObject, field: string): string | null {
  const evidence = get(component, 'evidence', 'identity');
  const all = Array.isArray(evidence) ? (evidence as unknown[]) : [evidence];
  const found = all.find((each) => get(each, 'field') === field);
  return text(get(list(get(found, 'methods'))[0], 'value')) ?? null;
}

const joined = (items: unknown, key: string): string =>
  list(items)
    .flatMap((each) => text(get(each, key)) ?? [])
    .join(', ');

export function licencesOf(component: JsonObject): string {
  return list(component['licenses'])
    .flatMap(
      (each) =>
        text(get(each, 'license', 'id')) ?? text(get(each, 'license', 'name')) ?? text(get(each, 'expression')) ?? [],
    )
    .join(', ');
}

/** `124,672`; what is no number stays as it is. */
function grouped(number: string | undefined): string | undefined {
  return number !== undefined && /^\d{1,15}$/.test(number) ? Number(number).toLocaleString('en') : number;
}

function toolsOf(root: JsonObject): string {
  const tools = get(root, 'metadata', 'tools');
  const all = Array.isArray(tools) ? (tools as unknown[]) : list(get(tools, 'components'));
  return all
    .map((each) => [text(get(each, 'name')), text(get(each, 'version'))].filter((part) => part).join(' '))
    .join(', ');
}

export const sizeOf = (component: JsonObject): string => propertyOf(component, 'weighbridge:size') ?? '';
