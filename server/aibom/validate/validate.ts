import { schemaVersions, type SchemaVersion } from '../schemas.ts';
import { BomDocument, type Place, text } from './document.ts';
import { schemaBreaches } from './schema.ts';
import { semanticBreaches } from './semantics.ts';

/** Something that is wrong with a bill of materials, at its place. */
export interface BomProblem {
  /** `schema`, `syntax`, `version`, or the name of a semantic rule. */
  rule: string;
  severity: 'error' | 'warning';
  message: string;
  /** JSON pointer (RFC 6901); empty for the whole. */
  pointer: string;
  place: Place | null;
}

export interface Validation {
  /** No error; warnings there may be. */
  valid: boolean;
  /** As written; null when there is none. */
  specVersion: string | null;
  problems: BomProblem[];
  /** Null when the text cannot be read. */
  document: BomDocument | null;
}

/** Characters of a document of which every breach of the schema is listed. */
const longestToListAll = 4 << 20;

/** Validates any CycloneDX JSON, by the official schema of its version and by what the schema cannot say. It never throws on content. */
export function validateBom(content: string): Validation {
  const document = BomDocument.read(content);
  if (!(document instanceof BomDocument)) {
    return failed('syntax', `The document cannot be read: ${document.message}.`, document.place, null, null);
  }
  const specVersion = text(document.root['specVersion']) ?? null;
  if (document.root['bomFormat'] !== 'CycloneDX')
    return failed(
      'version',
      'This is no CycloneDX document: "bomFormat" is not "CycloneDX".',
      document.placeOf('/bomFormat'),
      specVersion,
      document,
    );
  const version = schemaVersions.find((each) => each === specVersion);
  if (version === undefined) {
    const message = `CycloneDX ${specVersion ?? '(no version)'} is not validated; ${schemaVersions.join(', ')} are.`;
    return failed('version', message, document.placeOf('/specVersion'), specVersion, document);
  }
  return checked(document, version);
}

function checked(document: BomDocument, version: SchemaVersion): Validation {
  const problems: BomProblem[] = [];
  const add = (rule: string, severity: BomProblem['severity'], pointer: string, message: string) =>
    problems.push({ rule, severity, pointer, message, place: document.placeOf(pointer) });
  try {
    for (const { pointer, message } of schemaBreaches(document.root, version, document.text.length <= longestToListAll))
      add('schema', 'error', pointer, message);
    for (const { rule, severity, pointer, message } of semanticBreaches(document.root))
      add(rule, severity, pointer, message);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    add('syntax', 'error', '', 'it is nested too deep to be checked');
  }
  problems.sort((a, b) => (a.place?.offset ?? 0) - (b.place?.offset ?? 0) || (a.message < b.message ? -1 : 1));
  return { valid: problems.every(({ severity }) => severity !== 'error'), specVersion: version, problems, document };
}

function failed(
  rule: string,
  message: string,
  place: Place | null,
  specVersion: string | null,
  document: BomDocument | null,
): Validation {
  return { valid: false, specVersion, problems: [{ rule, severity: 'error', message, pointer: '', place }], document };
}
