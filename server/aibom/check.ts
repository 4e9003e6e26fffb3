import { readFileSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';
import { WeighbridgeError } from '../errors.ts';
import { onDisk, wellFormed } from '../files/diskPath.ts';
import { BomView } from './bomView.ts';
import { collect, type CollectOptions, type ModelRecord } from './collect.ts';
import type { Draft } from './draft.ts';
import { type Coverage, coverageOf } from './coverage/coverage.ts';
import { findAibom } from './findAibom.ts';
import { get, list, text } from './validate/document.ts';
import { type BomProblem, type Validation, validateBom } from './validate/validate.ts';

/** How one file of the model stands to its entry. */
export interface AibomDifference {
  path: string;
  /** `missing`: described and not on disk. `changed`: the hash differs. `extra`: on disk and not described. `unhashed`: described without a hash. */
  kind: 'missing' | 'changed' | 'extra' | 'unhashed';
  /** JSON pointer of the entry, where there is one. */
  pointer?: string;
}

/** What a field says and what the model's folder says, where they contradict each other. */
export interface AibomContradiction {
  field: string;
  pointer: string;
  written: string;
  found: string;
}

export interface AibomCheck {
  /** Absolute path of the bill of materials; null when there is none. */
  aibom: string | null;
  /** There is one, it is valid, and it describes what is on disk. */
  generated: boolean;
  valid: boolean;
  /** Every file is described with the hash that it has, and nothing contradicts the folder. */
  upToDate: boolean;
  specVersion: string | null;
  problems: BomProblem[];
  differences: AibomDifference[];
  contradictions: AibomContradiction[];
  /** Meters; empty when there is no document. */
  coverage: Coverage[];
  /** SHA-256 over all files of the model, as `weighbridge:digest` in the document has it. */
  digest: string;
}

export interface CheckOptions extends CollectOptions {
  /** The bill of materials; by default the one beside the model. */
  aibom?: string;
}

/**
 * Holds the bill of materials of a model against the model on disk.
 * @throws {WeighbridgeError} `not-found` or `unreadable`, of the model or of an AIBOM that was named.
 */
export async function checkAibom(model: string, options: CheckOptions = {}): Promise<AibomCheck> {
  const path = options.aibom ?? findAibom(model);
  const record = await collect(model, {
    ...options,
    without: [...(options.without ?? []), ...(path === null ? [] : [path])],
  });
  const { digest } = record;
  if (path === null) {
    return {
      aibom: null,
      generated: false,
      valid: false,
      upToDate: false,
      specVersion: null,
      problems: [],
      differences: [],
      contradictions: [],
      coverage: [],
      digest,
    };
  }
  return { aibom: path, ...compareWithDisk(read(path), record, prefixOf(path, model)), digest };
}

function read(path: string): string {
  try {
    return readFileSync(onDisk(path), 'utf8');
  } catch (cause) {
    const gone = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new WeighbridgeError(
      gone ? 'not-found' : 'unreadable',
      gone ? `${path} does not exist` : `${path} cannot be read`,
      { cause },
    );
  }
}

/** Where the model stands, seen from the AIBOM: other tools write paths relative to their document. */
function prefixOf(aibom: string, model: string): string {
  return relative(dirname(aibom), resolve(model)).split(sep).join('/');
}

/** What of a model on disk a bill of materials is held against: plain values, which can be sent to another thread. */
export interface ModelOnDisk {
  draft: Pick<Draft, 'files' | 'facts' | 'single' | 'declaredLicences'>;
  identity: Pick<ModelRecord['identity'], 'purl'>;
}

export function modelOnDisk({ draft, identity }: ModelRecord): ModelOnDisk {
  const { files, facts, single, declaredLicences } = draft;
  return {
    draft: { files, facts, single, declaredLicences },
    identity: identity.purl === undefined ? {} : { purl: identity.purl },
  };
}

/** The part of the check that needs no disk: a text, or one that was validated already, against a record that was collected. */
export function compareWithDisk(
  content: string | Validation,
  record: ModelOnDisk,
  prefix = '',
): Omit<AibomCheck, 'aibom' | 'digest'> {
  const validation = typeof content === 'string' ? validateBom(content) : content;
  const { valid, specVersion, problems, document } = validation;
  if (!document)
    return {
      generated: false,
      valid,
      upToDate: false,
      specVersion,
      problems,
      differences: [],
      contradictions: [],
      coverage: [],
    };
  const bom = new BomView(document.root);
  const differences = filesCompared(bom, record, prefix);
  const contradictions = bom.model === null ? [] : contradictionsOf(bom, record);
  const upToDate = differences.length === 0 && contradictions.length === 0;
  return {
    generated: valid && upToDate,
    valid,
    upToDate,
    specVersion,
    problems,
    differences,
    contradictions,
    coverage: coverageOf(document.root),
  };
}

/** Entries by path; documents of other tools name files in their own ways, so a hash alone is enough, too. */
function filesCompared(bom: BomView, record: ModelOnDisk, prefix: string): AibomDifference[] {
  const differences: AibomDifference[] = [];
  const described = new Map<string, { hashes: string[]; pointer: string }>();
  for (const { value, pointer } of bom.files) {
    const name = (text(value['name']) ?? '').replace(/^\.\//, '');
    const path = prefix !== '' && name.startsWith(`${prefix}/`) ? name.slice(prefix.length + 1) : name;
    described.set(path, { hashes: hashesOf(value), pointer });
  }
  const anywhere = new Set(bom.components.flatMap(({ value }) => hashesOf(value)));
  const listsFiles = described.size > 0;
  for (const { path: onDiskPath, sha256, role } of record.draft.files) {
    const path = wellFormed(onDiskPath);
    const entry = described.get(path);
    described.delete(path);
    if (!entry) {
      // A document that lists no files describes the weights alone.
      const matters = listsFiles || role === 'weights' || role === 'code';
      if (matters && (sha256 === null || !anywhere.has(sha256))) differences.push({ path, kind: 'extra' });
    } else if (entry.hashes.length === 0) differences.push({ path, kind: 'unhashed', pointer: entry.pointer });
    else if (sha256 === null || !entry.hashes.includes(sha256))
      differences.push({ path, kind: 'changed', pointer: entry.pointer });
  }
  for (const [path, { pointer }] of described) differences.push({ path, kind: 'missing', pointer });
  return differences.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** SHA-256 only: it is what the model's files are hashed with. */
const hashesOf = (component: unknown): string[] =>
  list(get(component, 'hashes'))
    .filter((each) => get(each, 'alg') === 'SHA-256')
    .map((each) => (text(get(each, 'content')) ?? '').toLowerCase());

/** Facts that come from the headers and cannot be a matter of opinion, and the licence as the card says it. */
function contradictionsOf(bom: BomView, record: ModelOnDisk): AibomContradiction[] {
  const found: AibomContradiction[] = [];
  const { draft, identity } = record;
  const at = bom.model?.pointer ?? '';
  const compare = (field: string, pointer: string, written: string | undefined, actual: string | undefined) => {
    if (written !== undefined && actual !== undefined && written !== actual)
      found.push({ field, pointer: `${at}${pointer}`, written, found: actual });
  };
  const parameters = draft.facts.find(({ value }) => value.name === 'weighbridge:parameters')?.value.value;
  compare('parameters', '/modelCard/properties', bom.property('weighbridge:parameters'), parameters);
  compare(
    'modelCard.modelParameters.architectureFamily',
    '/modelCard/modelParameters/architectureFamily',
    text(get(bom.card, 'modelParameters', 'architectureFamily')),
    draft.single.family?.value,
  );
  compare('purl', '/purl', withoutVersion(text(bom.model?.value['purl'])), withoutVersion(identity.purl));
  const licences = list(bom.model?.value['licenses']).map(
    (each) =>
      text(get(each, 'license', 'id')) ?? text(get(each, 'license', 'name')) ?? text(get(each, 'expression')) ?? '',
  );
  const declared = draft.declaredLicences.map(({ value }) => value.id ?? value.name);
  if (
    licences.length > 0 &&
    declared.length > 0 &&
    !declared.some((each) => licences.some((licence) => licence.includes(each)))
  )
    found.push({
      field: 'licenses',
      pointer: `${at}/licenses`,
      written: licences.join(', '),
      found: declared.join(', '),
    });
  return found;
}

const withoutVersion = (purl: string | undefined): string | undefined => purl?.replace(/[@?#].*$/, '');
