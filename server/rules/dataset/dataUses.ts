import { callsTo } from '../../formats/text/pythonCalls.ts';
import { posix } from 'node:path';
import type { ConfigScalar, PythonArgument, PythonCall, TextRange } from '../../formats/text/facts.ts';
import { scalarsWhere } from '../../formats/text/configScalars.ts';
import { remembered } from '../../formats/text/remembered.ts';
import { isConfig, type ConfigSubject, type NamedData, type TextSubject } from '../text.ts';
import { registerIn } from './registersIn.ts';

/** A place of a config or script that names data of this workspace. */
export interface DataUse {
  data: NamedData;
  /** As it is written. */
  reference: string;
  range: TextRange;
  /** `training`: for a model. `reading`: by a script that may do anything with it. */
  purpose: 'training' | 'reading';
}

/** Files that hold rows, whatever their name is. */
const dataFile =
  /\.(?:csv|tsv|tab|jsonl|ndjson|json|parquet|arrow|feather|avro|orc|tfrecords?|txt|xml|xlsx?|h5|hdf5|npy|npz|mds|lance|msgpack|pkl|zip|tar|tgz|gz|zst|bz2|xz)$/i;

/** Code that is there to be tested reads what belongs to the tests. */
const ofTests = /(?:^|\/)(?:tests?|testing|fixtures?|docs?)\/|(?:^|\/)(?:test_[^/]*|[^/]*_test|conftest)\.py$/i;

/** By the calls or scalars of a text: several rules ask. */
const known = new WeakMap<object, DataUse[]>();

/** Every data file or folder of the workspace that a text names where data is named, once each. */
export function dataUsesIn(text: TextSubject): DataUse[] {
  const key = text.language === 'python' ? text.calls : isConfig(text) ? text.scalars : null;
  if (key === null) return [];
  let uses = known.get(key);
  if (!uses) {
    uses = readUses(text);
    known.set(key, uses);
  }
  return uses;
}

function readUses(text: TextSubject): DataUse[] {
  if (ofTests.test(text.path) || registerIn(text) !== null) return [];
  const named =
    text.language === 'python'
      ? callsTo(text.calls, (callee) => loaderOf(callee) !== null).flatMap((call) => inCall(call, text.calls))
      : isConfig(text) && text.language !== 'properties'
        ? inTrainingConfig(text)
        : [];
  const uses = new Map<string, DataUse>();
  for (const { reference, range, purpose, mayBeFolder, listedIn } of named) {
    if (reference.length > 1024 || /[\n*?{}<>|$]/.test(reference) || /^[\s.\\/]*$/.test(reference)) continue;
    const data =
      listedIn === undefined
        ? text.workspace.datasets.find(reference, text.path, 'anywhere')
        : text.workspace.datasets.find(reference, listedIn, 'beside');
    if (!data || (data.isFolder ? !mayBeFolder || holds(data.path, text.path) : !dataFile.test(data.path))) continue;
    if (!uses.has(data.path)) uses.set(data.path, { data, reference, range, purpose });
  }
  return [...uses.values()];
}

/** The folder that the text itself is in is no dataset. */
function holds(folder: string, path: string): boolean {
  return folder === '.' || path.startsWith(`${folder}/`);
}

interface Named {
  reference: string;
  range: TextRange;
  purpose: DataUse['purpose'];
  mayBeFolder: boolean;
  /** The text that gives the reference for the name that stands here: it is beside that one. */
  listedIn?: string;
}

const split = '(?:train|training|valid|validation|val|eval|evaluation|test|dev|calibration|pretrain|pretraining)';
/** Keys whose value is data: those of axolotl, LLaMA-Factory, torchtune, Hugging Face, Hydra configs and others. */
const dataKey = new RegExp(
  `^(?:${split}_?(?:data(?:set)?s?)?_?(?:files?|paths?|data|set|source|csv|jsonl?|parquet)?|data(?:set)?s?_?(?:files?|paths?|dir|root|folder|source|name)?|${split}_?(?:data(?:set)?s?)?_?(?:dir|root|folder)|image_(?:dir|folder|root)|corpus(?:_path)?)$`,
  'i',
);
/** Keys of which a folder may be the value; a folder of tests is none of these. */
const folderKey = /data|image/i;
/** Under a list or record of datasets, these name the data: axolotl's `datasets[].path`, torchtune's `dataset.source`. */
const innerKey = /^(?:path|paths|source|data_files?|data_dir|file|files|file_name|name|root|url|dataset_path)$/i;
const datasetsKey = new RegExp(`^(?:${split}_?)?(?:data|datasets?|data_?sources?)$`, 'i');

