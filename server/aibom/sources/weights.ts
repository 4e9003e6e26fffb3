import type { Inspection, PartFacts, TensorFact } from '../../formats/facts.ts';
import type { Draft } from '../draft.ts';
import { licenceNamed } from '../licence/licenceNames.ts';
import type { FileRecord, Origin } from '../record.ts';

/** What the tensor headers of one file say. */
export interface Weights {
  path: string;
  kind: 'safetensors' | 'gguf' | 'torch' | 'onnx' | 'other';
  /** Stored elements; null where not all tensors are known by name. */
  elements: number | null;
  byType: Map<string, number>;
  tensors: number;
}

/** Of copies of one model in several formats, the one that says most of it is counted. */
const preference: Weights['kind'][] = ['safetensors', 'gguf', 'torch', 'onnx', 'other'];

/** Reads weights of one file from its inspection; gives what the whole model's figures are made of. */
export function readWeights(file: FileRecord, inspection: Inspection, draft: Draft): Weights | null {
  let sum: Weights | null = null;
  for (const part of inspection.parts) {
    readHeaderFacts(file.path, part, draft);
    const found = tensorsOf(part);
    if (!found) continue;
    sum ??= { path: file.path, kind: found.kind, elements: 0, byType: new Map(), tensors: 0 };
    count(sum, found.tensors, found.count);
  }
  if (sum) {
    file.properties.push({ name: 'weighbridge:tensors', value: String(sum.tensors) });
    if (sum.elements !== null && sum.elements > 0) {
      file.properties.push({ name: 'weighbridge:parameters', value: String(sum.elements) });
      file.properties.push({ name: 'weighbridge:dtypes', value: typesInWords(sum.byType) });
    }
  }
  return sum;
}

/** The parameters of the model: the sum over the shards of its preferred format. */
export function countParameters(all: readonly Weights[], draft: Draft): void {
  const unseen = draft.files.filter(({ role, format }) => role === 'weights' && format === null);
  const kind = preference.find((each) => all.some((weights) => weights.kind === each && (weights.elements ?? 0) > 0));
  if (kind === undefined) return;
  const ofKind = all.filter((weights) => weights.kind === kind && weights.tensors > 0);
  const chosen = kind === 'gguf' || !ofKind.every(({ path }) => isShard(path)) ? largestSet(ofKind) : ofKind;
  const absent = unseen.find((file) => chosen.some(({ path }) => withoutShard(path) === withoutShard(file.path)));
  if (absent) {
    draft.note(
      `The parameters are not counted: ${absent.path} ${absent.pointer ? 'is a Git LFS pointer' : 'could not be read'}.`,
    );
    return;
  }
  if (chosen.some(({ elements }) => elements === null)) {
    draft.note('The parameters are not counted: a file has more tensors than are kept by name.');
    return;
  }
  const byType = new Map<string, number>();
  for (const weights of chosen)
    for (const [type, number] of weights.byType) byType.set(type, (byType.get(type) ?? 0) + number);
  const total = chosen.reduce((sum, { elements }) => sum + (elements ?? 0), 0);
  const origin: Origin = {
    file: chosen
      .map(({ path }) => path)
      .join(', ')
      .slice(0, 500),
    at: 'tensor headers',
    technique: 'binary-analysis',
  };
  draft.fact('weighbridge:parameters', total, origin);
  draft.fact('weighbridge:parameters:by-dtype', typesInWords(byType), origin);
}

const withoutShard = (path: string): string => path.replace(/-\d{5}-of-\d{5}/, '');

const isShard = (path: string): boolean => /-\d{5}-of-\d{5}\b/.test(path);

