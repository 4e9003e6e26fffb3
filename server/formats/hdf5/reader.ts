import { addKerasConfiguration } from '../keras/configuration.ts';
import type { ReadContext, Reader } from '../reader.ts';
import { isPickle, probePickle } from '../pickle/probe.ts';
import { MemorySource, SliceSource, type ByteSource } from '../source.ts';
import { attributesOf, stringsOf, type Hdf5Attribute } from './attributes.ts';
import type { Block } from './block.ts';
import { Hdf5Break, type Hdf5Sizes } from './block.ts';
import { readDataset } from './dataset.ts';
import type { Hdf5Facts } from './facts.ts';
import { linksOf } from './links.ts';
import { readObjectHeader, type HeaderMessage } from './objectHeader.ts';
import { readSuperblock } from './superblock.ts';

/** Objects of a file that are followed, and what is kept of them. */
const mostObjects = 200_000;
const deepest = 100;
const attributesKept = 1_000;
const othersKept = 1_000;
const valueKept = 200;

/** A dataset that claims more than this, and a thousand times what the file has, is no dataset of an honest model. */
const plausibleBytes = 1 << 30;
const plausibleRatio = 1_000;

/**
 * Reads the structure of an HDF5 file: groups, links, attributes, the types and shapes of datasets, and everything that
 * leads to other files. Values of datasets are not read. Attributes that hold a Keras configuration are followed.
 * Source: HDF5 File Format Specification Version 3.0.
 */
export const readHdf5: Reader = (source, context) => {
  const facts: Hdf5Facts = {
    kind: 'hdf5',
    entry: context.entry,
    version: 0,
    groups: 0,
    tensors: [],
    tensorCount: 0,
    attributes: [],
    externalLinks: [],
    externalStorage: [],
    virtualSources: [],
    references: [],
    oversized: [],
  };
  context.add(facts);
  const walk = new Walk(source, context, facts);
  walk.guard(() => {
    const { version, root, sizes } = readSuperblock(source);
    facts.version = version;
    walk.run(root, sizes);
  });
};

/** Values that are looked at for a pickle, and the fewest bytes of one that does something. */
const mostProbes = 20_000;
const shortestPickle = 8;

/** Problems that are told of one file, beside what they keep from being seen. */
const problemsTold = 20;

class Walk {
  readonly #source: ByteSource;
  readonly #context: ReadContext;
  readonly #facts: Hdf5Facts;
  #problems = 0;
  #probes = 0;

  constructor(source: ByteSource, context: ReadContext, facts: Hdf5Facts) {
    this.#source = source;
    this.#context = context;
    this.#facts = facts;
  }

