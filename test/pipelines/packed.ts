import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../../', import.meta.url));

/** Makes the npm package. @returns its file in the folder. */
export function pack(folder: string): string {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  execFileSync(npm, ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: repository, stdio: 'pipe' });
  return join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '');
}

/** Unpacks the npm package. @returns a folder for the PATH with what npm links there: the file that the package's manifest names. */
export function unpack(archive: string, folder: string): string {
  execFileSync('tar', ['-xzf', archive, '-C', folder]);
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const manifest = JSON.parse(readFileSync(join(folder, 'package/package.json'), 'utf8')) as {
    bin: { weighbridge: string };
  };
  const command = join(bin, 'weighbridge');
  const program = join(folder, 'package', manifest.bin.weighbridge);
  writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`);
  chmodSync(command, 0o755);
  return bin;
}
