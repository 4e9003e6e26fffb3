// The licences and notices of what is not ours and goes along with the packages: their licences ask for it.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { goModules } from './goModules.mjs';

/** @typedef {{ name: string, licence?: string, text: string }} Notice for one package: its name with its version, and the texts that it has. */

/** Files of a package that hold its licence, or what its licence wants to be passed on. */
const isNotice = (name) => /^(?:licen[cs]e|copying|unlicense|notice|thirdpartynotices?)(?:[.-]|$)/i.test(name);

/** The texts of a package's licences and notices, by the names of their files; empty where it has none. @param {string} folder */
function noticesIn(folder) {
  const files = readdirSync(folder, { withFileTypes: true }).filter((file) => file.isFile() && isNotice(file.name));
  return files
    .map(({ name }) => name)
    .sort()
    .map((name) => readFileSync(path.join(folder, name), 'utf8').replaceAll('\r\n', '\n').trim())
    .join('\n\n');
}

/**
 * @param {string} root the repository. @param {string[]} folders of packages of npm.
 * @returns {Notice[]}
 */
export function noticesOfPackages(root, folders) {
  return folders.map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8'));
    return { name: `${name} ${version}`, licence: license, text: noticesIn(path.join(root, folder)) };
  });
}

/** @param {string} root @returns {Notice[]} for what is linked into the compiler of policies. */
export function noticesOfModules(root) {
  return goModules(root).map(({ name, version, folder }) => ({
    name: `${name === 'std' ? 'Go' : name} ${version}`,
    text: noticesIn(folder),
  }));
}

/**
 * One text: each licence once, below the names of all that it is for.
 * @param {Notice[]} notices
 */
export function noticesText(notices) {
  /** @type {Map<string, Set<string>>} */
  const byText = new Map();
  for (const { name, licence, text } of notices) {
    const shown = text === '' ? `Its package names the licence ${licence}, and has no text of it.` : text;
    byText.set(shown, (byText.get(shown) ?? new Set()).add(name));
  }
  const parts = [...byText].map(([text, names]) => `${[...names].sort().join('\n')}\n\n${text}\n`);
  const line = `\n${'-'.repeat(80)}\n\n`;
  return `Weighbridge contains the software named below, under the licences that follow.\n${line}${parts.sort().join(line)}`;
}
