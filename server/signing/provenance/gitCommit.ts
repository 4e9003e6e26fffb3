import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { unresolved, type Resource } from './resource.ts';

/** The work tree that a folder lies in, as its files say. Git itself is not run: a repository's hooks and settings would be. */
export interface Repository {
  /** Absolute. */
  root: string;
  commit: Resource | null;
}

/** @returns null where the folder lies in no repository. */
export function repositoryAbove(folder: string): Repository | null {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const git = gitFolder(join(at, '.git'));
    if (git !== null) return { root: at, commit: commitOf(at, git) };
    if (dirname(at) === at) return null;
  }
}

/** A folder, or a file that names it, in linked work trees and submodules. */
function gitFolder(path: string): string | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isDirectory()) return path;
  const named = stat?.isFile() ? /^gitdir: (.+)$/m.exec(textOf(path) ?? '')?.[1] : undefined;
  return named === undefined ? null : resolve(dirname(path), named.trim());
}

function commitOf(root: string, git: string): Resource | null {
  const shared = resolve(git, (textOf(join(git, 'commondir')) ?? '.').trim());
  const head = (textOf(join(git, 'HEAD')) ?? '').trim();
  const reference = /^ref: (refs\/[^\s\\:]+)$/.exec(head)?.[1];
  if (reference?.split('/').includes('..')) return null;
  const commit =
    reference === undefined ? head : (loose(git, reference) ?? loose(shared, reference) ?? packed(shared, reference));
  if (!/^(?:[\da-f]{40}|[\da-f]{64})$/.test(commit ?? '')) return null;
  const remote = originOf(textOf(join(shared, 'config')) ?? '');
  const at = reference === undefined ? '' : `@${reference}`;
  return {
    name: basename(root),
    uri: remote === null ? unresolved(basename(root)) : `git+${remote}${at}`,
    digest: { gitCommit: commit ?? '' },
    annotations: {
      role: 'source',
      readFrom: '.git/HEAD',
      note: 'the commit that was checked out; changes that were not committed are not looked for',
    },
  };
}

function loose(git: string, reference: string): string | undefined {
  return textOf(join(git, reference))?.trim();
}

function packed(git: string, reference: string): string | undefined {
  const line = textOf(join(git, 'packed-refs'))
    ?.split('\n')
    .find((each) => each.endsWith(` ${reference}`));
  return line?.split(' ')[0];
}

/** The address of `origin`, without the password that people leave in it. */
function originOf(config: string): string | null {
  let section = '';
  for (const line of config.split('\n')) {
    section = /^\s*\[([^\]]+)\]/.exec(line)?.[1] ?? section;
    const url = section === 'remote "origin"' ? /^\s*url\s*=\s*(.+?)\s*$/.exec(line)?.[1] : undefined;
    if (url !== undefined) return withoutCredentials(url);
  }
  return null;
}

function withoutCredentials(url: string): string | null {
  const short = /^(?:[\w.-]+@)?([\w.-]+):(?!\/)(.+)$/.exec(url);
  try {
    const parsed = new URL(short ? `ssh://${short[1]}/${short[2]}` : url);
    if (!['https:', 'http:', 'ssh:', 'git:'].includes(parsed.protocol)) return null;
    parsed.username = '';
    parsed.password = '';
    parsed.search = '';
    parsed.hash = '';
    return parsed.href;
  } catch {
    return null;
  }
}

const longestText = 32 << 20;

function textOf(path: string): string | undefined {
  try {
    const stat = statSync(path);
    return stat.isFile() && stat.size <= longestText ? readFileSync(path, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}
