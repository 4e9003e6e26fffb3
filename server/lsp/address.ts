import path from 'node:path';
import { URI } from 'vscode-uri';
import { wellFormed } from '../files/diskPath.ts';

/** Absolute path of a `file:` address, or null for any other scheme. */
export function pathOfUri(uri: string): string | null {
  const parsed = URI.parse(uri);
  return parsed.scheme === 'file' ? path.normalize(parsed.fsPath) : null;
}

export function uriOfPath(absolute: string): string {
  return URI.file(wellFormed(absolute)).toString();
}

/** True when `inner` is `outer` or lies below it. */
export function isWithin(outer: string, inner: string): boolean {
  const relative = path.relative(outer, inner);
  return relative === '' || (!relative.startsWith('..') && !path.isAbsolute(relative));
}

/** Relative to a folder, with `/`, as findings have it. */
export function relativePath(folder: string, absolute: string): string {
  return path.relative(folder, absolute).split(path.sep).join('/');
}
