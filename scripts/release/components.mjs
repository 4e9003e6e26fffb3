// What goes along with packages that is not ours: packages of npm, modules of Go, and machine code.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { PackageURL } from 'packageurl-js';
import { goModules } from '../goModules.mjs';

/**
 * @typedef {object} Component
 * @property {string} ref its package URL.
 * @property {string} name
 * @property {string[]} licences SPDX expressions; none when nothing says.
 * @property {string[]} dependsOn refs.
 * @property {object} content the rest of the component, as CycloneDX writes it.
 */

/**
 * Packages of npm by their folders, as package-lock.json names them. (`npm sbom --omit dev` leaves out every package that something else than
 * the extension needs, too: docs/decisions/0150-bills-of-materials.md.)
 * @param {string} checkout @returns {Map<string, Component & { development: boolean }>}
 */
export function npmPackages(checkout) {
  const { packages } = JSON.parse(readFileSync(path.join(checkout, 'package-lock.json'), 'utf8'));
  const refs = new Map(Object.entries(packages).map(([folder, entry]) => [folder, npmUrl(folder, entry)]));
  const found = Object.entries(packages).filter(([folder]) => folder !== '');
  return new Map(
    found.map(([folder, entry]) => {
      const { dependencies = {}, optionalDependencies = {} } = entry;
      const wanted = Object.keys({ ...dependencies, ...optionalDependencies });
      const dependsOn = wanted.flatMap((name) => refs.get(folderOf(packages, folder, name)) ?? []);
      const content = { version: entry.version, ...(entry.integrity && { hashes: [hashOf(entry.integrity)] }) };
      const licences = typeof entry.license === 'string' ? [entry.license] : [];
      const name = nameOf(folder, entry);
      return [folder, { ref: refs.get(folder), name, licences, dependsOn, content, development: entry.dev === true }];
    }),
  );
}

/** An alias has the name of what it stands for. */
const nameOf = (folder, entry) => entry.name ?? folder.slice(folder.lastIndexOf('node_modules/') + 13);

function npmUrl(folder, entry) {
  const [name, scope] = nameOf(folder, entry).split('/').reverse();
  return new PackageURL('npm', scope, name, entry.version).toString();
}

/** Where Node finds a package from another one. */
function folderOf(packages, from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const candidate = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
    if (candidate in packages) return candidate;
    if (folder === '') return '';
  }
}

/** @param {string} integrity as subresource integrity writes it. */
function hashOf(integrity) {
  const [algorithm = '', digest = ''] = integrity.split('-');
  return { alg: algorithm.replace('sha', 'SHA-'), content: Buffer.from(digest, 'base64').toString('hex') };
}

/**
 * What is linked into the compiler of policies. Go's modules name no licence, so their texts are read.
 * @param {string} checkout @returns {Promise<Component[]>}
 */
export async function goComponents(checkout) {
  const { licenceOfText } = await import('../../server/aibom/licence/licenceText.ts');
  return goModules(checkout).map(({ name, version, sum, folder }) => {
    const [base, ...above] = name.split('/').reverse();
    const texts = readdirSync(folder).filter((file) => /^(?:licen[cs]e|copying|unlicense)/i.test(file));
    const licences = texts.map((file) => licenceOfText(readFileSync(path.join(folder, file), 'utf8'))?.id);
    return {
      ref: new PackageURL('golang', above.reverse().join('/'), base, version).toString(),
      name,
      licences: licences.includes(undefined) || licences.length === 0 ? [] : [[...new Set(licences)].join(' AND ')],
      dependsOn: [],
      content: { version, ...(sum && { properties: [{ name: 'go:sum', value: sum }] }) },
    };
  });
}

/**
 * The components of one package.
 * @param {string} checkout in which it was built.
 * @param {{ isExtension: boolean, native: { name: string, digest: string }[] }} made the command's package is what npm installs, with what npm
 *   fetches for it; the extension is what is in it.
 * @param {Map<string, Component & { development: boolean }>} npm @param {Component[]} go
 * @returns {Component[]}
 */
export function componentsOf(checkout, { isExtension, native }, npm, go) {
  const bundled = readFileSync(path.join(checkout, 'dist', 'packages.txt'), 'utf8')
    .trimEnd()
    .split('\n');
  const folders = new Set(
    bundled
      .map((line) => line.split(' '))
      .flatMap(([where, folder]) => (isExtension && where === 'fleet' ? [] : [folder])),
  );
  if (!isExtension) for (const [folder, { development }] of npm) if (!development) folders.add(folder);
  if (native.length > 0)
    for (const name of ['onnxruntime-node', 'onnxruntime-common']) folders.add(`node_modules/${name}`);
  const files = native.map(({ name, digest }) => ({
    ...{ ref: name, name, licences: null, dependsOn: [] },
    content: { type: 'file', hashes: [{ alg: 'SHA-256', content: digest }] },
  }));
  const packages = [...folders].map((folder) => {
    const known = npm.get(folder);
    if (!known) throw new Error(`${folder} is in a bundle, and not in package-lock.json`);
    return known;
  });
  const all = [...packages, ...go, ...files].sort((one, other) => (one.ref < other.ref ? -1 : 1));
  // One version may stand in several folders.
  return all.filter(({ ref }, index) => ref !== all[index - 1]?.ref);
}
