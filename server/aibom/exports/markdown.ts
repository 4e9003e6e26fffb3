import { BomView, propertyOf } from '../bomView.ts';
import { coverageOf } from '../coverage/coverage.ts';
import { get, type JsonObject, list, text } from '../validate/document.ts';

/** Rows of a table that are shown; what is beyond is counted. */
const mostRows = 500;
const longestCell = 500;

/** A bill of materials for people. What stands in it is data: it can neither be markup nor pretend to be a heading. */
export function markdownOf(root: JsonObject): string {
  const bom = new BomView(root);
  const { model, card } = bom;
  const parts = [`# ${plain(nameOf(model?.value))}`, table(['Field', 'Value'], summaryOf(bom))];
  const description = text(model?.value['description']);
  if (description !== undefined) parts.push(plain(description));
  const section = (title: string, ...rest: string[]) => {
    const body = rest.filter((each) => each !== '');
    if (body.length > 0) parts.push(`## ${title}`, ...body);
  };
  section('Base models', bullets(list(get(model?.value, 'pedigree', 'ancestors')).map((each) => nameOf(each))));
  section('Datasets', table(['Dataset', 'Version', 'Hash', 'Licence', 'Where'], bom.datasets.map(datasetRow)));
  section(
    'Evaluation',
    table(
      ['Metric', 'Value', 'On'],
      list(get(card, 'quantitativeAnalysis', 'performanceMetrics')).map((each) => [
        textOf(each, 'type'),
        textOf(each, 'value'),
        textOf(each, 'slice'),
      ]),
    ),
  );
  section('Hyperparameters', table(['Name', 'Value'], propertiesStarting(card, 'weighbridge:hyperparameter:')));
  for (const [title, key] of considerationTitles) {
    const entries = list(get(card, 'considerations', key)).map((each) =>
      typeof each === 'string' ? each : textOf(each, 'name'),
    );
    section(title, bullets(entries));
  }
  section(
    'Files',
    table(
      ['File', 'Format', 'Bytes', 'SHA-256'],
      bom.files.map(({ value }) => [
        textOf(value, 'name'),
        propertyOf(value, 'weighbridge:format') ?? '',
        propertyOf(value, 'weighbridge:size') ?? '',
        hashOf(value),
      ]),
    ),
  );
  section(
    'Software',
    table(
      ['Package', 'Version'],
      bom.components
        .filter(({ value }) => value['type'] === 'library' || value['type'] === 'framework')
        .map(({ value }) => [nameOf(value), textOf(value, 'version')]),
    ),
  );
  section(
    'Notes',
    bullets(
      list(get(root, 'metadata', 'properties'))
        .filter((each) => get(each, 'name') === 'weighbridge:note')
        .map((each) => textOf(each, 'value')),
    ),
  );
  section(
    'Coverage',
    table(
      ['List', 'Present', 'Of'],
      coverageOf(root).map(({ title, present, total }) => [title, String(present), String(total)]),
    ),
    'Coverage counts the places that hold something. It is no statement that a law or a standard is met.',
  );
  return `${parts.join('\n\n')}\n`;
}

const considerationTitles: [string, string][] = [
  ['Users', 'users'],
  ['Intended uses', 'useCases'],
  ['Limitations', 'technicalLimitations'],
  ['Trade-offs', 'performanceTradeoffs'],
  ['Ethical considerations', 'ethicalConsiderations'],
];

function summaryOf(bom: BomView): string[][] {
  const { model, card } = bom;
  const value = model?.value;
  const licences = list(value?.['licenses']).map(
    (each) =>
      text(get(each, 'license', 'id')) ?? text(get(each, 'license', 'name')) ?? text(get(each, 'expression')) ?? '',
  );
  const rows: [string, string | undefined][] = [
    ['Version', text(value?.['version'])],
    ['Address', text(value?.['purl'])],
    ['Supplier', text(get(value, 'supplier', 'name'))],
    ['Licence', licences.join(', ')],
    ['Task', text(get(card, 'modelParameters', 'task'))],
    [
      'Architecture',
      [
        text(get(card, 'modelParameters', 'architectureFamily')),
        text(get(card, 'modelParameters', 'modelArchitecture')),
      ]
        .filter((each) => each)
        .join(', '),
    ],
    ['Parameters', bom.property('weighbridge:parameters')],
    ['Digest', bom.property('weighbridge:digest')],
    ['Written', text(get(bom.root, 'metadata', 'timestamp'))],
    ['Format', `CycloneDX ${textOf(bom.root, 'specVersion')}, ${textOf(bom.root, 'serialNumber')}`],
  ];
  return rows.filter((row): row is [string, string] => row[1] !== undefined && row[1] !== '');
}

function datasetRow(dataset: JsonObject): string[] {
  const data = list(dataset['data'])[0];
  const licence = list(dataset['licenses']).map(
    (each) => text(get(each, 'license', 'id')) ?? text(get(each, 'license', 'name')) ?? '',
  );
  const where = text(get(data, 'contents', 'url')) ?? text(get(list(dataset['externalReferences'])[0], 'url')) ?? '';
  return [textOf(dataset, 'name'), textOf(dataset, 'version'), hashOf(dataset), licence.join(', '), where];
}

function hashOf(component: JsonObject): string {
  const hash = list(component['hashes'])[0];
  const alg = textOf(hash, 'alg');
  return hash === undefined ? '' : `${alg === 'SHA-256' ? '' : `${alg} `}${textOf(hash, 'content')}`;
}

function propertiesStarting(holder: unknown, prefix: string): string[][] {
  return list(get(holder, 'properties'))
    .map((each) => [textOf(each, 'name'), textOf(each, 'value')])
    .filter(([name = '']) => name.startsWith(prefix))
    .map(([name = '', value = '']) => [name.slice(prefix.length), value]);
}

const textOf = (holder: unknown, key: string): string => text(get(holder, key)) ?? '';

const nameOf = (component: unknown): string =>
  [text(get(component, 'group')), text(get(component, 'name'))].filter((each) => each).join('/') ||
  'A bill of materials';

function table(headings: string[], rows: string[][]): string {
  if (rows.length === 0) return '';
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  const shown = rows.slice(0, mostRows).map((cells) => line(cells.map(plain)));
  const rest =
    rows.length > mostRows ? [line([`${rows.length - mostRows} more`, ...headings.slice(1).map(() => '')])] : [];
  return [line(headings), line(headings.map(() => '---')), ...shown, ...rest].join('\n');
}

const bullets = (texts: string[]): string =>
  texts
    .filter((each) => each !== '')
    .slice(0, mostRows)
    .map((each) => `- ${plain(each)}`)
    .join('\n');

/**
 * Text in one line that no renderer takes for markup: every mark of Markdown is escaped, HTML is written as entities, and
 * what only a machine would read (controls, zero-width and bidirectional characters, tags) is taken out.
 */
export function plain(content: string): string {
  const short = content.length > longestCell ? `${content.slice(0, longestCell)}...` : content;
  return short
    .replace(/\s+/g, ' ')
    .trim()
    .replace(
      /[\p{Cc}\p{Cs}\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu,
      '',
    )
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[\\`*_[\]|~]/g, '\\$&')
    .replace(/^([#+=-])/, '\\$1')
    .replace(/^(\d+)([.)] )/, '$1\\$2');
}
