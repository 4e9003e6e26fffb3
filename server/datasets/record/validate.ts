import { Ajv, type ValidateFunction } from 'ajv';
import { formats, inWords } from '../../aibom/validate/schema.ts';
import { provenanceSchema } from './schema.ts';

/** Where a record is not what the schema says: keys from the root, and a clause for a person. */
export interface RecordBreach {
  path: (string | number)[];
  message: string;
}

const mostBreaches = 100;
let compiled: ValidateFunction | undefined;

/** Holds a parsed `provenance.json` against its schema. */
export function recordBreaches(value: unknown): RecordBreach[] {
  compiled ??= new Ajv({ allErrors: true, strict: false, logger: false, formats }).compile(provenanceSchema());
  if (compiled(value)) return [];
  const errors = (compiled.errors ?? []).slice(0, 10 * mostBreaches);
  // Of the forms that `transforms` may have, the list says most.
  const telling = errors.filter(({ keyword, schemaPath }) => keyword !== 'oneOf' && !/oneOf\/[01]\//.test(schemaPath));
  const breaches = (telling.length > 0 ? telling : errors).map((error) => ({
    path: error.instancePath
      .split('/')
      .slice(1)
      .map((key) => (/^\d+$/.test(key) ? Number(key) : key.replaceAll('~1', '/').replaceAll('~0', '~'))),
    message: inWords(error),
  }));
  const distinct = new Map(breaches.map((breach) => [JSON.stringify(breach), breach]));
  return [...distinct.values()].slice(0, mostBreaches);
}
