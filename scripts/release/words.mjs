// What a release must have been told of: the changelog, the notes for whoever upgrades, the versions of what others read.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Unfit } from './checklist.mjs';

/** @param {string} root @param {string} version @param {boolean} draft @throws {Unfit} */
export function requireChangelog(root, version, draft) {
  const text = readFileSync(path.join(root, 'CHANGELOG.md'), 'utf8');
  const dated = new RegExp(`^## \\[${version.replaceAll('.', '\\.')}\\] - \\d{4}-\\d{2}-\\d{2}$`, 'm');
  const section = sectionOf(text, dated) ?? (draft ? sectionOf(text, /^## \[Unreleased\]$/m) : null);
  if (section === null)
    throw new Unfit(`CHANGELOG.md has no section "## [${version}] - DATE": give the unreleased one its name`);
  if (!/^- /m.test(section)) throw new Unfit(`the section of CHANGELOG.md for ${version} is empty`);
  return `${section.match(/^- /gm)?.length ?? 0} entries`;
}

/** @param {string} root @param {string} version @throws {Unfit} */
export function requireUpgradeNotes(root, version) {
  const text = readFileSync(path.join(root, 'docs', 'upgrading.md'), 'utf8');
  const heading = `## To ${version.split('.').slice(0, 2).join('.')}`;
  if (!text.split('\n').includes(heading)) {
    throw new Unfit(`docs/upgrading.md has no section "${heading}": say what has to be done, or that nothing has`);
  }
}

/** Every schema that others may hold on to names its version in its address. @param {string} root @throws {Unfit} */
export function requireSchemaVersions(root) {
  const names = readdirSync(root).filter((name) => name.endsWith('.schema.json'));
  const wrong = names.filter((name) => {
    const { $id = '' } = JSON.parse(readFileSync(path.join(root, name), 'utf8'));
    return !new RegExp(`/${name.replace('.schema.json', '')}-\\d+\\.json$`).test($id);
  });
  if (wrong.length > 0) throw new Unfit(`the $id of ${wrong.join(', ')} names no version (.../NAME-1.json)`);
  return names.join(', ');
}

/** @param {string} text @param {RegExp} heading @returns {string | null} */
function sectionOf(text, heading) {
  const at = text.search(heading);
  if (at < 0) return null;
  const rest = text.slice(text.indexOf('\n', at) + 1);
  const end = rest.search(/^## /m);
  return end < 0 ? rest : rest.slice(0, end);
}
