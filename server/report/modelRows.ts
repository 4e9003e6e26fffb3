import type { ModelFacts } from '../formats/modelFacts.ts';
import { bytesInWords, count } from './printable.ts';

/** One fact for a person. */
export interface ModelRow {
  name: string;
  value: string;
}

/** What a part of a model holds beside its tensors, for a terminal and for the inspector. The title has one colon. */
export function modelRows(part: ModelFacts): { title: string; rows: ModelRow[] } {
  switch (part.kind) {
    case 'gguf':
      return {
        title: `GGUF: version ${part.version}, ${count(part.tensorCount, 'tensor')}, ${count(part.metadataCount, 'metadata key')}`,
        rows: [...part.metadata.map(({ key, value }) => ({ name: key, value })), ...breaches(part.violations)],
      };
    case 'template':
      return {
        title: `Template: ${part.name.replaceAll(':', ' ')}, ${part.length} characters`,
        rows: part.reaches.map(({ code, name, text }) => ({ name: `${code} ${name}`, value: text })),
      };
    case 'rds':
      return {
        title: `R objects: format ${part.version}`,
        rows: [
          ...Object.entries(part.objects).map(([name, value]) => ({ name, value: String(value) })),
          ...part.code.map(({ what, count: times, offset }) => ({
            name: what,
            value: `${times}, the first at byte ${offset}`,
          })),
          ...part.calls.map((name) => ({ name: 'calls', value: name })),
        ],
      };
    case 'msgpack':
      return {
        title: `MessagePack${part.layout === 'flax' ? ' of Flax' : ''}: ${count(part.tensorCount, 'tensor')}, ${count(part.values, 'other value')}`,
        rows: [
          ...part.extensions.map(({ type, count: times, offset }) => ({
            name: `extension type ${type}`,
            value: `${times}, the first at byte ${offset}`,
          })),
          ...breaches(part.violations),
        ],
      };
    case 'names':
      return {
        title: `Names of code: ${part.source}`,
        rows: part.names.map(({ name, path }) => ({ name, value: path })),
      };
    case 'keras':
      return {
        title: `Keras configuration: ${part.document}, ${count(part.referenceCount, 'object')}`,
        rows: [
          ...part.references.map(({ module, name, count: times, path }) => ({
            name: module === null ? name : `${module}.${name}`,
            value: times === 1 ? path : `${path} and ${times - 1} more`,
          })),
          ...part.lambdas.map(({ path, what }) => ({ name: `Lambda (${what})`, value: path })),
          ...part.files.map(({ path, value }) => ({ name: path, value })),
        ],
      };
    case 'hdf5':
      return {
        title: `HDF5: superblock ${part.version}, ${count(part.groups, 'group')}, ${count(part.tensorCount, 'dataset')}`,
        rows: [
          ...part.attributes.map(({ object, name, value }) => ({ name: `${object}@${name}`, value })),
          ...part.externalLinks.map(({ path, file, target }) => ({ name: path, value: `links to ${file}${target}` })),
          ...part.externalStorage.map(({ path, file }) => ({ name: path, value: `has its bytes in ${file}` })),
          ...part.virtualSources.map(({ path, file, dataset }) => ({
            name: path,
            value: `is taken from ${file}${dataset}`,
          })),
          ...part.oversized.map(({ path, bytes }) => ({ name: path, value: `claims ${bytesInWords(bytes)}` })),
        ],
      };
  }
}

const breaches = (violations: readonly { message: string }[]): ModelRow[] =>
  violations.map(({ message }) => ({ name: '!', value: message }));
