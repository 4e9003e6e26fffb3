// The bill of materials of a package, as CycloneDX: what it holds of others' work, and under what licences.
import { Unfit } from './checklist.mjs';
import { allowedLicences } from './targets.mjs';

/**
 * The same commit gives the same bytes.
 * @param {{ name: string, digest: string, version: string, seconds: number }} made the file, its SHA-256, and when the commit was made, in seconds since 1970.
 * @param {import('./components.mjs').Component[]} components
 * @returns {Promise<string>}
 */
export async function billOfMaterials({ name, digest, version, seconds }, components) {
  const { serialNumberOf } = await import('../../server/aibom/serialNumber.ts');
  const refs = new Set(components.map(({ ref }) => ref));
  const document = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      timestamp: new Date(seconds * 1000).toISOString(),
      lifecycles: [{ phase: 'build' }],
      component: {
        'bom-ref': name,
        ...{ type: 'application', name: 'weighbridge', version },
        hashes: [{ alg: 'SHA-256', content: digest }],
        properties: [{ name: 'weighbridge:file', value: name }],
      },
    },
    components: components.map(({ ref, name, licences, content }) => ({
      'bom-ref': ref,
      ...{ type: 'library', name, ...content },
      ...(licences?.[0] !== undefined && { licenses: [{ expression: licences[0] }] }),
      ...(ref.startsWith('pkg:') && { purl: ref }),
    })),
    dependencies: [
      { ref: name, dependsOn: [...refs] },
      ...components.map(({ ref, dependsOn }) => ({
        ref,
        dependsOn: [...new Set(dependsOn)].filter((each) => refs.has(each)).sort(),
      })),
    ],
  };
  return `${JSON.stringify({ ...document, serialNumber: serialNumberOf(document) }, null, 2)}\n`;
}

/** @param {{ name: string, licences: string[] | null }[]} components null for a file, whose package has them. @throws {Unfit} */
export function requireAllowedLicences(components) {
  const strange = components.filter(({ licences }) => licences !== null && !licences.some(isAllowed));
  if (strange.length > 0) {
    const named = strange.map(({ name, licences }) => `${name} (${licences?.join(', ') || 'none named'})`);
    throw new Unfit(
      `no allowed licence: ${named.join('; ')}. Leave it out, or allow the licence in scripts/release/targets.mjs`,
    );
  }
  return `of ${components.filter(({ licences }) => licences !== null).length} packages`;
}

/** @param {string} expression SPDX. */
const isAllowed = (expression) =>
  expression
    .replace(/^\((.*)\)$/, '$1')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((each) => allowedLicences.has(each.replace(/[()]/g, '').trim())));
