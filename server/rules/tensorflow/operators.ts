import type { GraphFormat, GraphReference, OperatorFact } from '../../formats/graph/facts.ts';
import builtInOperators from './builtInOperators.json' with { type: 'json' };
import { leadsOutside } from '../../formats/graph/outsidePath.ts';

/**
 * What operators of TensorFlow can do beside arithmetic. Kept apart from the rules, as the lists of imports are.
 * Sources: TensorFlow's `core/ops` registrations; TensorFlow, SECURITY.md, "Using TensorFlow securely"; modelscan's list
 * (ReadFile, WriteFile); "My Model is Malware to You" (IEEE S&P 2025, TensorAbuse) for operators with file and network reach.
 */

const builtIn = new Set(builtInOperators.names);

const runsPython = 'calls a Python function of the process';

/** Never in a model that is only to be run. */
export const dangerous: ReadonlyMap<string, string> = new Map([
  ['ReadFile', 'reads any file'],
  ['WriteFile', 'writes any file'],
  ['PyFunc', runsPython],
  ['PyFuncStateless', runsPython],
  ['EagerPyFunc', runsPython],
  ['LoadLibrary', 'loads a native library'],
  ['DeleteFile', 'deletes files'],
]);

/** In honest training graphs, and in no model that is only to be run. */
export const suspicious: ReadonlyMap<string, string> = new Map([
  ['MatchingFiles', 'lists files'],
  ['MatchingFilesDataset', 'lists files'],
  ['LoadAndRemapMatrix', 'reads a checkpoint by its path'],
  ['GenerateVocabRemapping', 'reads files by their paths'],
  ['DatasetFromGraph', 'runs a graph that is hidden in a text'],
  ['SqlDataset', 'opens a database'],
  ['SaveDataset', 'writes files'],
  ['SaveDatasetV2', 'writes files'],
  ['LoadDataset', 'reads files'],
  ['SnapshotDataset', 'writes files'],
  ['SnapshotDatasetV2', 'writes files'],
  ['DistributedSave', 'writes files and connects to a server'],
  ['RegisterDataset', 'connects to a server'],
  ['RegisterDatasetV2', 'connects to a server'],
  ['DataServiceDataset', 'connects to a server'],
  ['DataServiceDatasetV2', 'connects to a server'],
  ['DataServiceDatasetV3', 'connects to a server'],
  ['DataServiceDatasetV4', 'connects to a server'],
  ['CreateSummaryFileWriter', 'writes files'],
  ['CreateSummaryDbWriter', 'writes a database'],
  ['FileSystemSetConfiguration', 'changes how files are reached'],
  ['RpcCall', 'connects to a server'],
  ['RpcClient', 'connects to a server'],
  ['RpcServer', 'opens a server'],
  ['RpcServerStart', 'opens a server'],
  ['Rpc', 'connects to a server'],
  ['TryRpc', 'connects to a server'],
]);

/**
 * Ordinary operators that reach files or the network: every SavedModel saves and restores. They speak only when the model
 * itself says where, and that is outside of its folder.
 */
const reaching: [names: RegExp, does: string, severity: 'error' | 'warning'][] = [
  [/^(?:Save(?:Slices|V2)?|MergeV2Checkpoints)$/, 'writes', 'error'],
  [/^Restore(?:Slice|V2)?$/, 'reads', 'error'],
  [/^PrintV2$/, 'writes what it prints to', 'error'],
  [/^DebugIdentity(?:V[23])?$|^Debug(?:Nan|Numeric)\w*$/, 'sends tensors to', 'error'],
  [/^ImmutableConst$/, 'maps into memory', 'error'],
  [/^InitializeTableFromTextFile(?:V2)?$/, 'reads', 'warning'],
  [
    /^(?:TextLine|TFRecord|FixedLengthRecord|CSV|LMDB|Cache|BigQuery|Parquet)\w*Dataset(?:V[2-9])?$/,
    'reaches',
    'warning',
  ],
  [/^(?:WholeFile|TextLine|TFRecord|FixedLengthRecord|LMDB)Reader(?:V2)?$/, 'reads', 'warning'],
];

/** Operators of which only the first input is a path; the others are names of tensors, which may look like one. */
const pathFirst = /^(?:Save|Restore)/;

/** What an operator does with a path that it was given; null when that is not worth a word. */
export function reach(reference: GraphReference): { does: string; how: string; severity: 'error' | 'warning' } | null {
  const { what, by, name, input } = reference;
  if (what !== 'attribute' && (what !== 'argument' || (pathFirst.test(by) && input !== 0))) return null;
  const entry = reaching.find(([names]) => names.test(by));
  const how = leadsOutside(name);
  return entry === undefined || how === null ? null : { does: entry[1], how, severity: entry[2] };
}

/** What an operator of a graph does, by one of the lists: also when TensorFlow Lite runs it through its Flex delegate. */
export function listed(
  list: ReadonlyMap<string, string>,
  format: GraphFormat,
  { domain, name }: OperatorFact,
): string | undefined {
  const own = isTensorflow(format) ? domain === '' : format === 'tflite' && domain === 'Flex';
  return own ? list.get(name) : undefined;
}

/** Whether an operator is neither TensorFlow's nor a function of the graph: a library that must be loaded has it. */
export function isCustom({ domain, name, local }: OperatorFact): boolean {
  if (local || name === '') return false;
  // Grappler's and the runtime's own operators, and functions by the names that tracing gives them.
  return domain !== '' || !(builtIn.has(name) || name.startsWith('_'));
}

export function isTensorflow(format: GraphFormat): boolean {
  return format === 'tf-saved-model' || format === 'tf-graph' || format === 'tf-meta-graph';
}
