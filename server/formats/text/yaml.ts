import { scalarsOf } from './configScalars.ts';
import { LineIndex, type Places } from './lineIndex.ts';
import type { ConfigText } from './parse.ts';
import { readByLibrary, readingOf, type YamlReading } from './yamlLibrary.ts';
import { YamlLines } from './yamlLines.ts';
import { Unusual } from './yamlScalars.ts';
import { mask, YamlNodes } from './yamlNodes.ts';

export type { YamlReading } from './yamlLibrary.ts';

/**
 * The trees of all documents of a YAML text, as they stand: an anchor's content is reported where it is written and never
 * expanded at its aliases (so that aliases of aliases cost nothing), but an alias of a scalar has that scalar's value.
 * Templates (`{{ }}`, `{% %}`) are masked when the text does not parse with them.
 */
export function parseYaml(text: string): ConfigText<'yaml'> {
  const { documents, problems } = readYaml(text, new LineIndex(text));
  return { language: 'yaml', documents, scalars: scalarsOf(documents), problems };
}

/**
 * Reads a YAML text, or a part of one that stands for itself.
 * @param places of offsets of this text in the file.
 * @param depth of mappings and sequences around it.
 */
export function readYaml(text: string, places: Places, depth = 0): YamlReading {
  const first = read(text, text, places, depth);
  if (first.mistakes.length === 0 || !holdsTemplate(text)) return first;
  const masked = read(maskTemplates(text), text, places, depth);
  return masked.mistakes.length < first.mistakes.length ? { ...masked, masked: true } : first;
}

export function holdsTemplate(text: string): boolean {
  return /\{\{|\{%/.test(text);
}

function read(text: string, original: string, places: Places, depth: number): YamlReading {
  return readQuickly(text, original, places, depth) ?? readByLibrary(text, original, places, depth);
}

/** Null where the text holds what is left to the library. */
function readQuickly(text: string, original: string, places: Places, depth: number): YamlReading | null {
  const nodes = new YamlNodes(original, places);
  try {
    new YamlLines(text, nodes).read(depth);
  } catch (error) {
    // A pattern that remembers too much of its way is a limit of the reader, not of the text.
    if (error instanceof Unusual || error instanceof RangeError) return null;
    throw error;
  }
  return readingOf(nodes, []);
}

/** Replaces templates by as many characters, so that every offset stays: a line of its own becomes blank. */
function maskTemplates(text: string): string {
  return text
    .replace(/^[ \t]*(?:\{%[^\r\n]*?%\}|\{\{-?[^\r\n]*?-?\}\})[ \t]*$/gm, (line) => ' '.repeat(line.length))
    .replace(/\{\{[^\r\n]{0,1000}?\}\}|\{%[^\r\n]{0,1000}?%\}/g, (template) => mask.repeat(template.length));
}
