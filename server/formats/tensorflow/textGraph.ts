import { GraphCollector } from '../graph/collector.ts';
import { leadsOutside } from '../graph/outsidePath.ts';
import { protobufFormat } from '../protobuf/shape.ts';
import type { ReadContext } from '../reader.ts';
import { MemorySource, type ByteSource } from '../source.ts';

/** The text form of a model that is read, in bytes: it holds its tensors as words, and is kept for small ones. */
const longest = 32 << 20;
/** Texts that are longer are no paths, and those that are shorter hold no graph. */
const longestPath = 4_096;
const shortestGraph = 8;
/** Messages inside one another that are followed. */
const deepest = 200;

/** How the text forms of SavedModel, MetaGraphDef and GraphDef begin: with a field of theirs. */
const beginning =
  /^(?:\s|#[^\n]*\n)*(?:saved_model_schema_version\s*:|(?:meta_graphs|meta_info_def|graph_def|node|library)\s*:?\s*[{<])/;
const telling = /\b(?:op|node|graph_def|meta_graphs)\s*:?\s*["'{<]/;

/** Whether a text is a graph in protocol buffers' text form (`saved_model.pbtxt`, which TensorFlow loads like the other). */
export const isTextGraph = (head: Uint8Array): boolean => {
  const text = Buffer.from(head).toString('latin1');
  return beginning.test(text) && telling.test(text);
};

/** Reads the operators of a graph in text form. Source: protobuf, text-format specification; graph.proto, node_def.proto. */
export function readTextGraph(source: ByteSource, context: ReadContext): void {
  const found = new GraphCollector(context, 'tf-graph');
  if (source.size > longest) {
    const message = `the text is longer than ${longest} bytes, and was not read to its end`;
    context.problem({ code: 'limit-memory', offset: longest, message, incomplete: true });
  }
  const text = Buffer.from(source.read(0, Math.min(source.size, longest))).toString('latin1');
  /** The fields whose messages are open, and the operator of each node among them. */
  const open: { field: string; operator: string; paths: { path: string; offset: number }[] }[] = [];
  let field = '';
  for (const [token, offset] of tokensOf(text)) {
    if (context.budget.opcodes-- <= 0 || context.budget.timeIsUp) {
      context.problem({
        code: 'limit-time',
        offset,
        message: 'the limits ended before the text did',
        incomplete: true,
      });
      break;
    }
    if (token === '{' || token === '<') {
      if (open.length < deepest) open.push({ field, operator: '', paths: [] });
    } else if (token === '}' || token === '>') {
      const message = open.pop();
      for (const each of message?.paths ?? []) {
        const node = message?.field === 'node' || message?.field === 'node_def';
        if (node) found.reference('attribute', message?.operator ?? '', each.path, each.offset);
        else open.at(-1)?.paths.push(each);
      }
    } else if (/^["']/.test(token)) {
      const value = unescape(token.slice(1, -1));
      const around = open.at(-1);
      if (field === 'op' && (around?.field === 'node' || around?.field === 'node_def')) {
        around.operator = value;
        found.operator('', value, offset, open.some((each) => each.field === 'library') ? 'function' : '');
      } else if (field === 'key' || field === 'name') continue;
      else {
        if (value.length <= longestPath && leadsOutside(value) !== null && around && around.paths.length < 64)
          around.paths.push({ path: value, offset });
        const bytes = new MemorySource(new Uint8Array(Buffer.from(value, 'latin1')));
        if (bytes.size >= shortestGraph && (/^\x80[\x02-\x05]/.test(value) || protobufFormat(bytes, true) !== null))
          context.descend(bytes, `string at byte ${offset}`, 'tf-graph');
      }
    } else if (/^\w/.test(token)) field = token;
  }
  found.finish();
}

/** Names, strings and brackets; numbers are names to it, and strings that stand side by side are one. */
function* tokensOf(text: string): Generator<[token: string, offset: number]> {
  const pattern =
    /#[^\n]*|((?:"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*')(?:\s*(?:"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'))*)|([\w.+-]+)|([{}<>])/g;
  for (const match of text.matchAll(pattern)) {
    const [, strings, word, bracket] = match;
    if (strings !== undefined) yield [`"${joined(strings)}"`, match.index];
    else if (word !== undefined || bracket !== undefined) yield [(word ?? bracket) as string, match.index];
  }
}

const joined = (strings: string): string =>
  [...strings.matchAll(/"((?:[^"\\\n]|\\[\s\S])*)"|'((?:[^'\\\n]|\\[\s\S])*)'/g)]
    .map(([, double, single]) => double ?? single ?? '')
    .join('');

const simple: Record<string, string> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' };

/** Escapes of the text format: octal, hexadecimal, and single letters, each a byte. */
function unescape(written: string): string {
  return written.replace(/\\(?:([0-7]{1,3})|[xX]([\da-fA-F]{1,2})|([\s\S]))/g, (_, octal, hex, one) => {
    if (octal !== undefined) return String.fromCharCode(parseInt(String(octal), 8) & 255);
    if (hex !== undefined) return String.fromCharCode(parseInt(String(hex), 16));
    return simple[String(one)] ?? String(one);
  });
}
