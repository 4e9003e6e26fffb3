import { GraphCollector } from '../graph/collector.ts';
import { leadsOutside } from '../graph/outsidePath.ts';
import { Utf8Offsets } from '../json/offsets.ts';
import { JsonTreeBreak, member, parseJsonTree, type JsonNode } from '../json/tree.ts';
import type { ReadContext } from '../reader.ts';
import type { ByteSource } from '../source.ts';

/** Bytes of a program that are read; weights stand in another file. */
const longest = 64 << 20;

/** Dialects by the digit that stands for them. Source: Paddle, `paddle/fluid/pir/serialize_deserialize/include/schema.h`. */
const dialects: Record<string, string> = { 0: 'builtin', 1: 'pd_op', 2: 'cf', 3: 'custom_op', 4: 'pd_dist' };

/** Whether a text begins as a program of Paddle 3 does (`inference.json`): its keys are sorted. */
export function isPirProgram(head: Uint8Array): boolean {
  return /^\s*\{\s*"base_code"\s*:\s*\{\s*"magic"\s*:\s*"pir"/.test(Buffer.from(head).toString('latin1'));
}

/** Reads a program of Paddle 3: its operators, in regions of regions, and the paths in their attributes. */
export function readPirProgram(source: ByteSource, context: ReadContext): void {
  const found = new GraphCollector(context, 'paddle');
  if (source.size > longest) {
    const message = `the program is longer than ${longest} bytes`;
    context.problem({ code: 'limit-memory', offset: null, message, incomplete: true });
    return found.finish();
  }
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(source.read(0, source.size));
  try {
    const program = parseJsonTree(text);
    const version = member(member(program, 'base_code'), 'version');
    if (version?.type === 'number') found.property('version', String(version.value));
    walk(program, found, new Utf8Offsets(text, 0));
  } catch (error) {
    if (!(error instanceof JsonTreeBreak)) throw error;
    const code = error.limit ? 'limit-memory' : 'malformed';
    context.problem({ code, offset: error.offset, message: error.message, incomplete: true });
  }
  found.finish();
}

/** An operator has a list of what it takes and one of what it gives, beside its name under `#`. */
function walk(root: JsonNode, found: GraphCollector, offsets: Utf8Offsets): void {
  const open: JsonNode[] = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.type === 'array') open.push(...[...node.items].reverse());
    if (node.type !== 'object') continue;
    const name = member(node, '#');
    const isOperator = member(node, 'I') !== undefined || member(node, 'O') !== undefined;
    if (name?.type === 'string' && isOperator) {
      const { domain, operator } = nameOf(name.value);
      const offset = offsets.byte(name.offset);
      found.operator(domain, operator, offset);
      for (const text of textsIn(member(node, 'A')))
        if (leadsOutside(text) !== null) found.reference('attribute', operator, text, offset);
    }
    open.push(...node.members.map(([, value]) => value).reverse());
  }
}

/** `1.matmul` is `pd_op.matmul`, Paddle's own; others keep the name of their dialect. */
function nameOf(written: string): { domain: string; operator: string } {
  const dot = written.indexOf('.');
  if (dot < 0) return { domain: '', operator: written };
  const dialect = dialects[written.slice(0, dot)] ?? written.slice(0, dot);
  return { domain: dialect === 'pd_op' || dialect === 'builtin' ? '' : dialect, operator: written.slice(dot + 1) };
}

const textsKept = 64;

/** Texts in the attributes of one operator. */
function textsIn(attributes: JsonNode | undefined): string[] {
  const texts: string[] = [];
  const open = attributes === undefined ? [] : [attributes];
  for (let node = open.pop(); node !== undefined && texts.length < textsKept; node = open.pop()) {
    if (node.type === 'string') texts.push(node.value);
    else if (node.type === 'array') open.push(...node.items);
    else if (node.type === 'object') open.push(...node.members.map(([, value]) => value));
  }
  return texts;
}
