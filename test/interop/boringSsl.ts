// A runtime on BoringSSL, as VS Code's is: Bun, of a version that throws where no digest is named. Later ones do not.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const version = '1.3.14';
const tools = path.resolve(import.meta.dirname, '..', '..', '.tools');

/** `baseline` runs on processors without AVX2, too. */
const packages: Record<string, string> = {
  'linux-x64': '@oven/bun-linux-x64-baseline',
  'linux-arm64': '@oven/bun-linux-aarch64',
  'darwin-x64': '@oven/bun-darwin-x64-baseline',
  'darwin-arm64': '@oven/bun-darwin-aarch64',
  'win32-x64': '@oven/bun-windows-x64-baseline',
};

/**
 * Fetched from npm into `.tools` on the first call. The package `bun` itself would fetch its program in an install script.
 * @returns the path of the program.
 */
export async function boringSslRuntime(): Promise<string> {
  const name = packages[`${process.platform}-${process.arch}`];
  if (name === undefined) throw new Error(`there is no Bun for ${process.platform} on ${process.arch}`);
  const folder = path.join(tools, `bun-${version}`);
  const program = path.join(
    folder,
    'node_modules',
    ...name.split('/'),
    'bin',
    process.platform === 'win32' ? 'bun.exe' : 'bun',
  );
  if (existsSync(program)) return program;
  mkdirSync(tools, { recursive: true });
  const fresh = mkdtempSync(path.join(tools, 'bun-'));
  try {
    writeFileSync(path.join(fresh, 'package.json'), '{ "private": true }');
    const options = ['--prefix', fresh, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    await run('npm', ['install', ...options, `${name}@${version}`], { shell: process.platform === 'win32' });
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return program;
}
