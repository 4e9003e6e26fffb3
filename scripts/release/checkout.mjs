// A clean checkout of one commit, in which a release is built: what is not committed is not released.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { repository, run } from '../processes.mjs';
import { Unfit } from './checklist.mjs';

/** @param {string[]} args @param {string} [cwd] @throws {Unfit} with what Git says. */
export function git(args, cwd = repository) {
  try {
    return execFileSync('git', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  } catch (error) {
    throw new Unfit(`"git ${args[0]}" failed: ${String(error.stderr || error.message).trim()}`);
  }
}

/**
 * Clones the repository, checks out the commit, and installs what its lock file names.
 * @param {string} folder absolute, not there yet.
 * @param {string} commit
 */
export async function checkOut(folder, commit) {
  git(['clone', '--quiet', '--no-checkout', '--no-local', repository, folder]);
  git(['checkout', '--quiet', '--detach', commit], folder);
  await must('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error'], folder);
  await must(process.execPath, ['esbuild.mjs'], folder);
}

/**
 * @param {string} program @param {string[]} args @param {string} cwd
 * @returns {Promise<string>} what it printed. @throws {Unfit}
 */
export async function must(program, args, cwd) {
  const { code, signal, output } = await run(program, args, { quiet: true, cwd });
  if (code === 0) return output;
  const shown = [path.basename(program), ...args].join(' ');
  // What was said, and not where in the sources.
  const said = output
    .trimEnd()
    .split('\n')
    .filter((line) => !/^\s+at /.test(line));
  throw new Unfit(`"${shown}" ended with ${signal ?? code}:\n${said.slice(-15).join('\n')}`);
}
