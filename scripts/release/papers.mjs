// What a release says of itself: its bill of materials, and the statement of how it was built.
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Unfit } from './checklist.mjs';
import { must } from './checkout.mjs';
import { allowedLicences } from './targets.mjs';

/**
 * CycloneDX of everything that goes along: the packages of npm as npm itself lists them, and the modules of Go that the compiler of policies
 * is linked from. The same commit gives the same bytes.
 * @param {string} checkout @param {{ version: string, seconds: number }} release `seconds` since 1970, of the commit.
 * @returns {Promise<{ text: string, components: { name: string, licences: string[] }[] }>}
 */
export async function billOfMaterials(checkout, { version, seconds }) {
  const bom = JSON.parse(
    await must('npm', ['sbom', '--omit', 'dev', '--sbom-format', 'cyclonedx', '--package-lock-only'], checkout),
  );
  const modules = goModules(checkout);
  const components = [...bom.components, ...modules.map(goComponent)].sort((one, other) =>
    one['bom-ref'] < other['bom-ref'] ? -1 : 1,
  );
  const document = {
    ...bom,
    metadata: {
      ...bom.metadata,
      timestamp: new Date(seconds * 1000).toISOString(),
      // npm names it after the folder that it stands in.
      component: { ...bom.metadata.component, name: 'weighbridge', type: 'application' },
    },
    components,
    dependencies: [...bom.dependencies, ...modules.map((module) => ({ ref: goUrl(module), dependsOn: [] }))].map(
      (entry) =>
        entry.ref === bom.metadata.component['bom-ref']
          ? { ...entry, dependsOn: [...entry.dependsOn, ...modules.map(goUrl)] }
          : entry,
    ),
  };
  delete document.serialNumber;
  const digest = createHash('sha256').update(JSON.stringify(document)).digest('hex');
  // A UUID of version 8 (RFC 9562): of our own making, from the content.
  const uuid = `${digest.slice(0, 8)}-${digest.slice(8, 12)}-8${digest.slice(13, 16)}-8${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
  const text = `${JSON.stringify({ ...document, serialNumber: `urn:uuid:${uuid}` }, null, 2)}\n`;
  if (document.metadata.component.version !== version) throw new Unfit('npm lists another version than is released');
  return { text, components: bom.components.map(licensed) };
}

/** @param {{ name: string, licences: string[] }[]} components @throws {Unfit} */
export function requireAllowedLicences(components) {
  const strange = components.filter(({ licences }) => !licences.some(isAllowed));
  if (strange.length > 0) {
    const named = strange.map(({ name, licences }) => `${name} (${licences.join(', ') || 'none named'})`);
    throw new Unfit(
      `no allowed licence: ${named.join('; ')}. Leave it out, or allow the licence in scripts/release/targets.mjs`,
    );
  }
  return `${components.length} packages of npm`;
}

/** @param {string} expression SPDX. */
const isAllowed = (expression) =>
  expression
    .replace(/^\((.*)\)$/, '$1')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((each) => allowedLicences.has(each.replace(/[()]/g, '').trim())));

function licensed({ name, licenses = [] }) {
  return {
    name,
    licences: licenses.map(({ license, expression }) => expression ?? license?.id ?? license?.name ?? ''),
  };
}

/** What is linked into the compiler of policies. @param {string} checkout @returns {{ path: string, version: string, sum: string }[]} */
function goModules(checkout) {
  const format = '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Sum}}{{end}}{{end}}';
  const output = execFileSync('go', ['list', '-deps', '-f', format, '.'], {
    cwd: path.join(checkout, 'policies', 'compiler'),
    env: { ...process.env, GOOS: 'wasip1', GOARCH: 'wasm', GOWORK: 'off', GOFLAGS: '-mod=readonly' },
    encoding: 'utf8',
  });
  return [...new Set(output.split('\n').filter((line) => line !== ''))].sort().map((line) => {
    const [name = '', version = '', sum = ''] = line.split(' ');
    return { path: name, version, sum };
  });
}

const goUrl = ({ path: name, version }) => `pkg:golang/${name}@${version}`;

function goComponent(module) {
  return {
    'bom-ref': goUrl(module),
    type: 'library',
    name: module.path,
    version: module.version,
    scope: 'required',
    purl: goUrl(module),
    properties: [{ name: 'go:sum', value: module.sum }],
  };
}

/**
 * SLSA provenance 1.0 of the packages (https://slsa.dev/spec/v1.0/provenance).
 * @param {{ digests: Map<string, string>, version: string, commit: string, tag: string | null, source: string, checkout: string, builder: { id: string, invocationId?: string, externalParameters: object } }} release
 * @returns {Buffer} an in-toto statement.
 */
export function releaseStatement({ digests, version, commit, tag, source, checkout, builder }) {
  const lock = createHash('sha256').update(readFileSync(path.join(checkout, 'package-lock.json')));
  return Buffer.from(
    JSON.stringify({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [...digests].map(([name, sha256]) => ({ name, digest: { sha256 } })),
      predicateType: 'https://slsa.dev/provenance/v1',
      predicate: {
        buildDefinition: {
          buildType: 'urn:weighbridge:release:v1',
          externalParameters: { version, tag, ...builder.externalParameters },
          internalParameters: { node: process.version, builtTwice: true },
          resolvedDependencies: [
            { uri: source, digest: { gitCommit: commit } },
            { name: 'package-lock.json', digest: { sha256: lock.digest('hex') } },
          ],
        },
        runDetails: {
          builder: { id: builder.id },
          ...(builder.invocationId !== undefined && { metadata: { invocationId: builder.invocationId } }),
        },
      },
    }),
  );
}
