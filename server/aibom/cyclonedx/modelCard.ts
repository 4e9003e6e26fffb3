import type { Draft } from '../draft.ts';
import type { Consideration, NamedValue, Origin, Sourced } from '../record.ts';
import type { Plain } from './mlComponent.ts';
import { modalities } from './modalities.ts';
import type { Provenance } from './provenance.ts';

const card = '/metadata/component/modelCard';

/** The model card of CycloneDX, each part with its provenance. */
export function modelCardOf(draft: Draft, datasetRefs: readonly string[], provenance: Provenance): Plain {
  return compact({
    modelParameters: compact(parametersOf(draft, datasetRefs, provenance)),
    quantitativeAnalysis: compact({ performanceMetrics: metricsOf(draft, provenance) }),
    considerations: compact(considerationsOf(draft, provenance)),
    properties: propertiesOf(draft, provenance),
  });
}

function parametersOf(draft: Draft, datasetRefs: readonly string[], provenance: Provenance): Plain {
  const { approach, task, family, architecture } = draft.single;
  const cite = (field: string, sourced: Sourced<unknown> | undefined) => {
    if (sourced) provenance.add(`${card}/modelParameters/${field}`, sourced.origin);
  };
  cite('approach', approach);
  cite('task', task);
  cite('architectureFamily', family);
  cite('modelArchitecture', architecture);
  if (task && modalities(task.value)) {
    cite('inputs', task);
    cite('outputs', task);
  }
  for (const { origin } of draft.datasets) provenance.add(`${card}/modelParameters/datasets`, origin);
  const modality = task ? modalities(task.value) : null;
  return {
    approach: approach ? { type: approach.value } : undefined,
    task: task?.value,
    architectureFamily: family?.value,
    modelArchitecture: architecture?.value,
    datasets: datasetRefs.map((ref) => ({ ref })),
    inputs: modality?.inputs.map((format) => ({ format })),
    outputs: modality?.outputs.map((format) => ({ format })),
  };
}

function metricsOf(draft: Draft, provenance: Provenance): Plain[] {
  const metrics = draft.metrics.map(({ value: { type, value, slice, lower, upper }, origin }) => {
    const interval = lower === undefined && upper === undefined ? undefined : { lowerBound: lower, upperBound: upper };
    return {
      entry: compact({ type, value, slice: slice === '' ? undefined : slice, confidenceInterval: interval }),
      name: slice === undefined || slice === '' ? type : `${type} (${slice})`,
      origin,
    };
  });
  return cited(metrics, `${card}/quantitativeAnalysis/performanceMetrics`, provenance);
}

interface Cited<T> {
  entry: T;
  name: string;
  origin: Origin;
}

/** The entries of a list in their order, each with its provenance. */
export function cited<T extends object>(entries: Cited<T>[], list: string, provenance: Provenance): T[] {
  const origins = new Map(entries.map((each) => [each.entry, each]));
  const ordered = sorted(entries.map(({ entry }) => entry));
  for (const [index, entry] of ordered.entries()) {
    const known = origins.get(entry);
    if (known) provenance.add(`${list}/${index}`, known.origin, known.name);
  }
  return ordered;
}

function considerationsOf(draft: Draft, provenance: Provenance): Plain {
  const texts = (group: Consideration) =>
    draft.considerations
      .filter((each) => each.group === group)
      .map(({ value, origin }) => {
        provenance.add(`${card}/considerations/${group}`, origin);
        return value;
      });
  for (const { origin } of draft.environment)
    provenance.add(`${card}/considerations/environmentalConsiderations`, origin);
  const environment = sorted(
    draft.environment.map(({ value }) => ({ name: `weighbridge:environment:${value.name}`, value: value.value })),
  );
  return {
    users: texts('users'),
    useCases: texts('useCases'),
    technicalLimitations: texts('technicalLimitations'),
    performanceTradeoffs: texts('performanceTradeoffs'),
    ethicalConsiderations: texts('ethicalConsiderations').map((name) => ({ name })),
    environmentalConsiderations: compact({ properties: environment }),
  };
}

function propertiesOf(draft: Draft, provenance: Provenance): NamedValue[] {
  const named = (prefix: string, list: readonly Sourced<NamedValue>[]): Cited<NamedValue>[] =>
    list.map(({ value, origin }) => {
      const name = `${prefix}${value.name}`;
      return { entry: { name, value: value.value }, name, origin };
    });
  const { task } = draft.single;
  const modality = task ? modalities(task.value) : null;
  const own: Cited<NamedValue>[] = [];
  if (task && modality) {
    const name = 'cdx:ai-ml:model:modality';
    const value = [...new Set([...modality.inputs, ...modality.outputs])].join(', ');
    own.push({ entry: { name, value }, name, origin: task.origin });
  }
  const all = [...own, ...named('', draft.facts), ...named('weighbridge:hyperparameter:', draft.hyperparameters)];
  return cited(all, `${card}/properties`, provenance);
}

/** Plain objects in an order that does not depend on the order of reading. */
export function sorted<T extends object>(list: T[]): T[] {
  return list
    .map((item) => ({ item, key: JSON.stringify(item) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ item }) => item);
}

/** Without members that say nothing: undefined, empty lists and empty objects. */
export function compact(object: Plain): Plain {
  const says = (value: unknown) =>
    value !== undefined && !(value !== null && typeof value === 'object' && Object.keys(value).length === 0);
  return Object.fromEntries(Object.entries(object).filter(([, value]) => says(value)));
}
