import { createHash } from 'node:crypto';
import { BomView, type Placed, propertyOf } from '../bomView.ts';
import { canonicalJson } from '../canonicalJson.ts';
import { get, type JsonObject, list, text } from '../validate/document.ts';

const context = 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld';

/**
 * The document as SPDX 3.0.1 (JSON-LD), with the profiles AI, Dataset and Software. SPDX raises some fields to mandatory that
 * a bill of materials may lack (release time, supplier, download location): what is not known is left out, and
 * `missing` names it, because an invented value would be worse.
 */
export function spdx3Of(root: JsonObject): { text: string; missing: string[] } {
  const exporter = new Spdx3(new BomView(root));
  return exporter.run();
}

class Spdx3 {
  readonly #bom: BomView;
  readonly #base: string;
  readonly #graph: JsonObject[] = [];
  readonly #missing: string[] = [];
  readonly #ids = new Set<string>();
  readonly #agents = new Map<string, string>();
  readonly #licences = new Map<string, string>();

  constructor(bom: BomView) {
    this.#bom = bom;
    const digest = createHash('sha256').update(canonicalJson(bom.root)).digest('hex').slice(0, 32);
    // An address of a name space that nobody can own, as SPDX wants one for each element.
    this.#base = `urn:spdx.dev:weighbridge-${digest}`;
  }

