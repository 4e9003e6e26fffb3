import type { FormatId } from '../facts.ts';
import { GraphCollector } from '../graph/collector.ts';
import type { GraphFormat } from '../graph/facts.ts';
import type { ReadContext, Reader } from '../reader.ts';
import type { ByteSource } from '../source.ts';
import { followUbjson } from './ubjson.ts';

/** Bytes at each end of a file that are looked at. */
const lookedAt = 64 * 1024;

/** Native files of gradient boosting libraries: numbers and names of features, and no code. */
export function treeFormat(source: ByteSource, head: Uint8Array): FormatId | null {
  const text = Buffer.from(head).toString('latin1');
  // Booster.save_model: JSON, UBJSON, and the binary format of XGBoost before 3.1.
  if (/^\s*\{\s*"learner"\s*:\s*\{/.test(text)) return isXgboost(source) ? 'xgboost' : null;
  if (text.startsWith('{L\0\0\0\0\0\0\0\x07learner{') || text.startsWith('binf')) return 'xgboost';
  if (/^tree\r?\nversion=v\d/.test(text)) return 'lightgbm';
  return text.startsWith('CBM1') ? 'catboost' : null;
}

function isXgboost(source: ByteSource): boolean {
  const start = Buffer.from(source.read(0, 64 * 1024)).toString('latin1');
  return ['"attributes"', '"gradient_booster"', '"feature_names"'].some((key) => start.includes(key));
}

/** Tells what a file of trees is and what it says of itself; the numbers of its trees are not read. */
export function treeReader(format: GraphFormat): Reader {
  return (source, context) => {
    const found = new GraphCollector(context, format);
    if (format === 'lightgbm') readLightgbm(source, found);
    else if (format === 'xgboost') {
      readXgboost(source, found);
      reportBreak(source, context);
    } else if (format === 'catboost') {
      const size = source.read(4, 4);
      if (size.length === 4)
        found.property('model bytes', String(new DataView(size.slice().buffer).getUint32(0, true)));
    }
    found.finish();
  };
}

/** LightGBM, gbdt_model_text.cpp: lines of `key=value`, then the trees. */
function readLightgbm(source: ByteSource, found: GraphCollector): void {
  const head = Buffer.from(source.read(0, lookedAt)).toString('utf8');
  for (const [, key, value] of head.matchAll(/^(version|num_class|objective|max_feature_idx)=(.{0,200})$/gm))
    found.property(key ?? '', value ?? '');
  const trees = /^tree_sizes=([\d ]+)$/m.exec(head)?.[1]?.trim();
  if (trees !== undefined) found.property('trees', String(trees.split(/ +/).length));
  const features = /^feature_names=(.+)$/m.exec(head)?.[1];
  if (features !== undefined) found.property('feature names', shortened(features));
}

/** What XGBoost says of a model, beside its trees. Source: XGBoost, doc/model.schema. */
const xgboostKeys = [
  'num_trees',
  'num_parallel_tree',
  'num_feature',
  'num_class',
  'num_target',
  'base_score',
  'best_iteration',
];

/** Keys are sorted: those before the trees stand at the beginning, those after them at the end. */
function readXgboost(source: ByteSource, found: GraphCollector): void {
  const size = Math.min(lookedAt, source.size);
  const ends = [source.read(0, size), source.size > size ? source.read(source.size - size, size) : new Uint8Array(0)];
  const text = ends.map((bytes) => Buffer.from(bytes).toString('latin1')).join('\n');
  // JSON has `"key":"value"`; UBJSON the key, `SL`, eight bytes of length, and the value.
  const value = (key: string): string | undefined =>
    new RegExp(`"${key}"\\s*:\\s*"([^"\\\\]{0,200})"`).exec(text)?.[1] ??
    new RegExp(`${key}SL\\0{7}([\\s\\S])([\\x20-\\x7e]{0,200})`)
      .exec(text)
      ?.slice(1)
      .reduce((length, words) => words.slice(0, length.charCodeAt(0)));
  for (const key of xgboostKeys) {
    const written = value(key);
    if (written !== undefined) found.property(key.replaceAll('_', ' '), written);
  }
  const objective = /"objective"\s*:\s*\{[^{}]{0,200}"name"\s*:\s*"([^"\\]{0,100})"/.exec(text)?.[1];
  if (objective !== undefined) found.property('objective', objective);
  const version = /"version"\s*:\s*\[\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\]/.exec(text);
  if (version !== null) found.property('XGBoost', version.slice(1).join('.'));
  const features = /"feature_names"\s*:\s*\[([^\]]{1,4000})\]/.exec(text)?.[1];
  if (features !== undefined) found.property('feature names', shortened(features.replaceAll('"', '')));
}

/** Brackets that stand in one another; models of XGBoost have about ten. */
const deepest = 200;

/**
 * Tells of a model that its library would not read to the end, or only with a stack of its own depth: what stands there may
 * be something else. Long JSON is looked at where it begins and ends.
 */
function reportBreak(source: ByteSource, context: ReadContext): void {
  const head = source.read(0, 2).slice();
  // The binary format of old has no structure that can be followed without its version.
  if (head[0] === 0x62) return;
  if (head[0] === 0x7b && head[1] === 0x4c) {
    const found = followUbjson(source, context.budget);
    if (found !== null) context.problem({ ...found, incomplete: true });
    return;
  }
  const start = Buffer.from(source.read(0, lookedAt)).toString('latin1');
  if (deepestIn(start) > deepest) {
    const message = `it is nested deeper than ${deepest}`;
    context.problem({ code: 'limit-depth', offset: null, message, incomplete: true });
  }
  const end = Buffer.from(source.read(Math.max(0, source.size - lookedAt), lookedAt)).toString('latin1');
  if (!end.trimEnd().endsWith('}')) {
    const message = 'the file does not end with the end of the model';
    context.problem({ code: 'truncated', offset: source.size, message, incomplete: true });
  }
}

function deepestIn(json: string): number {
  let depth = 0;
  let most = 0;
  for (const [found] of json.matchAll(/"(?:[^"\\]|\\[\s\S])*"?|[[{]|[\]}]/g)) {
    if (found === '[' || found === '{') most = Math.max(most, ++depth);
    else if (found === ']' || found === '}') depth--;
  }
  return most;
}

const shortened = (text: string): string => (text.length > 500 ? `${text.slice(0, 500)}...` : text);
