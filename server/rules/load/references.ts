import { callsTo } from '../../formats/text/pythonCalls.ts';
import { scalarsWhere } from '../../formats/text/configScalars.ts';
import type { ConfigScalar, TextRange } from '../../formats/text/facts.ts';
import { remembered } from '../../formats/text/remembered.ts';
import { isConfig, type ConfigSubject, type PythonSubject, type TextSubject } from '../text.ts';

/** A string that may name a file of the workspace. */
export interface Reference {
  value: string;
  /** Of the text between the quotes. */
  range: TextRange;
  /** Whether the place says that it is loaded, or only names it. */
  loads: boolean;
  /** Whether the string is the whole of what decides which file is read, so that changing it is enough. */
  changeable: boolean;
  /** Whether it may name a folder that a loader looks into. */
  mayBeFolder: boolean;
}

/** Whether a scalar may name a folder that a loader looks into. */
export function mayBeFolder({ path, value }: Pick<ConfigScalar, 'path' | 'value'>): boolean {
  const key = path.findLast((part) => typeof part === 'string') ?? '';
  return /^\.{0,2}\//.test(String(value)) || namesModel(key);
}

type ScalarTest = (scalar: ConfigScalar) => boolean;

/**
 * Strings of a text that something may load from: what is written, deleted or excluded is left out.
 * @param test of scalars of a configuration that are references and concern who asks: always the same function. All do where there is none.
 */
export function* referencesIn(text: TextSubject, test?: ScalarTest): Generator<Reference> {
  if (text.language === 'python') yield* pythonReferences(text);
  else if (isConfig(text) && !records.test(text.path)) yield* configReferences(text, test);
}

/** Manifests, inventories and our own files list artifacts; nothing loads what they name. */
const records =
  /(?:^|\/)(?:[^/]*\.dvc|dvc\.lock|weighbridge[^/]*\.(?:ya?ml|json)|[^/]*\.cdx\.json|[^/]*bom\.json|[^/]*\.spdx\.json|[^/]*\.sarif\.json|package(?:-lock)?\.json)$/i;

/** Keys under which results are written and patterns are listed. */
const isWrittenTo = remembered((key) =>
  /^(?:out|outs|outputs?|save|saved|export|log|logs|logging|exclude|ignore|dest|destination)(?:$|[_-])/i.test(key),
);

/** Keys under which trainers name a model, a checkpoint or a folder of one. */
const namesModel = remembered((key) =>
  /model|checkpoint|ckpt|adapter|weights|resume|pretrained|tokenizer|encoder|teacher|critic|reward/i.test(key),
);

/** Whether something may load from what a scalar names. */
export function isReference({ path, value }: ConfigScalar): boolean {
  if (typeof value !== 'string' || !isPathLike(value)) return false;
  return !path.some((key) => typeof key === 'string' && isWrittenTo(key));
}

function* configReferences(text: ConfigSubject, test?: ScalarTest): Generator<Reference> {
  for (const { path, value, innerRange } of scalarsWhere(text.scalars, test ?? isReference)) {
    if (typeof value !== 'string') continue;
    yield { value, range: innerRange, loads: false, changeable: true, mayBeFolder: mayBeFolder({ path, value }) };
  }
}

/** Calls that write, delete or ask about a file, by the last part of their name. */
const doesNotLoad = remembered((callee) =>
  /(?:^|\.)(?:save\w*|dump\w*|export\w*|write\w*|remove|unlink|rmtree|rename|mkdir|makedirs|copy\w*|move|exists|is_?file|is_?dir|isfile|isdir|getsize|stat|basename|splitext|endswith|startswith|glob|rglob|print|info|debug|warning|to_(?:csv|json|parquet|pickle|hdf|onnx))$/i.test(
    callee,
  ),
);

const loads = remembered((callee) =>
  /(?:^|\.)(?:\w*load\w*|from_pretrained|from_single_file|read_pickle|open|pipeline|InferenceSession)$/i.test(callee),
);

const loadsFolder = remembered((callee) => /from_pretrained|pipeline|load_model|load_checkpoint/i.test(callee));

function* pythonReferences(text: PythonSubject): Generator<Reference> {
  const skipped = new Set<string>();
  const loaded = new Map<string, boolean>();
  for (const call of callsTo(text.calls, (callee) => doesNotLoad(callee) || loads(callee))) {
    const skip = doesNotLoad(call.callee);
    const folder = loadsFolder(call.callee);
    for (const { range } of [...call.positional, ...Object.values(call.keywords)]) {
      if (skip) skipped.add(keyOf(range));
      else loaded.set(keyOf(range), folder);
    }
  }
  for (const { value, range, innerRange } of text.strings) {
    if (!isPathLike(value) || skipped.has(keyOf(range))) continue;
    const folder = loaded.get(keyOf(range));
    yield {
      value,
      range: innerRange,
      loads: folder !== undefined,
      // The call would have to change with the path: torch.load reads no safetensors.
      changeable: false,
      mayBeFolder: folder === true || /^\.{0,2}\//.test(value),
    };
  }
}

function keyOf(range: TextRange): string {
  return `${range.line}:${range.column}`;
}

function isPathLike(value: string): boolean {
  return value.length > 0 && value.length <= 1024 && !/[\0-\x1f<>|*?]|\{\{|\$\{|^-/.test(value);
}
