import { wellFormed } from '../files/diskPath.ts';
import type {
  BaseModel,
  Consideration,
  DatasetRecord,
  FileRecord,
  LibraryRecord,
  Licence,
  Metric,
  NamedValue,
  Origin,
  Reference,
  SingleFacts,
  Sourced,
  VulnerabilityRecord,
} from './record.ts';

/** How many entries of one list are kept: a hostile card can name a million datasets. */
const mostEntries = 5_000;
/** Names, authors, tags, licences: more of them is no information. */
const mostListed = 500;
/** Characters of one text that is taken over. */
const longestText = 10_000;

/** A candidate for what the model is called. */
export interface NameClaim {
  group?: string;
  name: string;
  version?: string;
  /** True when it names a place on the Hugging Face Hub. */
  registry?: boolean;
  /** From 0 to 1. */
  confidence: number;
  origin: Origin;
}

/** The record of a model while its sources are read. Of single facts the first source wins, so sources are read in order of trust. */
export class Draft {
  readonly single: { [K in keyof SingleFacts]?: Sourced<SingleFacts[K]> } = {};
  readonly names: NameClaim[] = [];
  readonly files: FileRecord[] = [];
  readonly authors: Sourced<string>[] = [];
  readonly tags: Sourced<string>[] = [];
  readonly declaredLicences: Sourced<Licence>[] = [];
  readonly foundLicences: Sourced<Licence>[] = [];
  readonly inheritedLicences: Sourced<Licence>[] = [];
  readonly baseModels: Sourced<BaseModel>[] = [];
  readonly datasets: DatasetRecord[] = [];
  readonly #datasets = new Map<string, DatasetRecord>();
  readonly #libraries = new Map<string, LibraryRecord[]>();
  readonly hyperparameters: Sourced<NamedValue>[] = [];
  readonly trainingFacts: Sourced<NamedValue>[] = [];
  readonly metrics: Sourced<Metric>[] = [];
  readonly considerations: (Sourced<string> & { group: Consideration })[] = [];
  readonly environment: Sourced<NamedValue>[] = [];
  readonly facts: Sourced<NamedValue>[] = [];
  readonly libraries: LibraryRecord[] = [];
  readonly vulnerabilities: VulnerabilityRecord[] = [];
  readonly references: Reference[] = [];
  /** What could not be read, or contradicts itself: one sentence each. */
  readonly notes: string[] = [];

  set<K extends keyof SingleFacts>(key: K, value: SingleFacts[K] | undefined, origin: Origin): void {
    if (value === undefined || value === '' || this.single[key]) return;
    const kept = typeof value === 'string' ? shorten(value) : value;
    Object.assign(this.single, { [key]: { value: kept, origin } });
  }

  fact(name: string, value: string | number | boolean | undefined, origin: Origin): void {
    addNamed(this.facts, name, value, origin);
  }

  hyperparameter(name: string, value: string | number | boolean | undefined, origin: Origin): void {
    addNamed(this.hyperparameters, name, value, origin);
  }

  training(name: string, value: string | number | boolean | undefined, origin: Origin): void {
    addNamed(this.trainingFacts, name, value, origin);
  }

  consider(group: Consideration, text: string, origin: Origin): void {
    if (text === '' || this.considerations.length >= mostEntries) return;
    const value = shorten(text);
    if (this.considerations.some((each) => each.group === group && each.value === value)) return;
    this.considerations.push({ group, value, origin });
  }

  metric(metric: Metric, origin: Origin): void {
    if (this.metrics.length >= mostEntries) return;
    const same = ({ value }: Sourced<Metric>) =>
      value.type === metric.type && value.slice === metric.slice && value.value === metric.value;
    if (!this.metrics.some(same)) this.metrics.push({ value: metric, origin });
  }

  baseModel(model: BaseModel, origin: Origin): void {
    if (model.name === '' || this.baseModels.length >= 100) return;
    const known = this.baseModels.find(({ value }) => value.name === model.name);
    if (!known) this.baseModels.push({ value: { ...model }, origin });
    else {
      known.value.revision ??= model.revision as string;
      known.value.relation ??= model.relation as string;
      if (known.value.revision === undefined) delete known.value.revision;
      if (known.value.relation === undefined) delete known.value.relation;
    }
  }

  /** A dataset by its name; what a second source knows of it is added to what the first one said. */
  dataset(name: string, origin: Origin, more: Partial<DatasetRecord> = {}): void {
    const key = shorten(name, 500);
    const found = this.#datasets.get(key);
    if (!found) {
      if (key === '' || this.datasets.length >= mostEntries) return;
      const dataset = { usage: [], hashes: [], properties: [], ...more, name: key, origin };
      this.datasets.push(dataset);
      this.#datasets.set(key, dataset);
      return;
    }
    const { usage = [], hashes = [], properties = [], ...rest } = more;
    for (const each of usage) if (!found.usage.includes(each)) found.usage.push(each);
    for (const each of hashes) if (!found.hashes.some(({ value }) => value === each.value)) found.hashes.push(each);
    found.properties.push(...properties);
    Object.assign(found, { ...rest, ...found });
  }

  library(library: LibraryRecord): void {
    if (library.name === '' || this.libraries.length >= mostEntries) return;
    const key = normalisedName(library.name);
    const same = this.#libraries.get(key) ?? [];
    const fits = (each: LibraryRecord) =>
      each.version === undefined || library.version === undefined || each.version === library.version;
    const found = same.find(fits);
    if (found) {
      if (found.version === undefined && library.version !== undefined) found.version = library.version;
      return;
    }
    const kept = { ...library, name: shorten(library.name, 300) };
    this.libraries.push(kept);
    this.#libraries.set(key, [...same, kept]);
  }

  reference(reference: Reference): void {
    if (this.references.length >= 1_000) return;
    if (this.references.some(({ type, url }) => type === reference.type && url === reference.url)) return;
    this.references.push(reference);
  }

  /** Cuts the lists that sources add to directly to what a document can bear. */
  trim(): void {
    for (const list of [
      this.names,
      this.authors,
      this.tags,
      this.declaredLicences,
      this.foundLicences,
      this.environment,
    ]) {
      if (list.length > mostListed) list.length = mostListed;
    }
  }

  note(sentence: string): void {
    if (this.notes.length < 200 && !this.notes.includes(sentence)) this.notes.push(sentence);
  }
}

/** PEP 503: names of Python packages differ neither by case nor by `-`, `_` and `.`. */
export const normalisedName = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-');

/** Text cut to what a document can bear, with a mark where it was cut. */
export function shorten(text: string, most = longestText): string {
  const kept = text.length <= most ? text : `${text.slice(0, most).replace(/[\uD800-\uDBFF]$/, '')}...`;
  return wellFormed(kept);
}

function addNamed(
  list: Sourced<NamedValue>[],
  name: string,
  value: string | number | boolean | undefined,
  origin: Origin,
): void {
  if (value === undefined || value === '' || list.length >= mostEntries) return;
  if (list.some((each) => each.value.name === name)) return;
  list.push({ value: { name: shorten(name, 300), value: shorten(String(value)) }, origin });
}
