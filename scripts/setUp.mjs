// What every command does first on a fresh clone: the npm packages of the lock file, then the bundles.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { repository, run } from './processes.mjs';

/** Ends the process with one clear line when this Node is too old. */
export function requireNode20() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= 20) return;
  console.error(`Weighbridge needs Node 20 or later; this is ${process.version}.`);
  process.exit(2);
}

/**
 * Installs the packages unless exactly those of the lock file are there.
 * @returns {Promise<boolean>}
 */
export async function installPackages() {
  if (packagesAreCurrent()) return true;
  console.log('Installing the packages of package-lock.json (npm ci) ...');
  for (let attempt = 1; attempt <= 3; attempt++) {
    const result = await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
      quiet: true,
    });
    if (result.code === 0) return true;
    console.error(result.output.trim());
    if (attempt < 3) console.error('npm ci failed; trying again.');
  }
  return false;
}

/** Compares the two lock files: the repository's, and the one that npm leaves in node_modules. */
function packagesAreCurrent() {
  const installedLock = path.join(repository, 'node_modules', '.package-lock.json');
  if (!existsSync(installedLock)) return false;
  try {
    const wanted = JSON.parse(readFileSync(path.join(repository, 'package-lock.json'), 'utf8')).packages;
    const installed = JSON.parse(readFileSync(installedLock, 'utf8')).packages;
    return Object.entries(wanted).every(([folder, entry]) => {
      if (folder === '') return true;
      const found = installed[folder];
      if (found === undefined) return entry.optional === true || entry.devOptional === true || entry.peer === true;
      return found.version === entry.version && existsSync(path.join(repository, folder));
    });
  } catch {
    return false;
  }
}

/** @returns {Promise<boolean>} */
export async function buildBundles() {
  const result = await run(process.execPath, ['esbuild.mjs'], { quiet: true });
  if (result.code !== 0) console.error(result.output.trim());
  return result.code === 0;
}