  /** Runs a step; what breaks it is told, and the rest goes on. */
  guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      if (!(error instanceof Hdf5Break)) throw error;
      this.#tell(error);
    }
  }

  #tell({ code, offset, message, incomplete }: Hdf5Break): void {
    if (++this.#problems <= problemsTold) this.#context.problem({ code, offset, message, incomplete });
  }

  run(root: number, sizes: Hdf5Sizes): void {
    const seen = new Set([root]);
    const pending: { path: string; address: number; depth: number }[] = [{ path: '/', address: root, depth: 0 }];
    for (let next = pending.pop(); next; next = pending.pop()) {
      const { path, address, depth } = next;
      if (this.#context.budget.timeIsUp)
        return this.#tell(new Hdf5Break('limit-time', address, 'reading it took longer than the limit allows'));
      this.guard(() => {
        const messages = readObjectHeader(this.#source, address, sizes);
        const children: typeof pending = [];
        this.#object(path, messages, sizes, (name, child) => {
          if (seen.has(child)) return;
          if (seen.size >= mostObjects)
            throw new Hdf5Break('limit-entries', child, `it has more than ${mostObjects} objects`);
          if (depth >= deepest) throw new Hdf5Break('limit-depth', child, `groups are nested deeper than ${deepest}`);
          seen.add(child);
          children.push({ path: path === '/' ? `/${name}` : `${path}/${name}`, address: child, depth: depth + 1 });
        });
        for (const child of children.reverse()) pending.push(child);
      });
    }
  }

  #object(
    path: string,
    messages: HeaderMessage[],
    sizes: Hdf5Sizes,
    child: (name: string, address: number) => void,
  ): void {
    this.guard(() => {
      for (const attribute of attributesOf(this.#source, messages, sizes))
        this.guard(() => this.#attribute(path, attribute, sizes));
    });
    this.guard(() => this.#dataset(path, messages, sizes));
    let group = false;
    for (const link of linksOf(this.#source, messages, sizes)) {
      group = true;
      if (link.kind === 'hard') child(link.name, link.address);
      else if (link.kind === 'external' && this.#facts.externalLinks.length < othersKept) {
        const { name, file, target, position: offset } = link;
        this.#facts.externalLinks.push({ path: path === '/' ? `/${name}` : `${path}/${name}`, file, target, offset });
      } else if (link.kind === 'other') {
        const message = `the link ${JSON.stringify(link.name.slice(0, 100))} is of a kind that only its maker knows`;
        throw new Hdf5Break('unsupported', link.position, message);
      }
    }
    if (group) this.#facts.groups++;
  }

  #dataset(path: string, messages: HeaderMessage[], sizes: Hdf5Sizes): void {
    const dataset = readDataset(this.#source, messages, sizes);
    if (!dataset) return;
    const facts = this.#facts;
    const { type, shape, offset, stored } = dataset;
    const at = messages[0]?.body.start ?? 0;
    const bytes = shape.reduce((product, size) => product * size, type.size);
    facts.tensorCount++;
    if (facts.tensors.length < mostObjects)
      facts.tensors.push({ name: path, dtype: type.name, shape, bytes, ...(offset === null ? {} : { offset }) });
    for (const each of dataset.externalFiles)
      if (facts.externalStorage.length < othersKept) facts.externalStorage.push({ path, ...each });
    for (const each of dataset.virtualSources)
      if (facts.virtualSources.length < othersKept) facts.virtualSources.push({ path, ...each });
    if (offset !== null && ((type.string && !type.variable) || holdsBytes.test(type.name))) {
      const content = new SliceSource(this.#source, offset, Math.min(bytes, stored ?? bytes));
      if (this.#mayProbe() && isPickle(probePickle(content))) this.#context.descend(content, path, 'hdf5');
    }
    if (type.reference && facts.references.length < othersKept) facts.references.push(path);
    const outside = dataset.externalFiles.length + dataset.virtualSources.length > 0;
    const held = stored !== null && offset !== null && Number.isFinite(stored) && offset + stored <= this.#source.size;
    if (!outside && !held && bytes > Math.max(plausibleBytes, plausibleRatio * this.#source.size))
      if (facts.oversized.length < othersKept) facts.oversized.push({ path, bytes, offset: at });
  }

  /** PyTables gives attributes that look like pickles to its unpickler. Source: tables/attributeset.py, `__getattr__`. */
  #unpickled(name: string, values: readonly Block[]): void {
    for (const { bytes } of values) {
      const content = new MemorySource(bytes);
      if (bytes.length >= shortestPickle && this.#mayProbe() && isPickle(probePickle(content)))
        this.#context.descend(content, name, 'hdf5');
    }
  }

  #mayProbe(): boolean {
    return ++this.#probes <= mostProbes;
  }

  #attribute(path: string, attribute: Hdf5Attribute, sizes: Hdf5Sizes): void {
    const { name, type, data } = attribute;
    const offset = data.start;
    const strings = stringsOf(this.#source, attribute, sizes);
    const texts = strings.map(textOf);
    if (this.#facts.attributes.length < attributesKept) {
      const value = type.string ? texts.join(', ').slice(0, valueKept) : `${type.name} [${attribute.shape.join(', ')}]`;
      this.#facts.attributes.push({ object: path, name, value, offset });
    }
    if (type.reference && this.#facts.references.length < othersKept) this.#facts.references.push(`${path}@${name}`);
    this.#unpickled(`${path}@${name}`, type.string ? strings : [data]);
    texts.forEach((text, index) => {
      if (!/^\s*\{/.test(text) || !/"(?:class_name|function_type)"/.test(text.replaceAll('\\u', ''))) {
        if (!(/_config$/.test(name) && /^\s*[{[]/.test(text))) return;
      }
      addKerasConfiguration(this.#context, `attribute ${name}`, text, strings[index]?.start ?? offset);
    });
  }
}

/** Types whose values may be bytes of anything. */
const holdsBytes = /^(?:opaque|[UI]8)$/;

/** A string up to its padding. */
function textOf(string: Block): string {
  const end = string.bytes.indexOf(0);
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(end < 0 ? string.bytes : string.bytes.subarray(0, end));
}
