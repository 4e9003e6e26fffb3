import { type BomView, propertyOf } from '../bomView.ts';
import type { AibomDifference } from '../check.ts';
import { get, type JsonObject, list, text } from '../validate/document.ts';
import { licencesOf, sizeOf } from './facts.ts';
import { type FieldSources, fieldSources, sourceOf } from './fieldSources.ts';

/** A table of a bill of materials, ready to show. */
export interface AibomTable {
  id:
    'files' | 'base-models' | 'datasets' | 'metrics' | 'hyperparameters' | 'training' | 'software' | 'vulnerabilities';
  title: string;
  columns: string[];
  rows: string[][];
  /** Rows before the cut. */
  total: number;
}

const mostRows = 1_000;
const hyperparameter = 'weighbridge:hyperparameter:';
const longestCell = 500;

/** @param differences from the model on disk; null where it was not compared. */
export function tablesOf(bom: BomView, differences: readonly AibomDifference[] | null): AibomTable[] {
  const { card, components, root } = bom;
  const sources = fieldSources(root);
  const models = components.filter((each) => each !== bom.model && each.value['type'] === 'machine-learning-model');
  const packages = components.filter(({ value }) => value['type'] === 'library' || value['type'] === 'framework');
  const all: [AibomTable['id'], string, string[], string[][]][] = [
    ['files', 'Files', ['File', 'On disk', 'Format', 'Bytes', 'SHA-256'], filesOf(bom, differences)],
    [
      'base-models',
      'Base models',
      ['Model', 'Revision', 'Relation', 'Source'],
      models.map(({ value }) => [
        named(value),
        said(value, 'version') || 'not pinned',
        propertyOf(value, 'weighbridge:relation') ?? '',
        sourceOf(value),
      ]),
    ],
    [
      'datasets',
      'Datasets',
      ['Dataset', 'Version', 'Licence', 'Hash', 'Where', 'Source'],
      bom.datasets.map(datasetRow),
    ],
    ['metrics', 'Evaluation', ['Metric', 'Value', 'On', 'Confidence interval', 'Source'], metricsOf(bom, sources)],
    [
      'hyperparameters',
      'Hyperparameters',
      ['Name', 'Value', 'Source'],
      startingWith(card, hyperparameter).map(([name = '', value = '', index = '']) => [
        name,
        value,
        sources(`${bom.model?.pointer ?? ''}/modelCard/properties/${index}`, `${hyperparameter}${name}`) ?? '',
      ]),
    ],
    ['training', 'Training', ['What', 'Value', 'Source'], trainingOf(root, sources)],
    [
      'software',
      'Software',
      ['Package', 'Version', 'Source'],
      packages.map(({ value }) => [named(value), said(value, 'version') || 'not pinned', sourceOf(value)]),
    ],
    ['vulnerabilities', 'Known vulnerabilities', ['Id', 'Severity', 'Of', 'State'], vulnerabilitiesOf(root)],
  ];
  return all
    .filter(([, , , rows]) => rows.length > 0)
    .map(([id, title, columns, rows]) => ({
      id,
      title,
      columns,
      rows: rows.slice(0, mostRows).map((cells) => cells.map(cut)),
      total: rows.length,
    }));
}

const onDisk = { changed: 'changed since', missing: 'no longer there', extra: 'not described', unhashed: 'no SHA-256' };

/** Those that differ first: they are what people look for. */
function filesOf(bom: BomView, differences: readonly AibomDifference[] | null): string[][] {
  const byPath = new Map(differences?.map((each) => [each.path, each]));
  const described = bom.files.map(({ value }) => {
    const path = said(value, 'name');
    const difference = byPath.get(path);
    byPath.delete(path);
    const state = differences === null ? 'not compared' : difference ? onDisk[difference.kind] : 'as described';
    return {
      differs: difference !== undefined,
      row: [path, state, propertyOf(value, 'weighbridge:format') ?? '', sizeOf(value), sha256(value)],
    };
  });
  const undescribed = [...byPath.values()].map(({ path, kind }) => ({
    differs: true,
    row: [path, onDisk[kind], '', '', ''],
  }));
  const files = [...undescribed, ...described];
  return [...files.filter(({ differs }) => differs), ...files.filter(({ differs }) => !differs)].map(({ row }) => row);
}

