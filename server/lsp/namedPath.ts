/** A stretch of a line that may be a path: what it says, and where it stands (UTF-16 code units, end exclusive). */
export interface NamedPath {
  text: string;
  start: number;
  end: number;
  /** A word among others, which only looks like a path where it has a slash or an extension. */
  bare: boolean;
}

/** Longer lines are data, and what stands around the pointer is enough. */
const longestLine = 4096;

/** Ways to mark a path in a text: in quotes, as a Markdown link, as the value of a YAML key. */
const marked: readonly RegExp[] = [
  /"([^"]+)"/g,
  /'([^']+)'/g,
  /`([^`]+)`/g,
  /\]\(([^()\s]+)/g,
  /<([^<>]+)>/g,
  /(?:^\s*-|[:=])\s+([^\s"'`#][^"'`#]*?)(?=\s+#|\s*$)/g,
];

const bareWord = /([^\s"'`()[\]{}<>,;=|]+)/g;

/** What may be a path at a place of a line, the longest first: nothing is known yet of what is there. */
export function pathsAt(line: string, character: number): NamedPath[] {
  const from = Math.max(0, character - longestLine / 2);
  const near = line.slice(from, from + longestLine);
  const found = new Map<string, NamedPath>();
  for (const writing of [...marked, bareWord]) {
    for (const match of near.matchAll(writing)) {
      const inner = match[1] ?? '';
      const start = from + match.index + match[0].indexOf(inner);
      if (character < start || character > start + inner.length) continue;
      for (const text of [inner, inner.replace(/[.,:;!?]+$/, '')]) {
        const bare = writing === bareWord;
        if (text !== '' && !found.has(text)) found.set(text, { text, start, end: start + text.length, bare });
      }
    }
  }
  return [...found.values()].sort((a, b) => b.text.length - a.text.length);
}
