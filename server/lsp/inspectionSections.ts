import type { PartFacts } from '../formats/facts.ts';
import type { GraphFacts } from '../formats/graph/facts.ts';
import type { ModelFactKinds } from '../formats/modelFacts.ts';
import type { InspectedSection } from './protocol.ts';

/** Rows that go to the view at once; the rest is counted. */
const rowsShown = 2_000;
const cellShown = 1_000;

/** What stands in a model beside tensors, pickles and archives, as tables. */
export function sectionsOf(parts: readonly PartFacts[]): InspectedSection[] {
  return parts.flatMap(ofPart).filter(({ rows, text }) => rows.length > 0 || text !== undefined);
}

function ofPart(part: PartFacts): InspectedSection[] {
  switch (part.kind) {
    case 'graph':
      return ofGraph(part);
    case 'keras':
      return ofKeras(part);
    case 'hdf5':
      return ofHdf5(part);
    case 'gguf':
      return [
        table('metadata', titled('Metadata', part.entry), ['Key', 'Type', 'Value', 'Byte'], part.metadata, (each) => [
          each.key,
          each.type,
          each.value,
          String(each.offset),
        ]),
      ];
    case 'template':
      return [
        table(
          'templates',
          titled(part.name || 'Template', part.entry),
          ['What it does', 'Name', 'Expression', 'Byte'],
          part.reaches,
          (each) => [reachWords[each.code], each.name, each.text, place(each.byteOffset)],
        ),
      ];
    case 'safetensors':
      return [keyed('metadata', titled('Metadata', part.entry), part.metadata)];
    default:
      return [];
  }
}

function ofGraph(graph: GraphFacts): InspectedSection[] {
  const operators = [...graph.operators].sort((a, b) => a.domain.localeCompare(b.domain) || b.count - a.count);
  return [
    table(
      'operators',
      titled('Operators', graph.entry),
      ['Domain', 'Operator', 'Nodes', 'Defined', 'First at byte', 'In'],
      operators,
      (each) => [
        each.domain || `${graph.format} (standard)`,
        each.name,
        String(each.count),
        each.local ? 'in this file' : 'by the runtime',
        String(each.offset),
        each.where || 'main graph',
      ],
    ),
    table(
      'references',
      titled('References', graph.entry),
      ['What', 'Name', 'Named by', 'Times', 'Byte', 'Odd'],
      graph.references,
      (each) => [
        referenceWords[each.what],
        each.name,
        each.by,
        String(each.count),
        String(each.offset),
        each.breach ?? '',
      ],
    ),
    keyed('metadata', titled('Properties', graph.entry), graph.properties),
    keyed('metadata', titled('Metadata', graph.entry), graph.metadata),
  ];
}

function ofKeras(keras: ModelFactKinds['keras']): InspectedSection[] {
  const where = titled('References', keras.entry || keras.document);
  return [
    table('references', where, ['What', 'Name', 'Registered as', 'Where', 'Times'], keras.references, (each) => [
      each.what,
      each.module === null ? each.name : `${each.module}.${each.name}`,
      each.registered ?? '',
      each.path,
      String(each.count),
    ]),
    table('references', 'Python code in the configuration', ['Code', 'Where', 'Byte'], keras.lambdas, (each) => [
      each.what,
      each.path,
      place(each.offset),
    ]),
    table('references', 'Files that it names', ['File', 'Where', 'Byte'], keras.files, (each) => [
      each.value,
      each.path,
      place(each.offset),
    ]),
  ];
}

function ofHdf5(hdf5: ModelFactKinds['hdf5']): InspectedSection[] {
  return [
    table('references', 'Links out of the file', ['Path', 'File', 'Object', 'Byte'], hdf5.externalLinks, (each) => [
      each.path,
      each.file,
      each.target,
      String(each.offset),
    ]),
    table('references', 'Data in other files', ['Dataset', 'File', 'Byte'], hdf5.externalStorage, (each) => [
      each.path,
      each.file,
      String(each.offset),
    ]),
    table('references', 'Virtual datasets', ['Dataset', 'File', 'From', 'Byte'], hdf5.virtualSources, (each) => [
      each.path,
      each.file,
      each.dataset,
      String(each.offset),
    ]),
    table(
      'metadata',
      titled('Attributes', hdf5.entry),
      ['Object', 'Attribute', 'Value', 'Byte'],
      hdf5.attributes,
      (each) => [each.object, each.name, each.value, String(each.offset)],
    ),
  ];
}

const reachWords: Record<ModelFactKinds['template']['reaches'][number]['code'], string> = {
  reach: "reaches Python's internals",
  private: 'takes a private attribute',
  'built-name': 'pieces a name together',
  call: 'calls what runs code',
  include: 'reads another template',
  unparsed: 'could not be parsed',
};

const referenceWords: Record<GraphFacts['references'][number]['what'], string> = {
  data: 'tensor data in another file',
  argument: 'path given to an operator',
  attribute: 'path in an attribute',
  asset: 'file of the model',
  memory: 'address in memory',
  class: 'class of the host program',
  library: 'shared library',
  code: 'code in the file',
  entity: 'document that a parser fetches',
  include: 'document that a parser may include',
};

function table<T>(
  tab: InspectedSection['tab'],
  title: string,
  columns: string[],
  facts: readonly T[],
  row: (fact: T) => string[],
): InspectedSection {
  const rows = facts.slice(0, rowsShown).map((fact) => row(fact).map(cut));
  return { tab, title, columns, rows, total: facts.length };
}

function keyed(tab: InspectedSection['tab'], title: string, facts: Record<string, string>): InspectedSection {
  return table(tab, title, ['Key', 'Value'], Object.entries(facts), ([key, value]) => [key, value]);
}

function titled(title: string, entry: string): string {
  return entry === '' ? title : `${title} of ${entry}`;
}

function place(offset: number | null): string {
  return offset === null ? '' : String(offset);
}

function cut(text: string): string {
  return text.length > cellShown ? `${text.slice(0, cellShown)}...` : text;
}
