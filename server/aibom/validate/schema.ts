import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { canonicalJson } from '../canonicalJson.ts';
import { schemaText, type SchemaVersion } from '../schemas.ts';

/** What one rule of the schema says, at a JSON pointer (RFC 6901). */
export interface SchemaBreach {
  pointer: string;
  message: string;
}

const mostBreaches = 200;
const validators = new Map<string, ValidateFunction>();

/**
 * Holds a document against CycloneDX' own schema of its version. Compiling the first one takes half a second.
 * @param all every breach, or only the first: the list of all grows faster than the document.
 */
export function schemaBreaches(document: unknown, version: SchemaVersion, all = true): SchemaBreach[] {
  const key = `${version} ${all}`;
  const validate = validators.get(key) ?? compile(version, all);
  validators.set(key, validate);
  if (validate(document)) return [];
  const breaches = telling(validate.errors ?? []).map((error) => ({
    pointer: error.instancePath,
    message: inWords(error),
  }));
  return distinct(breaches).slice(0, mostBreaches);
}

function compile(version: SchemaVersion, allErrors: boolean): ValidateFunction {
  // `strict` is about the style of schemas, and these are not ours to restyle.
  const ajv = new Ajv({ allErrors, strict: false, validateSchema: false, logger: false, formats });
  // The library compares each item with each other one: a list of 100,000 components would take an hour.
  ajv.removeKeyword('uniqueItems');
  ajv.addKeyword({ keyword: 'uniqueItems', type: 'array', schemaType: 'boolean', validate: areUnique });
  for (const name of ['spdx', 'jsf-0.82', 'cryptography-defs'] as const) {
    ajv.addSchema(JSON.parse(schemaText(name)) as object, `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
  }
  return ajv.compile(JSON.parse(schemaText(`bom-${version}`)) as object);
}

function areUnique(wanted: boolean, items: unknown[]): boolean {
  return !wanted || new Set(items.map((item) => canonicalJson(item))).size === items.length;
}

/** The formats that the schemas name. Each is checked in one pass over the text. */
export const formats: Record<string, (text: string) => boolean> = {
  'date-time': (text) =>
    /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/.test(text) &&
    !Number.isNaN(Date.parse(text)),
  date: (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)),
  uri: (text) => /^[a-z][a-z\d+.-]*:[^\s]*$/i.test(text),
  'idn-email': (text) => /^[^\s@]+@[^\s@]+$/.test(text),
  // RFC 3987: what no address holds are blanks, controls and these marks, and a percent sign that begins no byte.
  'iri-reference': (text) => !/[\u0000-\u0020"<>\\^`{|}]|%(?![\da-f]{2})/i.test(text),
};

/** Of alternatives that all fail, only what lies deepest says what is wrong. */
function telling(errors: readonly ErrorObject[]): ErrorObject[] {
  const isChoice = ({ keyword }: ErrorObject) => /^(?:oneOf|anyOf|if|not)$/.test(keyword);
  const specific = errors.filter((error) => !isChoice(error));
  const covered = (error: ErrorObject) =>
    specific.some(({ instancePath }) => instancePath.startsWith(error.instancePath));
  return errors.length > 5_000 ? specific : errors.filter((error) => !isChoice(error) || !covered(error));
}

function distinct(breaches: SchemaBreach[]): SchemaBreach[] {
  return [...new Map(breaches.map((each) => [`${each.pointer} ${each.message}`, each])).values()];
}

export function inWords({ keyword, params, message }: ErrorObject): string {
  const given = params as Record<string, unknown>;
  switch (keyword) {
    case 'additionalProperties':
      return `"${String(given['additionalProperty'])}" is no field of this object`;
    case 'required':
      return `the field "${String(given['missingProperty'])}" is missing`;
    case 'type':
      return `the value must be of type ${String(given['type'])}`;
    case 'enum': {
      const allowed = given['allowedValues'] as unknown[];
      return `the value must be one of ${allowed.slice(0, 12).join(', ')}${allowed.length > 12 ? `, ... (${allowed.length} in all)` : ''}`;
    }
    case 'const':
      return `the value must be ${JSON.stringify(given['allowedValue'])}`;
    case 'format':
      return `the value is no valid ${String(given['format'])}`;
    case 'pattern':
      return `the value does not have the form ${String(given['pattern'])}`;
    case 'uniqueItems':
      return 'the list holds the same item twice';
    default:
      return message ?? `the schema's rule ${keyword} is broken`;
  }
}
