import { JsonTreeBreak, member, parseJsonTree, stringOf, type JsonNode } from '../json/tree.ts';
import type { ReadContext, Reader } from '../reader.ts';
import type { ByteSource } from '../source.ts';
import { readZip } from '../zip/reader.ts';
import type { NamedCode } from './facts.ts';
import { addNames } from './textMember.ts';

const longestSchema = 32 << 20;
const namesKept = 1_000;

/** Reads a skops file: a ZIP archive whose `schema.json` names the type of every object. Source: skops/io/_persist.py. */
export const readSkops: Reader = (source, context) => {
  readZip(source, {
    entry: context.entry,
    name: context.name,
    depth: context.depth,
    parent: context.parent,
    budget: context.budget,
    add: (part) => context.add(part),
    problem: (problem) => context.problem(problem),
    descend(child, name, parent) {
      if (name.toLowerCase() === 'schema.json') readSchema(child, name, context);
      context.descend(child, name, parent);
    },
  });
};

function readSchema(source: ByteSource, name: string, context: ReadContext): void {
  const refuse = (code: 'limit-memory' | 'malformed', message: string): void =>
    context.problem({ code, offset: null, message: `${message} (${JSON.stringify(name)})`, incomplete: true });
  if (source.size > longestSchema) return refuse('limit-memory', `it is longer than ${longestSchema} bytes`);
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(source.read(0, source.size));
  const names = new Map<string, NamedCode>();
  const add = (module: string | undefined, last: string | undefined, path: string, offset: number): void => {
    if (module === undefined || last === undefined || names.size >= namesKept) return;
    const dotted = `${module}.${last}`;
    if (!names.has(dotted)) names.set(dotted, { name: dotted, path, offset });
  };
  const walk = (node: JsonNode, path: string): void => {
    if (node.type === 'array') node.items.forEach((item, index) => walk(item, `${path}[${index}]`));
    if (node.type !== 'object') return;
    // A function's class is `function`: what counts is the function, which its content names.
    const own = stringOf(member(node, '__class__'));
    if (own !== 'function') add(stringOf(member(node, '__module__')), own, path, node.offset);
    add(stringOf(member(node, 'module_path')), stringOf(member(node, 'function')), path, node.offset);
    // A method is taken by name of whatever object stands beside it, which may be a module's (CVE-2025-54412).
    const method = stringOf(member(node, 'func'));
    if (method?.includes('.') || method?.startsWith('__')) add('(method)', method, path, node.offset);
    for (const [key, value] of node.members) walk(value, path === '' ? key : `${path}.${key}`);
  };
  try {
    walk(parseJsonTree(text), '');
  } catch (error) {
    if (!(error instanceof JsonTreeBreak)) throw error;
    refuse('malformed', `the schema cannot be read: ${error.message}`);
  }
  const entry = context.entry === '' ? name : `${context.entry}!${name}`;
  addNames({ ...pick(context), entry }, 'skops', text, [...names.values()]);
}

/** The context without its class: its methods stand on a prototype that a spread leaves behind. */
function pick(context: ReadContext): ReadContext {
  return {
    entry: context.entry,
    name: context.name,
    depth: context.depth,
    parent: context.parent,
    budget: context.budget,
    add: (part) => context.add(part),
    problem: (problem) => context.problem(problem),
    descend: (child, name, parent) => context.descend(child, name, parent),
  };
}