const isDataKey = remembered((key) => dataKey.test(key));
const isInnerKey = remembered((key) => innerKey.test(key));
const isDatasetsKey = remembered((key) => datasetsKey.test(key));

function inConfig(scalars: readonly ConfigScalar[], path: string): Named[] {
  const isLlamaFactory = posix.basename(path) === 'dataset_info.json';
  return scalarsWhere(scalars, isLlamaFactory ? isFileName : namesData).map(({ path: keys, value, innerRange }) => {
    const mayBeFolder = (isInner(keys) || folderKey.test(lastName(keys))) && !isDependency(keys);
    return { reference: String(value), range: innerRange, purpose: 'training', mayBeFolder };
  });
}

type Keys = ConfigScalar['path'];

function namesData({ path, value }: ConfigScalar): boolean {
  return typeof value === 'string' && (isDataKey(lastName(path)) || isInner(path) || isDependency(path));
}

function isFileName({ path, value }: ConfigScalar): boolean {
  return typeof value === 'string' && lastName(path) === 'file_name';
}

function lastName(keys: Keys): string {
  return keys.findLast(isName) ?? '';
}

/** Whether the last name is one of those under which a list or a record of datasets names data. */
function isInner(keys: Keys): boolean {
  const at = keys.findLastIndex(isName);
  return (
    isInnerKey(String(keys[at] ?? '')) && keys.some((each, index) => index < at && isName(each) && isDatasetsKey(each))
  );
}

/** Of a stage of DVC. */
function isDependency(keys: Keys): boolean {
  return keys.includes('deps') && isOfStage(keys.filter(isName));
}

function isName(key: string | number): key is string {
  return typeof key === 'string';
}

function isOfStage([first, , third]: readonly string[]): boolean {
  return first === 'stages' && third === 'deps';
}

function inTrainingConfig(text: ConfigSubject): Named[] {
  const byName = listedByName(text);
  if (byName === null) return inConfig(text.scalars, text.path);
  // The folder of the list is no dataset by itself.
  const others = text.scalars.filter(({ path: keys }) => keys[0] !== 'dataset_dir');
  return [...byName, ...inConfig(others, text.path)];
}

const listKeys = new Set(['dataset', 'eval_dataset', 'dataset_dir', 'model_name_or_path']);

function isOfList({ path: [first] }: ConfigScalar): boolean {
  return typeof first === 'string' && listKeys.has(first);
}

/**
 * LLaMA-Factory's `dataset: alpaca_en, identity` names entries of `dataset_info.json`, which lies in `dataset_dir` (default: `data`).
 * Source: llamafactory/data/parser.py. Null where there is no such list.
 */
function listedByName({ scalars, path, workspace }: ConfigSubject): Named[] | null {
  const ofList = scalarsWhere(scalars, isOfList);
  const top = (key: string) => ofList.filter(({ path: keys }) => keys[0] === key);
  const names = [...top('dataset'), ...top('eval_dataset')].filter(({ path: keys }) => keys.length <= 2);
  if (names.length === 0 || top('model_name_or_path').length === 0) return null;
  const folder = top('dataset_dir')[0]?.value ?? 'data';
  if (typeof folder !== 'string') return null;
  const list = workspace.datasets.find(posix.join(folder, 'dataset_info.json'), path, 'anywhere');
  const entries = list && !list.isFolder ? workspace.datasets.scalars(list.path) : undefined;
  if (!list || !entries) return null;
  const files = new Map(
    entries.flatMap(({ path: [name, key, ...more], value }) =>
      typeof name === 'string' && key === 'file_name' && more.length === 0 && typeof value === 'string'
        ? [[name, value] as const]
        : [],
    ),
  );
  return names.flatMap((scalar) =>
    namesIn(scalar).flatMap(({ name, range }): Named[] => {
      const reference = files.get(name);
      return reference === undefined
        ? []
        : [{ reference, range, purpose: 'training', mayBeFolder: true, listedIn: list.path }];
    }),
  );
}

