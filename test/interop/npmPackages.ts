import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const tools = path.resolve(import.meta.dirname, '..', '..', '.tools');

/**
 * Packages of npm that tests read, fetched into a folder of `.tools` on the first call.
 * @param packages exact versions by name.
 * @returns where a package lies.
 */
export async function npmPackages(folder: string, packages: Record<string, string>): Promise<(name: string) => string> {
  const target = path.join(tools, folder);
  if (!existsSync(target)) {
    mkdirSync(tools, { recursive: true });
    const fresh = mkdtempSync(path.join(tools, `${folder}-`));
    try {
      writeFileSync(path.join(fresh, 'package.json'), '{ "private": true }');
      const options = ['--prefix', fresh, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
      const wanted = Object.entries(packages).map(([name, version]) => `${name}@${version}`);
      await promisify(execFile)('npm', ['install', ...options, ...wanted], { shell: process.platform === 'win32' });
      // Test files run side by side, and another may have been faster.
      if (!existsSync(target)) renameSync(fresh, target);
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
  }
  return (name) => path.join(target, 'node_modules', ...name.split('/'));
}