/** Files of one model: all shards of one name, or all parts of a pipeline; of quantised variants side by side, the largest. */
function largestSet(files: readonly Weights[]): Weights[] {
  const sets = new Map<string, Weights[]>();
  for (const file of files) {
    const name = withoutShard(file.path);
    // The parts of a pipeline (unet/, vae/, ...) belong together, files of other names in one folder are variants.
    const key = file.kind === 'gguf' ? name : name.split('/').slice(0, -1).join('/');
    sets.set(key, [...(sets.get(key) ?? []), file]);
  }
  const size = (set: Weights[]) => set.reduce((sum, { elements }) => sum + (elements ?? 0), 0);
  const all = [...sets.values()];
  if (all.length === 0) return [];
  if (files[0]?.kind !== 'gguf' && all.every((set) => set.length === 1 || set.every(({ path }) => isShard(path))))
    return all.flat();
  return all.reduce((best, set) => (size(set) > size(best) ? set : best));
}

function tensorsOf(part: PartFacts): { kind: Weights['kind']; tensors: readonly TensorFact[]; count: number } | null {
  switch (part.kind) {
    case 'safetensors':
    case 'gguf':
    case 'torch':
      return { kind: part.kind, tensors: part.tensors, count: part.tensorCount };
    case 'graph':
      return { kind: part.format === 'onnx' ? 'onnx' : 'other', tensors: part.tensors, count: part.tensorCount };
    default:
      return null;
  }
}

function count(sum: Weights, tensors: readonly TensorFact[], declared: number): void {
  sum.tensors += declared;
  if (tensors.length < declared) sum.elements = null;
  for (const { shape, dtype } of tensors) {
    const elements = shape.reduce((product, size) => product * size, 1);
    if (!Number.isSafeInteger(elements) || elements < 0) {
      sum.elements = null;
      return;
    }
    if (sum.elements !== null) sum.elements += elements;
    sum.byType.set(dtype, (sum.byType.get(dtype) ?? 0) + elements);
  }
}

const typesInWords = (types: ReadonlyMap<string, number>): string =>
  [...types]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([type, number]) => `${type}: ${number}`)
    .join(', ');

/** What a header says of the model beyond its tensors. */
function readHeaderFacts(path: string, part: PartFacts, draft: Draft): void {
  const from = (key: string): Origin => ({ file: path, at: `header: ${key}`, technique: 'binary-analysis' });
  if (part.kind === 'gguf' && part.entry === '')
    readGgufMetadata(new Map(part.metadata.map(({ key, value }) => [key, value])), from, draft);
  if (part.kind === 'graph' && part.format === 'onnx') {
    for (const key of ['producer', 'IR version', 'operator set ai.onnx']) {
      draft.fact(`weighbridge:onnx:${key.replace(/ /g, '-')}`, part.properties[key], from(key));
    }
  }
}

/** https://github.com/ggml-org/ggml/blob/master/docs/gguf.md */
function readGgufMetadata(values: ReadonlyMap<string, string>, from: (key: string) => Origin, draft: Draft): void {
  const text = (key: string) => values.get(key)?.replace(/^"(.*)"$/s, '$1');
  const family = text('general.architecture');
  draft.set('family', family, from('general.architecture'));
  const name = text('general.name');
  if (name !== undefined) draft.names.push({ name, confidence: 0.4, origin: from('general.name') });
  draft.set('supplier', text('general.organization'), from('general.organization'));
  draft.set('description', text('general.description'), from('general.description'));
  const licence = text('general.license');
  if (licence !== undefined)
    draft.declaredLicences.push({ value: licenceNamed(licence), origin: from('general.license') });
  for (let index = 0; index < 16; index++) {
    const url = text(`general.base_model.${index}.repo_url`);
    const base = /huggingface\.co\/([\w.-]+\/[\w.-]+)/.exec(url ?? '')?.[1] ?? text(`general.base_model.${index}.name`);
    if (base !== undefined) draft.baseModel({ name: base }, from(`general.base_model.${index}`));
  }
  if (family !== undefined) {
    const context = text(`${family}.context_length`);
    draft.fact('weighbridge:context-length', context, from(`${family}.context_length`));
  }
  draft.fact('weighbridge:quantisation:file-type', text('general.file_type'), from('general.file_type'));
  draft.fact('cdx:ai-ml:model:tokenizer', text('tokenizer.ggml.model'), from('tokenizer.ggml.model'));
}
