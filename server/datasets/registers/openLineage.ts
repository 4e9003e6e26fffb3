import { entry } from './entry.ts';
import { noParts, type DatasetRegister, type RegisteredData } from './facts.ts';
import type { ScalarTree } from './scalarTree.ts';
import { isLocalPath, type RegisterSource } from './source.ts';

/** An OpenLineage run event, or a list of some. Source: https://openlineage.io/spec/2-0-2/OpenLineage.json */
export function readOpenLineage(source: RegisterSource): DatasetRegister | null {
  const events = source.tree.items().filter(isEvent);
  const [first] = events;
  if (!first) return null;
  const records: DatasetRegister['records'] = [];
  const data: RegisteredData[] = [];
  for (const event of events) {
    const [job, run] = [event.at('job', 'name').text(), event.at('run', 'runId').text()];
    for (const [role, list] of [
      ['input', 'inputs'],
      ['output', 'outputs'],
    ] as const) {
      for (const dataset of event.at(list).items()) {
        const entry = entryOf(dataset, role);
        data.push(entry);
        if (role === 'input') continue;
        const assertions = dataset.at('facets', 'dataQualityAssertions', 'assertions').items();
        const version = dataset.at('facets', 'version', 'datasetVersion').text();
        records.push({
          name: entry.name,
          place: entry.place,
          parts: {
            ...noParts,
            source: event.at('inputs', 0, 'name').text() ?? dataset.at('facets', 'dataSource', 'uri').text(),
            ingestedBy: run ?? dataset.at('facets', 'ownership').first(),
            validatedAt: assertions[0]?.first() ?? null,
            transforms: event.at('job', 'facets', 'sourceCodeLocation').first() ?? job,
            // A free text, which need not be a hash.
            hash: version,
          },
          validation: { at: assertions.length > 0 ? event.at('eventTime').text() : null, until: null, result: null },
          ingestedAt: event.at('eventTime').text(),
        });
      }
    }
  }
  return {
    kind: 'openlineage',
    version: /\/(\d+-\d+-\d+)\//.exec(first.at('schemaURL').text()?.value ?? '')?.[1] ?? null,
    name: first.at('job', 'name').text()?.value ?? null,
    place: first.place(),
    data,
    records,
    licence: null,
  };
}

function isEvent(node: ScalarTree): boolean {
  return node.at('eventTime').exists && node.at('job', 'name').exists && node.at('run', 'runId').exists;
}

function entryOf(dataset: ScalarTree, role: RegisteredData['role']): RegisteredData {
  const namespace = dataset.at('namespace').text()?.value ?? '';
  const name = dataset.at('name').text();
  const uri = dataset.at('facets', 'dataSource', 'uri').text();
  const isFile = /^file(?:$|:)/.test(namespace);
  return entry(name?.value ?? 'a dataset', name?.range ?? dataset.place(), {
    path: isFile && name && isLocalPath(name.value) ? name.value : null,
    url: !isFile && uri && !isLocalPath(uri.value) ? uri : null,
    pin: dataset.at('facets', 'version', 'datasetVersion').text(),
    role,
  });
}
