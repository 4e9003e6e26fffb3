// What of the repository goes into a package of the extension, by `.vscodeignore`: that file leaves out everything, and lets in.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/**
 * Files and folders that hold all that is packaged, and little else: each line that lets something in, up to its first wildcard.
 * @param {string} root the repository.
 * @returns {string[]} relative to it, none inside another.
 */
export function packagedPlaces(root) {
  const lines = readFileSync(path.join(root, '.vscodeignore'), 'utf8').split('\n');
  const places = lines.filter((line) => line.startsWith('!')).map((line) => placeOf(line.slice(1).trim()));
  return [...new Set(places)].filter(
    (place) => existsSync(path.join(root, place)) && !places.some((other) => place.startsWith(`${other}/`)),
  );
}

/** @param {string} pattern @returns {string} the folder that its wildcards look in, or the file that it names. */
function placeOf(pattern) {
  const wildcard = pattern.search(/[*?{[(!]/);
  return wildcard < 0 ? pattern : path.posix.dirname(`${pattern.slice(0, wildcard)}x`);
}

/**
 * Copies it into a folder of its own, so that packing neither walks through all of the tree nor writes into it: two may pack at once.
 * @param {string} root the repository.
 * @param {string} folder is made.
 */
export function stage(root, folder) {
  for (const place of ['.vscodeignore', ...packagedPlaces(root)]) {
    mkdirSync(path.dirname(path.join(folder, place)), { recursive: true });
    cpSync(path.join(root, place), path.join(folder, place), { recursive: true });
  }
}

/** What makes a package of that, the lock file telling the versions of the packer and of the runtime that goes along. */
const makers = ['.vscodeignore', 'package-lock.json', 'scripts/package.mjs', 'scripts/packaged.mjs'];

/**
 * Tells one package from another before it is made, by the content of all that packing reads.
 * @param {string} root the repository.
 * @param {string[]} more what else tells how it is made and used: files by their content, other words as they are.
 * @returns {string} hexadecimal.
 */
export function packageDigest(root, more = []) {
  const hash = createHash('sha256').update(JSON.stringify(more));
  const add = (place) => {
    const file = path.join(root, place);
    if (!existsSync(file)) return;
    if (statSync(file).isDirectory())
      return readdirSync(file)
        .sort()
        .forEach((name) => add(`${place}/${name}`));
    const content = readFileSync(file);
    hash.update(`${place}\n${content.length}\n`).update(content);
  };
  [...makers, ...packagedPlaces(root), ...more].forEach(add);
  return hash.digest('hex');
}