/** The names of a list with commas, each with its own place where the text stands as it is. */
function namesIn({ value, innerRange }: ConfigScalar): { name: string; range: TextRange }[] {
  if (typeof value !== 'string') return [];
  const { line, column, endLine, endColumn } = innerRange;
  const asWritten = line === endLine && endColumn - column === value.length;
  return [...value.matchAll(/[^,\s](?:[^,]*[^,\s])?/g)].map(({ 0: name, index }) => ({
    name,
    range: asWritten ? { ...innerRange, column: column + index, endColumn: column + index + name.length } : innerRange,
  }));
}

interface Loader {
  callee: RegExp;
  /** Keyword arguments that name data; the first positional one does, too, where `first` is not false. */
  keywords: string[];
  first?: boolean;
  purpose: DataUse['purpose'];
  folders: boolean;
}

const loaders: Loader[] = [
  {
    callee: /^datasets\.load_dataset$/,
    keywords: ['path', 'data_files', 'data_dir'],
    purpose: 'training',
    folders: true,
  },
  { callee: /^datasets\.load_from_disk$/, keywords: ['dataset_path'], purpose: 'training', folders: true },
  {
    callee: /^datasets\.(?:\w+\.)?(?:Dataset|DatasetDict)\.(?:from_(?:csv|json|parquet|text)|load_from_disk)$/,
    keywords: ['path_or_paths', 'dataset_path'],
    purpose: 'training',
    folders: true,
  },
  {
    callee: /^torchvision\.datasets\.(?:ImageFolder|DatasetFolder)$/,
    keywords: ['root'],
    purpose: 'training',
    folders: true,
  },
  {
    callee:
      /^(?:tensorflow\.)?keras\.(?:utils|preprocessing)\.(?:\w+\.)?(?:image|text|audio|timeseries)_dataset_from_directory$/,
    keywords: ['directory'],
    purpose: 'training',
    folders: true,
  },
  {
    callee: /^tensorflow\.data\.(?:TextLineDataset|TFRecordDataset|experimental\.(?:CsvDataset|make_csv_dataset))$/,
    keywords: ['filenames', 'file_pattern'],
    purpose: 'training',
    folders: false,
  },
  { callee: /^webdataset\.WebDataset$/, keywords: ['urls'], purpose: 'training', folders: false },
  {
    callee:
      /^(?:pandas|polars|dask\.dataframe|cudf|modin\.pandas)\.(?:read|scan)_(?:csv|json|ndjson|parquet|table|feather|orc|excel|ipc|avro)$/,
    keywords: ['filepath_or_buffer', 'path_or_buf', 'path', 'source', 'io', 'urlpath'],
    purpose: 'reading',
    folders: true,
  },
  {
    callee:
      /^(?:pyarrow\.(?:parquet\.read_table|csv\.read_csv|json\.read_json|dataset\.dataset)|numpy\.(?:loadtxt|genfromtxt))$/,
    keywords: ['source', 'fname', 'input_file'],
    purpose: 'reading',
    folders: true,
  },
];

const loaderOf = remembered((called) => loaders.find(({ callee }) => callee.test(called)) ?? null);

function inCall(call: PythonCall, calls: readonly PythonCall[]): Named[] {
  const loader = loaderOf(call.callee);
  if (!loader) return [];
  const given: PythonArgument[] = [
    ...(loader.first === false ? [] : call.positional.slice(0, 1)),
    ...loader.keywords.flatMap((name) => call.keywords[name] ?? []),
  ];
  // `data_files={"train": "a.jsonl"}`: a dictionary display counts as a call of `dict`.
  const splits = calls
    .filter(({ callee, range }) => callee === 'dict' && given.some((argument) => within(range, argument.range)))
    .flatMap(({ keywords }) => Object.values(keywords));
  return [...given, ...splits].flatMap(({ value, range, innerRange }) =>
    typeof value === 'string'
      ? [{ reference: value, range: innerRange ?? range, purpose: loader.purpose, mayBeFolder: loader.folders }]
      : [],
  );
}

function within(inner: TextRange, outer: TextRange): boolean {
  const starts = inner.line > outer.line || (inner.line === outer.line && inner.column >= outer.column);
  const ends = inner.endLine < outer.endLine || (inner.endLine === outer.endLine && inner.endColumn <= outer.endColumn);
  return starts && ends;
}
