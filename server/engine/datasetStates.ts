import { isDigest } from '../datasets/registers/source.ts';
import {
  provenanceParts,
  type DatasetRegister,
  type ProvenancePart,
  type RegisteredData,
  type RegisterKind,
  type RegisterRecord,
} from '../datasets/registers/facts.ts';
import { validationProblem } from '../rules/dataset/expiredValidation.ts';
import { compare, dataOf, isCode } from '../rules/dataset/registersIn.ts';
import type { DatasetWorkspace, NamedData } from '../rules/text.ts';
import type { DatasetFacts } from './datasetFacts.ts';
import { compare as byCodeUnits } from './verdicts.ts';

/** Parsers for texts that are read beside those that are judged. */
export async function loadParsers(datasets: DatasetFacts): Promise<void> {
  if (datasets.parsers) return;
  const [{ parseYaml }, { parseJson }] = await Promise.all([
    import('../formats/text/yaml.ts'),
    import('../formats/text/json.ts'),
  ]);
  datasets.parsers = { parseYaml, parseJson };
}

/** How data stands against one register. `unknown`: it was not hashed yet, or cannot be. */
export type RecordState = 'verified' | 'mismatch' | 'no-digest' | 'not-fetched' | 'missing' | 'unknown';

/** What one register says of a dataset, and whether it is so. */
export interface StatedRecord {
  /** Of the register, relative to the base. */
  path: string;
  kind: RegisterKind;
  /** 1-based, where the hash or the entry stands. */
  line: number;
  state: RecordState;
  digests: { algorithm: string; recorded: string; actual: string | null; matches: boolean | null }[];
}

/** One dataset of a workspace, with all that is recorded of it. */
export interface DatasetState {
  /** Relative to the base. */
  path: string;
  isFolder: boolean;
  name: string;
  state: RecordState | 'unregistered';
  records: StatedRecord[];
  /** What a provenance record says; null where nothing does. */
  source: string | null;
  ingestedBy: string | null;
  ingestedAt: string | null;
  validation: { at: string; result: string | null; until: string | null; problem: string | null } | null;
  /** Who may see it; null where no record says so. */
  classification: string | null;
  /** Parts that no record holds. */
  missing: ProvenancePart[];
}

/** A register of the workspace, by its path relative to the base. */
export type FoundRegister = [path: string, register: DatasetRegister];

/** What the registers of a workspace say, by dataset, sorted by path. @param unregistered paths of data that is used and in none. */
export function datasetStates(
  registers: Iterable<FoundRegister>,
  unregistered: Iterable<{ path: string; isFolder: boolean }>,
  datasets: DatasetWorkspace,
): DatasetState[] {
  const states = new Map<string, DatasetState>();
  for (const [path, register] of registers) {
    for (const [index, entry] of register.data.entries()) {
      if (entry.path === null || (entry.role === 'input' && isCode(entry.path))) continue;
      const data = dataOf(entry, path, datasets);
      const at = data?.path ?? missingPath(path, entry.path);
      const state = states.get(at) ?? newState(at, data, entry.name);
      states.set(at, state);
      state.records.push(statedRecord(path, register, entry, data, datasets));
      const record = register.kind === 'provenance' ? register.records[index] : undefined;
      take(state, record ?? register.records[0], register.kind === 'provenance', datasets.now);
    }
  }
  for (const state of states.values()) state.state = worst(state.records.map((record) => record.state));
  for (const { path, isFolder } of unregistered) {
    if (!states.has(path)) states.set(path, { ...newState(path, { isFolder }, path), state: 'unregistered' });
  }
  return [...states.values()].sort((a, b) => byCodeUnits(a.path, b.path));
}

function newState(path: string, data: { isFolder: boolean } | undefined, name: string): DatasetState {
  return {
    path,
    isFolder: data?.isFolder ?? false,
    name,
    state: 'unknown',
    records: [],
    source: null,
    ingestedBy: null,
    ingestedAt: null,
    validation: null,
    classification: null,
    missing: [...provenanceParts],
  };
}

function statedRecord(
  path: string,
  { kind }: DatasetRegister,
  entry: RegisteredData,
  data: NamedData | undefined,
  datasets: DatasetWorkspace,
): StatedRecord {
  const digests = entry.digests.map((digest) => {
    const found = data ? compare(digest, data, datasets) : null;
    return {
      algorithm: digest.algorithm ?? digest.named,
      recorded: digest.written,
      actual: found?.actual ?? null,
      matches: found?.matches ?? null,
    };
  });
  const line = (entry.digests[0]?.range ?? entry.place).line;
  return { path, kind, line, digests, state: stateOf(entry, data, digests) };
}

function stateOf(entry: RegisteredData, data: NamedData | undefined, digests: StatedRecord['digests']): RecordState {
  if (!entry.digests.some(isDigest)) return 'no-digest';
  if (!data) return 'missing';
  if (digests.some(({ matches }) => matches === false)) return 'mismatch';
  if (data.pointer) return 'not-fetched';
  return digests.some(({ matches }) => matches === true) ? 'verified' : 'unknown';
}

/** A mismatch is told whatever else holds; what one register proves, a description without a hash does not undo. */
function worst(states: readonly RecordState[]): RecordState {
  const order: RecordState[] = ['mismatch', 'missing', 'not-fetched', 'unknown', 'verified', 'no-digest'];
  return order.find((state) => states.includes(state)) ?? 'unknown';
}

/** Our own record says most, and is taken over what others say. */
function take(state: DatasetState, record: RegisterRecord | undefined, own: boolean, now: number): void {
  if (!record) return;
  const { parts, validation, ingestedAt } = record;
  const prefer = (mine: string | null, given: string | undefined): string | null =>
    own ? (given ?? mine) : (mine ?? given ?? null);
  state.source = prefer(state.source, parts.source?.value);
  state.ingestedBy = prefer(state.ingestedBy, parts.ingestedBy?.value);
  state.ingestedAt = prefer(state.ingestedAt, ingestedAt?.value);
  if (own) state.name = record.name;
  state.classification ??= record.classification?.value ?? null;
  state.missing = state.missing.filter((part) => parts[part] === null);
  if (validation.at && (own || !state.validation)) {
    state.validation = {
      at: validation.at.value,
      result: validation.result?.value ?? null,
      until: validation.until?.value ?? null,
      problem: validationProblem(record, now)?.why ?? null,
    };
  }
}

function missingPath(register: string, path: string): string {
  const folder = register.slice(0, register.lastIndexOf('/') + 1);
  return path === '.' ? folder.replace(/\/$/, '') || '.' : path.startsWith('/') ? path : `${folder}${path}`;
}
