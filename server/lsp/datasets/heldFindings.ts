import { createHash } from 'node:crypto';
import { FileSource } from '../../files/fileSource.ts';
import { linesOf } from '../../datasets/rows/lines.ts';
import type { Finding } from '../../rules/finding.ts';

/** Bytes: editors open no longer texts (VS Code: 50 MB). */
const longest = 64 << 20;

/** Digests of the lines that findings stand on, as they were when the file was scanned. Null where nobody can have it open as a text. */
export function linesAt(file: string, lines: ReadonlySet<number>): Map<number, string> | null {
  const found = new Map<number, string>();
  let source: FileSource;
  try {
    source = new FileSource(file);
  } catch {
    return null;
  }
  try {
    if (source.size > longest) return null;
    for (const { number, text } of linesOf(source)) {
      if (text !== null && lines.has(number)) found.set(number, digest(text));
      if (found.size === lines.size) break;
    }
    return found;
  } finally {
    source.close();
  }
}

/**
 * Findings on the lines where their text stands now: a line that was moved takes its finding along, one that was changed loses it, because what is
 * written there now was not looked at.
 */
export function heldOn(text: string, findings: readonly Finding[], known: ReadonlyMap<number, string>): Finding[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  let byDigest: Map<string, number> | null = null;
  return findings.flatMap((finding) => {
    const { line, endLine } = finding.location;
    const was = line === null ? undefined : known.get(line);
    if (line === null || was === undefined) return [finding];
    const here = lines[line - 1];
    if (here !== undefined && digest(here) === was) return [finding];
    byDigest ??= new Map(lines.map((each, index) => [digest(each), index + 1]));
    const now = byDigest.get(was);
    if (now === undefined) return [];
    const location = {
      ...finding.location,
      line: now,
      ...(endLine !== undefined && { endLine: endLine + now - line }),
    };
    return [{ ...finding, location }];
  });
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
