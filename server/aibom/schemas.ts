import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Set by the bundler; absent when the sources run as they are. */
declare const WEIGHBRIDGE_BUILD: string | undefined;

/** Versions of CycloneDX whose documents are validated; model cards exist from 1.5 on. */
export const schemaVersions = ['1.4', '1.5', '1.6', '1.7'] as const;
export type SchemaVersion = (typeof schemaVersions)[number];

/**
 * A schema of the CycloneDX project, as its library ships it. In the bundle the schemas stand in a folder beside the
 * running file.
 */
export function schemaText(name: `bom-${SchemaVersion}` | 'spdx' | 'jsf-0.82' | 'cryptography-defs'): string {
  return readFileSync(join(folder(), `${name}.SNAPSHOT.schema.json`), 'utf8');
}

function folder(): string {
  if (typeof WEIGHBRIDGE_BUILD !== 'undefined') return join(dirname(fileURLToPath(import.meta.url)), 'schemas');
  const manifest = createRequire(import.meta.url).resolve('@cyclonedx/cyclonedx-library/package.json');
  return join(dirname(manifest), 'res', 'schema');
}
