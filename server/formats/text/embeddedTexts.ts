import { dealias, keysOf, mappingsIn, nodeAt, textAt } from './configTree.ts';
import type { ConfigLeaf, ConfigMapping, ConfigNode, TextRange } from './facts.ts';
import { textLanguage, type ConfigText, type EmbeddedText, type ParsedText, type TextLanguage } from './parse.ts';

/** Texts of other files that one file may hold. */
const mostTexts = 500;

/** Where a text stands in another one, before it is parsed. */
interface Site {
  name: string;
  language: TextLanguage;
  leaf: ConfigLeaf;
}

/**
 * Texts that stand as scalars in a Kubernetes object or a pipeline, to be files or programs of their own: `data` of a ConfigMap, Ray's
 * `runtimeEnvYAML` and `serveConfigV2`, values that are handed to Helm, Argo's `script.source`, Python in a command. Each is parsed
 * as what it is; places lead back into the outer text.
 * @param text the outer one, as it was parsed.
 */
export async function embeddedTexts(
  { documents }: ConfigText,
  text: string,
  parse: (language: TextLanguage, text: string) => Promise<ParsedText>,
): Promise<EmbeddedText[]> {
  const sites = documents.flatMap((document) => [...sitesIn(document)]).slice(0, mostTexts);
  if (sites.length === 0) return [];
  const lines = text.split(/\r\n|\r|\n/);
  const found: EmbeddedText[] = [];
  for (const { name, language, leaf } of sites) {
    const block = blockOf(leaf, lines) ?? { text: String(leaf.value), line: null, indent: 0, widths: [] };
    const program = language === 'python' ? hereDocument(block) : block;
    found.push({
      name,
      text: program.text,
      facts: await parse(language, program.text),
      outer: leaf.range,
      line: program.line,
      indent: program.indent,
      widths: program.widths,
    });
  }
  return found;
}

function* sitesIn(document: ConfigNode): Generator<Site> {
  const isObject = textAt(document, 'apiVersion') !== undefined;
  const isPipeline =
    nodeAt(document, 'deploymentSpec') !== undefined || nodeAt(document, 'implementation') !== undefined;
  if (!isObject && !isPipeline) return;
  if (/^(?:ConfigMap|Secret)$/.test(textAt(document, 'kind') ?? '')) {
    for (const key of ['data', 'stringData']) yield* files(nodeAt(document, key));
  }
  for (const { node } of mappingsIn(document)) {
    for (const { key, value } of node.entries) {
      const leaf = dealias(value);
      if (leaf?.kind === 'scalar') yield* scalarSite(key, leaf, node);
      else if (leaf?.kind === 'sequence' && (key === 'command' || key === 'args')) {
        for (const item of leaf.items) if (item.kind === 'scalar') yield* program(item);
      }
    }
  }
}

/** Entries whose keys are names of files. */
function* files(data: ConfigNode | undefined): Generator<Site> {
  if (data?.kind !== 'mapping') return;
  for (const { key, value } of data.entries) {
    const leaf = dealias(value);
    if (leaf?.kind !== 'scalar' || !isText(leaf)) continue;
    const language = textLanguage(key) ?? (servers.test(String(leaf.value)) ? 'yaml' : null);
    // A notebook is data here, and a card is for people.
    if (language !== null && language !== 'notebook' && language !== 'card') yield { name: key, language, leaf };
  }
}

/** What configurations of gateways and monitoring begin a line with, whatever their key is called. */
const servers = /^(?:static_resources|dynamic_resources|_format_version|model_list|scrape_configs|groups):/m;

function* scalarSite(key: string, leaf: ConfigLeaf, around: ConfigMapping): Generator<Site> {
  if (!isText(leaf)) return;
  if (key === 'runtimeEnvYAML') yield { name: 'runtime_env.yaml', language: 'yaml', leaf };
  else if (key === 'serveConfigV2') yield { name: 'serve.yaml', language: 'yaml', leaf };
  else if (key === 'values' && keysOf(around).some((each) => /^(?:valueFiles|parameters|releaseName)$/.test(each)))
    yield { name: 'values.yaml', language: 'yaml', leaf };
  else if (key === 'source' && keysOf(around).includes('image')) yield* program(leaf, isPython(around));
}

