import { posix } from 'node:path';
import type { ConfigScalar, PythonArgument, PythonCall, TextRange } from '../../formats/text/facts.ts';
import { isConfig, type NamedData, type TextSubject } from '../text.ts';
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

/** Every data file or folder of the workspace that a text names where data is named, once each. */
export function dataUsesIn(text: TextSubject): DataUse[] {
  if (ofTests.test(text.path) || registerIn(text) !== null) return [];
  const named =
    text.language === 'python'
      ? text.calls.flatMap((call) => inCall(call, text.calls))
      : isConfig(text) && text.language !== 'properties'
        ? inConfig(text.scalars, text.path)
        : [];
  const uses = new Map<string, DataUse>();
  for (const { reference, range, purpose, mayBeFolder } of named) {
    if (reference.length > 1024 || /[\n*?{}<>|$]/.test(reference) || /^[\s.\\/]*$/.test(reference)) continue;
    const data = text.workspace.datasets.find(reference, text.path, 'anywhere');
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

function inConfig(scalars: readonly ConfigScalar[], path: string): Named[] {
  const isLlamaFactory = posix.basename(path) === 'dataset_info.json';
  const found: Named[] = [];
  for (const { path: keys, value, innerRange } of scalars) {
    if (typeof value !== 'string') continue;
    const names = keys.filter((key): key is string => typeof key === 'string');
    const key = names.at(-1) ?? '';
    const around = names.slice(0, -1);
    const inner = innerKey.test(key) && around.some((each) => datasetsKey.test(each));
    const ofStage = names[0] === 'stages' && names[2] === 'deps';
    const isNamed = isLlamaFactory ? key === 'file_name' : inner || dataKey.test(key) || ofStage;
    if (!isNamed) continue;
    const mayBeFolder = (inner || folderKey.test(key)) && !ofStage;
    found.push({ reference: value, range: innerRange, purpose: 'training', mayBeFolder });
  }
  return found;
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

function inCall(call: PythonCall, calls: readonly PythonCall[]): Named[] {
  const loader = loaders.find(({ callee }) => callee.test(call.callee));
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