function datasetRow(dataset: JsonObject): string[] {
  const where =
    text(get(list(dataset['data'])[0], 'contents', 'url')) ?? text(get(list(dataset['externalReferences'])[0], 'url'));
  return [
    named(dataset),
    said(dataset, 'version'),
    licencesOf(dataset),
    hashOf(dataset),
    where ?? text(get(dataset, 'contents', 'url')) ?? '',
    sourceOf(dataset),
  ];
}

const training = 'weighbridge:training:';

function trainingOf(root: JsonObject, sources: FieldSources): string[][] {
  const workflows = list(root['formulation']).flatMap((formula, at) =>
    list(get(formula, 'workflows')).map((workflow, index) => ({
      workflow,
      pointer: `/formulation/${at}/workflows/${index}`,
    })),
  );
  return workflows.flatMap(({ workflow, pointer }) => [
    ...(['timeStart', 'timeEnd'] as const).flatMap((key) => {
      const value = said(workflow, key);
      return value === '' ? [] : [[key, value, sources(`${pointer}/${key}`) ?? '']];
    }),
    ...startingWith(workflow, training).map(([name = '', value = '', index = '']) => [
      name,
      value,
      sources(`${pointer}/properties/${index}`, `${training}${name}`) ?? '',
    ]),
  ]);
}

function vulnerabilitiesOf(root: JsonObject): string[][] {
  return list(root['vulnerabilities']).map((each) => [
    said(each, 'id'),
    list(get(each, 'ratings')).flatMap((rating) => text(get(rating, 'severity')) ?? [])[0] ?? '',
    list(get(each, 'affects'))
      .flatMap((affected) => text(get(affected, 'ref')) ?? [])
      .join(', '),
    text(get(each, 'analysis', 'state')) ?? '',
  ]);
}

function metricsOf(bom: BomView, sources: FieldSources): string[][] {
  const at = `${bom.model?.pointer ?? ''}/modelCard/quantitativeAnalysis/performanceMetrics`;
  return list(get(bom.card, 'quantitativeAnalysis', 'performanceMetrics')).map((each, index) => {
    const [type, slice] = [said(each, 'type'), said(each, 'slice')];
    return [
      type,
      said(each, 'value'),
      slice,
      interval(get(each, 'confidenceInterval')),
      sources(`${at}/${index}`, slice === '' ? type : `${type} (${slice})`) ?? '',
    ];
  });
}

/** Name without the prefix, value, and index among the properties. */
function startingWith(holder: unknown, prefix: string): string[][] {
  return list(get(holder, 'properties'))
    .map((each, index) => [said(each, 'name'), said(each, 'value'), String(index)])
    .filter(([name = '']) => name.startsWith(prefix))
    .map(([name = '', value = '', index = '']) => [name.slice(prefix.length), value, index]);
}

function interval(bounds: unknown): string {
  const [lower, upper] = [said(bounds, 'lowerBound'), said(bounds, 'upperBound')];
  return lower === '' && upper === '' ? '' : `${lower} to ${upper}`;
}

function hashOf(component: JsonObject): string {
  const [first] = list(component['hashes']);
  return first === undefined ? '' : `${said(first, 'alg')} ${said(first, 'content')}`;
}

function sha256(component: JsonObject): string {
  const found = list(component['hashes']).find((each) => get(each, 'alg') === 'SHA-256');
  return found === undefined ? '' : said(found, 'content');
}

const named = (component: JsonObject): string =>
  [text(component['group']), text(component['name'])].filter((each) => each).join('/');

const said = (holder: unknown, key: string): string => text(get(holder, key)) ?? '';

const cut = (cell: string): string => (cell.length > longestCell ? `${cell.slice(0, longestCell)}...` : cell);