function isPython(container: ConfigMapping): boolean {
  const command = nodeAt(container, 'command');
  const [first] = command?.kind === 'sequence' ? command.items : [];
  return first?.kind === 'scalar' && /(?:^|\/)python[\d.]*$/.test(String(first.value));
}

/** A scalar that is a program in Python: said by what runs it, or by how it begins, or handed to Python by a shell. */
function* program(leaf: ConfigLeaf, known = false): Generator<Site> {
  const value = String(leaf.value);
  if (!isText(leaf)) return;
  if (known || /^\s*(?:#[^\n]*\n\s*)*(?:import|from)\s+[\w.]+/.test(value) || hereDocumentStart.test(value))
    yield { name: 'inline.py', language: 'python', leaf };
}

function isText(leaf: ConfigLeaf): boolean {
  return typeof leaf.value === 'string' && leaf.value.includes('\n');
}

interface Block {
  text: string;
  /** The line of its first line, 1-based; null where the places inside are not those of the outer text. */
  line: number | null;
  /** Columns that each line is moved to the right. */
  indent: number;
  /** Lengths of the lines where they stand. */
  widths: number[];
}

/** The lines of YAML's `|` as they stand, their common indentation taken off; null for any other scalar. */
function blockOf({ style, source, range }: ConfigLeaf, lines: readonly string[]): Block | null {
  if (style !== 'block' || !source.startsWith('|')) return null;
  const from = range.line;
  const starts = lines.slice(from, range.endLine).flatMap((line) => (line.trim() === '' ? [] : [line.search(/\S/)]));
  const indicated = /^\|[+-]?(\d)/.exec(source)?.[1];
  const indent =
    indicated === undefined ? (starts[0] ?? 0) : starts.reduce((least, each) => Math.min(least, each), starts[0] ?? 0);
  const own: string[] = [];
  const widths: number[] = [];
  for (const line of lines.slice(from, range.endLine)) {
    if (line.trim() !== '' && line.search(/\S/) < indent) break;
    own.push(line.slice(indent));
    widths.push(line.length);
  }
  return { text: own.join('\n'), line: from + 1, indent, widths };
}

const hereDocumentStart = /^[^\n#]*\bpython[\d.]*\b[^\n]*<<-?[ \t]*["']?(\w+)["']?[^\n]*$/m;

/** What a shell hands to Python (`python - <<EOF`): only those lines are Python. */
function hereDocument(block: Block): Block {
  const start = hereDocumentStart.exec(block.text);
  if (!start) return block;
  const lines = block.text.split('\n');
  const from = block.text.slice(0, start.index + start[0].length).split('\n').length;
  const end = lines.findIndex((line, index) => index >= from && line.trim() === start[1]);
  const own = lines.slice(from, end < 0 ? undefined : end);
  const widths = block.widths.slice(from, from + own.length);
  return { ...block, text: own.join('\n'), line: block.line === null ? null : block.line + from, widths };
}

/** A place in an embedded text as one of the outer text. */
export function outerRange(range: TextRange, inner: EmbeddedText): TextRange {
  if (inner.line === null) return inner.outer;
  const start = outerPosition(range.line, range.column, inner);
  const end = outerPosition(range.endLine, range.endColumn, inner);
  return { ...start, endLine: end.line, endColumn: end.column };
}

function outerPosition(
  line: number,
  column: number,
  { line: first, indent, widths }: EmbeddedText,
): { line: number; column: number } {
  const index = Math.max(0, Math.min(line, widths.length) - 1);
  return { line: (first ?? 1) + index, column: Math.min(column + indent, (widths[index] ?? 0) + 1) };
}