  run(): { text: string; missing: string[] } {
    const { model, root } = this.#bom;
    const created = text(get(root, 'metadata', 'timestamp'))?.replace(/\.\d+Z$/, 'Z') ?? '1970-01-01T00:00:00Z';
    const tool = this.#element('Tool', 'tool', { name: 'weighbridge' });
    const author = this.#agent(
      text(get(list(get(root, 'metadata', 'authors'))[0], 'name')) ??
        text(get(model?.value, 'supplier', 'name')) ??
        'weighbridge',
    );
    const info = {
      '@id': '_:creation',
      type: 'CreationInfo',
      specVersion: '3.0.1',
      created,
      createdBy: [author],
      createdUsing: [tool],
    };
    const modelId = model === null ? null : this.#model(model);
    for (const component of this.#bom.components) {
      if (component === model) continue;
      const id = this.#component(component);
      if (modelId !== null) this.#relate(modelId, this.#relationTo(component), id);
    }
    const others = this.#graph.map((each) => String(each['spdxId']));
    const document: JsonObject = {
      type: 'SpdxDocument',
      spdxId: `${this.#base}:document`,
      creationInfo: '_:creation',
      name: text(model?.value['name']) ?? 'document',
      profileConformance: ['core', 'software', 'ai', 'dataset', 'simpleLicensing'],
      rootElement: modelId === null ? others.slice(0, 1) : [modelId],
      element: others.sort(),
    };
    const graph = [info, document, ...this.#graph.sort((a, b) => (String(a['spdxId']) < String(b['spdxId']) ? -1 : 1))];
    return { text: `${JSON.stringify({ '@context': context, '@graph': graph }, null, 2)}\n`, missing: this.#missing };
  }

  #model({ value }: Placed): string {
    const { card } = this.#bom;
    const supplier = text(get(value, 'supplier', 'name'));
    const released = text(get(value, 'releaseNotes', 'timestamp'));
    const download = referenceUrl(value, 'distribution');
    for (const [field, found] of [
      ['suppliedBy', supplier],
      ['releaseTime', released],
      ['software_downloadLocation', download],
    ] as const) {
      if (found === undefined) this.#missing.push(`${text(value['name']) ?? 'the model'}: ${field}`);
    }
    const hyperparameters = entries(card, 'weighbridge:hyperparameter:');
    const metrics = list(get(card, 'quantitativeAnalysis', 'performanceMetrics')).map((each) =>
      entry(
        [text(get(each, 'type')), text(get(each, 'slice'))].filter((part) => part).join(' on '),
        text(get(each, 'value')) ?? '',
      ),
    );
    const considered = (key: string) =>
      list(get(card, 'considerations', key)).map((each) =>
        typeof each === 'string' ? each : (text(get(each, 'name')) ?? ''),
      );
    const id = this.#element('ai_AIPackage', 'model', {
      name: text(value['name']),
      description: text(value['description']),
      software_packageVersion: text(value['version']),
      software_packageUrl: text(value['purl']),
      software_primaryPurpose: 'model',
      software_downloadLocation: download,
      software_copyrightText: text(value['copyright']),
      suppliedBy: supplier === undefined ? undefined : this.#agent(supplier),
      releaseTime: released?.replace(/\.\d+Z$/, 'Z'),
      verifiedUsing: hashes(value),
      ai_typeOfModel: [
        text(get(card, 'modelParameters', 'architectureFamily')),
        text(get(card, 'modelParameters', 'approach', 'type')),
      ].filter((each) => each),
      ai_domain: [text(get(card, 'modelParameters', 'task'))].filter((each) => each),
      ai_hyperparameter: hyperparameters,
      ai_metric: metrics,
      ai_limitation: considered('technicalLimitations').join('\n\n') || undefined,
      ai_informationAboutApplication: considered('useCases').join('\n\n') || undefined,
    });
    this.#licence(id, value, 'hasDeclaredLicense');
    return id;
  }

  #component({ value, pointer }: Placed): string {
    const name = text(value['name']) ?? 'component';
    const common = { name, description: text(value['description']), verifiedUsing: hashes(value) };
    const key = text(value['bom-ref']) ?? pointer;
    if (value['type'] === 'file') return this.#element('software_File', key, common);
    const released = {
      software_packageVersion: text(value['version']),
      software_packageUrl: text(value['purl']),
      software_downloadLocation: referenceUrl(value, 'distribution'),
    };
    if (value['type'] === 'data') {
      for (const field of ['builtTime', 'originatedBy', 'releaseTime']) this.#missing.push(`${name}: ${field}`);
      const id = this.#element('dataset_DatasetPackage', key, {
        ...common,
        ...released,
        software_primaryPurpose: 'data',
        dataset_datasetType: ['noAssertion'],
      });
      this.#licence(id, value, 'hasDeclaredLicense');
      return id;
    }
    if (value['type'] === 'machine-learning-model')
      return this.#element('ai_AIPackage', key, { ...common, ...released, software_primaryPurpose: 'model' });
    const id = this.#element('software_Package', key, {
      ...common,
      ...released,
      software_primaryPurpose: value['type'] === 'framework' ? 'framework' : 'library',
    });
    this.#licence(id, value, 'hasDeclaredLicense');
    return id;
  }

  #relationTo({ value, pointer }: Placed): string {
    if (value['type'] === 'file') return 'contains';
    if (value['type'] === 'data')
      return propertyOf(value, 'weighbridge:dataset:usage') === 'test' ? 'testedOn' : 'trainedOn';
    if (value['type'] === 'machine-learning-model' && pointer.startsWith('/components')) return 'descendantOf';
    return 'dependsOn';
  }

  #relate(from: string, relationshipType: string, to: string): void {
    this.#element('Relationship', `${from} ${relationshipType} ${to}`, { from, relationshipType, to: [to] });
  }

  #licence(id: string, component: JsonObject, relation: string): void {
    for (const each of list(component['licenses'])) {
      const expression = text(get(each, 'license', 'id')) ?? text(get(each, 'expression'));
      const name = text(get(each, 'license', 'name'));
      const written =
        expression ?? (name === undefined ? undefined : `LicenseRef-${name.replace(/[^\dA-Za-z.-]+/g, '-')}`);
      if (written === undefined) continue;
      let licence = this.#licences.get(written);
      if (licence === undefined) {
        licence = this.#element('simplelicensing_LicenseExpression', `licence ${written}`, {
          simplelicensing_licenseExpression: written,
        });
        this.#licences.set(written, licence);
      }
      this.#relate(id, relation, licence);
    }
  }

  #agent(name: string): string {
    const known = this.#agents.get(name);
    if (known !== undefined) return known;
    const id = this.#element('Organization', `agent ${name}`, { name });
    this.#agents.set(name, id);
    return id;
  }

  /** Adds an element; members that say nothing are left out. @returns its id. */
  #element(type: string, key: string, members: JsonObject): string {
    const spdxId = `${this.#base}:${type.replace(/^\w+_/, '')}-${createHash('sha256').update(key).digest('hex').slice(0, 16)}`;
    const said = Object.entries(members).filter(
      ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
    );
    if (!this.#ids.has(spdxId))
      this.#graph.push({ type, spdxId, creationInfo: '_:creation', ...Object.fromEntries(said) });
    this.#ids.add(spdxId);
    return spdxId;
  }
}

const algorithms: Record<string, string> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
  'SHA3-256': 'sha3_256',
  'SHA3-384': 'sha3_384',
  'SHA3-512': 'sha3_512',
  BLAKE3: 'blake3',
};

function hashes(component: JsonObject): JsonObject[] {
  return list(component['hashes']).flatMap((each) => {
    const algorithm = algorithms[String(get(each, 'alg'))];
    return algorithm === undefined ? [] : [{ type: 'Hash', algorithm, hashValue: String(get(each, 'content')) }];
  });
}

const entry = (key: string, value: string): JsonObject => ({ type: 'DictionaryEntry', key, value });

function entries(holder: unknown, prefix: string): JsonObject[] {
  return list(get(holder, 'properties'))
    .filter((each) => String(get(each, 'name')).startsWith(prefix))
    .map((each) => entry(String(get(each, 'name')).slice(prefix.length), String(get(each, 'value'))));
}

function referenceUrl(component: JsonObject, type: string): string | undefined {
  return text(
    get(
      list(component['externalReferences']).find((each) => get(each, 'type') === type),
      'url',
    ),
  );
}
