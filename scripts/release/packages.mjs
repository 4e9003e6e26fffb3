// The packages of a release, made in a checkout.
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { Unfit } from './checklist.mjs';
import { must } from './checkout.mjs';
import { commandBudget, commandName, extensionName, extensions } from './targets.mjs';

/**
 * @param {string} checkout in which everything is installed and built.
 * @param {string} out where the packages are put.
 * @param {string} version
 * @param {(string | null)[]} targets
 */
export async function makePackages(checkout, out, version, targets) {
  mkdirSync(out, { recursive: true });
  for (const target of targets) {
    const file = path.join(out, extensionName(version, target));
    const platform = target === null ? [] : ['--target', target];
    await must(process.execPath, ['scripts/package.mjs', '--no-build', '--out', file, ...platform], checkout);
  }
  const packed = mkdtempSync(path.join(checkout, 'packed-'));
  await must('npm', ['pack', '--ignore-scripts', '--pack-destination', packed], checkout);
  const [archive = ''] = readdirSync(packed);
  copyFileSync(path.join(packed, archive), path.join(out, commandName(version)));
}

/**
 * The same names with the same bytes.
 * @param {string} one @param {string} other folders. @throws {Unfit}
 */
export function requireSameBytes(one, other) {
  const [first, second] = [digestsOf(one), digestsOf(other)];
  const differ = [...first.keys()].filter((name) => first.get(name) !== second.get(name));
  if (differ.length > 0) {
    throw new Unfit(`two builds of one commit differ in ${differ.join(', ')}: compare what they hold`);
  }
  return `${first.size} packages, built twice in two places`;
}

/** @param {string} folder @returns {Map<string, string>} SHA-256 by name, in the order of names. */
export function digestsOf(folder) {
  const names = readdirSync(folder).sort();
  return new Map(
    names.map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(path.join(folder, name)))
        .digest('hex'),
    ]),
  );
}

/**
 * What a release consists of.
 * @param {string} version @param {(string | null)[]} targets
 * @returns {{ name: string, isExtension: boolean, target: string | null, mostBytes: number, native: string[] }[]}
 */
export const packagesOf = (version, targets) => [
  ...extensions
    .filter(({ target }) => targets.includes(target))
    .map((each) => ({ ...each, name: extensionName(version, each.target), isExtension: true })),
  { name: commandName(version), isExtension: false, target: null, mostBytes: commandBudget, native: [] },
];

/** @param {string} folder @param {{ name: string, mostBytes: number }[]} packages @throws {Unfit} */
export function requireWithinBudgets(folder, packages) {
  const sizes = packages.map((each) => ({ ...each, size: statSync(path.join(folder, each.name)).size }));
  const large = sizes.filter(({ size, mostBytes }) => size > mostBytes);
  if (large.length > 0) {
    throw new Unfit(
      `${large.map(({ name, size, mostBytes }) => `${name} has ${inMegabytes(size)}, and may have ${inMegabytes(mostBytes)}`).join('; ')}: ` +
        'find out what was added, or raise the budget in scripts/release/targets.mjs',
    );
  }
  return sizes.map(({ name, size }) => `${name} ${inMegabytes(size)}`).join(', ');
}

/** @param {number} bytes */
const inMegabytes = (bytes) => `${(bytes / (1024 * 1024)).toFixed(1)} MB`;
