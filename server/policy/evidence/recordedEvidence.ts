import { readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { WeighbridgeError } from '../../errors.ts';
import { entriesOf } from '../../files/folderEntries.ts';
import type { Json } from '../../formats/facts.ts';
import { fieldsOf, listOf, textOf } from '../yamlDocument.ts';
import type { DatasetEvidence, EndpointEvidence, Evidence } from './document.ts';

/** The parts of the evidence that other programs, or other runs of this one, leave behind as JSON files. */
export type RecordedParts = {
  [K in 'functional' | 'backdoor' | 'robustness' | 'regression' | 'redteam' | 'dependencies']: NonNullable<
    Evidence[K]
  > | null;
} & { datasets: DatasetEvidence[] | null; endpoints: EndpointEvidence[] | null; change: Evidence['change'] };

type Kind =
  | 'functional'
  | 'backdoor'
  | 'robustness'
  | 'regression'
  | 'redteam'
  | 'dependencies'
  | 'datasets'
  | 'endpoints'
  | 'change';

const longest = 16 << 20;
const mostFiles = 10_000;

interface RecordedFile {
  file: string;
  kind: Kind;
  fields: Record<string, Json>;
  matches: boolean | null;
}

/**
 * Reads recorded evidence: files that are named, and all `.json` files of a folder. Of several of one kind the one about
 * this model counts, and of those the last by name.
 * @param digests of the model and of its files, bare hexadecimal: what evidence may name as its model.
 * @throws {WeighbridgeError} for a file that is named and is not evidence. In a folder, other JSON files are passed over.
 */
export function readRecorded(
  files: readonly string[],
  folder: string | null,
  digests: ReadonlySet<string>,
  base: string,
): RecordedParts {
  const found: RecordedFile[] = [];
  for (const file of [...(folder === null ? [] : jsonFilesIn(folder)), ...files]) {
    const fields = read(file);
    const kind = kindOf(fields);
    if (kind === null) {
      // The report of a scan of data is about the data: datasetEvidence.ts.
      if (!files.includes(file) || 'detectionLimit' in fields) continue;
      throw new WeighbridgeError('bad-input', `${file} is no evidence that is known: set "kind", or see docs/gates.md`);
    }
    const matches = isAbout(fieldsOf(fields['model']), digests) ?? isAbout(fieldsOf(fields['candidate']), digests);
    found.push({ file: relative(base, file).replaceAll('\\', '/'), kind, fields, matches });
  }
  const pick = (kind: Kind): RecordedFile | undefined => {
    const all = found.filter((each) => each.kind === kind);
    return all.findLast(({ matches }) => matches === true) ?? all.at(-1);
  };
  return {
    ...scans(pick),
    dependencies: dependenciesOf(pick('dependencies')),
    datasets: datasetsOf(pick('datasets')),
    endpoints: endpointsOf(found.filter(({ kind }) => kind === 'endpoints')),
    change: changeOf(pick('change')),
  };
}

/** Whether all the bytes that a record names are the model's: its file, and the files of its weights. null: it names none. */
function isAbout({ digest, data }: Record<string, Json>, digests: ReadonlySet<string>): boolean | null {
  const named = textOf(digest);
  if (named === null) return null;
  return [named, ...listOf(data).map((file) => textOf(fieldsOf(file)['digest']) ?? '')].every((each) =>
    digests.has(each.replace(/^sha256:/, '').toLowerCase()),
  );
}

function scans(pick: (kind: Kind) => RecordedFile | undefined) {
  const part = <T>(kind: Kind, fill: (fields: Record<string, Json>) => T) => {
    const found = pick(kind);
    return found ? { file: found.file, digest_matches: found.matches, ...fill(found.fields) } : null;
  };
  return {
    functional: part('functional', ({ passed = null }) => ({ passed })),
    backdoor: part('backdoor', ({ verdict = null }) => ({ verdict })),
    robustness: part('robustness', ({ cleanAccuracy = null, attacks }) => ({
      clean_accuracy: cleanAccuracy,
      worst_accuracy: worst(attacks),
    })),
    regression: part('regression', ({ agreement = null, mcnemarP = null }) => ({ agreement, mcnemar_p: mcnemarP })),
    redteam: part('redteam', ({ decision = null }) => ({ decision })),
  };
}

/** The lowest accuracy of all attacks; null unless each has one. */
function worst(attacks: Json | undefined): number | null {
  const accuracies = listOf(attacks).map((attack) => fieldsOf(attack)['accuracy']);
  if (accuracies.length === 0 || accuracies.some((each) => typeof each !== 'number')) return null;
  return Math.min(...(accuracies as number[]));
}

function dependenciesOf(found: RecordedFile | undefined): NonNullable<Evidence['dependencies']> | null {
  if (!found) return null;
  const { vulnerable, dependencies } = found.fields;
  // pip-audit: {"dependencies": [{"name", "version", "vulns": [{"id", "fix_versions"}]}]}
  const audited = listOf(dependencies).flatMap((each) => {
    const { name = null, version = null, vulns } = fieldsOf(each);
    return listOf(vulns).map((vulnerability) => ({ name, version, id: fieldsOf(vulnerability)['id'] ?? null }));
  });
  return { file: found.file, vulnerable: vulnerable ?? (Array.isArray(dependencies) ? audited : null) };
}

function datasetsOf(found: RecordedFile | undefined): DatasetEvidence[] | null {
  if (!found) return null;
  return listOf(found.fields['datasets']).map((each) => {
    const { name, registered, verified, source } = fieldsOf(each);
    return {
      name: textOf(name) ?? '?',
      registered: registered === true,
      verified: typeof verified === 'boolean' ? verified : null,
      source: textOf(source),
    };
  });
}

const states = ['enforced', 'not-enforced', 'delegated', 'not-visible'] as const;

/** What `weighbridge scan --format json` saw of endpoints. What is no state that is known counts as not visible. */
function endpointsOf(found: readonly RecordedFile[]): EndpointEvidence[] | null {
  if (found.length === 0) return null;
  return found.flatMap(({ fields }) =>
    listOf(fields['posture']).map((each) => {
      const { path, line, product, name, reach, complete, controls } = fieldsOf(each);
      return {
        path: textOf(path) ?? '?',
        line: typeof line === 'number' ? line : 1,
        product: textOf(product) ?? '?',
        name: textOf(name) ?? '?',
        reach: reach === 'loopback' || reach === 'network' ? reach : 'unknown',
        complete: complete === true,
        controls: Object.fromEntries(
          Object.entries(fieldsOf(controls)).map(([control, said]) => {
            const state = fieldsOf(said)['state'];
            return [control, states.find((known) => known === state) ?? 'not-visible'];
          }),
        ),
      };
    }),
  );
}

function changeOf(found: RecordedFile | undefined): Evidence['change'] {
  const { risk, reasons } = found?.fields ?? {};
  return {
    risk: risk === 'high' ? 'high' : 'normal',
    reasons: listOf(reasons).filter((each) => typeof each === 'string'),
  };
}

const kinds: readonly Kind[] = [
  'functional',
  'backdoor',
  'robustness',
  'regression',
  'redteam',
  'dependencies',
  'datasets',
  'endpoints',
  'change',
];

/** By its `kind`, or by the fields that the results of this tool's commands (and of pip-audit) have. */
function kindOf(fields: Record<string, Json>): Kind | null {
  const named = kinds.find((kind) => kind === fields['kind']);
  if (named) return named;
  if ('kind' in fields) return null;
  if ('verdict' in fields && ('neuralCleanse' in fields || 'strip' in fields)) return 'backdoor';
  if ('agreement' in fields && 'mcnemarP' in fields) return 'regression';
  if ('cleanAccuracy' in fields && 'attacks' in fields) return 'robustness';
  if ('decision' in fields && 'suiteSha256' in fields) return 'redteam';
  if (Array.isArray(fields['posture']) && Array.isArray(fields['findings'])) return 'endpoints';
  if (listOf(fields['dependencies']).some((each) => 'vulns' in fieldsOf(each))) return 'dependencies';
  return null;
}

function jsonFilesIn(folder: string): string[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return [];
  return entriesOf(folder)
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map(({ name }) => join(folder, name))
    .sort()
    .slice(0, mostFiles);
}

function read(file: string): Record<string, Json> {
  try {
    if (statSync(file).size > longest) throw new Error(`it is longer than ${longest} bytes`);
    return fieldsOf(JSON.parse(readFileSync(file, 'utf8')) as Json);
  } catch (cause) {
    throw new WeighbridgeError('bad-input', `cannot read the evidence ${file}: ${(cause as Error).message}`, { cause });
  }
}
