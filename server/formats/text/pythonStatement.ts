import type { PythonArgument, PythonCall, PythonDefault, PythonString } from './facts.ts';
import type { Places } from './lineIndex.ts';
import { argument, stringLiteral } from './pythonLiteral.ts';
import { dottedName } from './pythonName.ts';
import { noNames, type Lines, type NameFacts } from './pythonNames.ts';
import type { PythonTree } from './pythonTree.ts';

/** What a part of a Python file says, before names are resolved over the whole file. */
export interface StatementFacts {
  calls: PythonCall[];
  /** What each call calls, as it is written. */
  callees: string[];
  strings: PythonString[];
  /** Fields of classes, and parameters. */
  defaults: PythonDefault[];
  names: NameFacts;
}

/** @param around the function that it is read apart from. */
export function noStatement(around: Lines | null = null): StatementFacts {
  return { calls: [], callees: [], strings: [], defaults: [], names: noNames(around) };
}

/** Strings longer than this many characters are no path and no name; they are left out. */
const longestString = 4096;

/** A part of a tree, and what lies around it. */
export interface Part {
  tree: PythonTree;
  lines: Places;
  /** Types of the nodes around it, from the root of the text. */
  parents: readonly string[];
  /** The lines of the function around it; null where they are told with the part's names, undefined where there is no function. */
  around: Lines | null | undefined;
}

/**
 * Takes in what stands in a part.
 * @param most how many calls and strings there may be.
 * @returns the offset where it was left off, or null.
 */
export function readPart(part: Part, into: StatementFacts, most: number): number | null {
  const { tree } = part;
  for (let node = 0; node < tree.length; node++) {
    if (into.calls.length + into.strings.length >= most) return tree.start(node);
    readNode(part, node, into);
  }
  return null;
}

/** Takes in a node, without what stands in it. */
function readNode(part: Part, node: number, into: StatementFacts): void {
  const { tree } = part;
  switch (tree.type(node)) {
    case 'import_statement':
    case 'import_from_statement':
      readImport(tree, node, into.names);
      break;
    case 'call':
      addCall(callFacts(part, node, into.names), into);
      break;
    case 'default_parameter':
    case 'typed_default_parameter':
      into.defaults.push(...parameterDefault(part, node));
      break;
    case 'dictionary':
      addCall(dictionaryFacts(part, node, into.names), into);
      break;
    case 'identifier':
      if (isBinding(part, node)) into.names.bound.push(tree.text(node));
      break;
    case 'assignment':
      if (isInModule(part, node)) readAssignment(part, node, into.names);
      else if (typeAround(part, node, 2) === 'block' && typeAround(part, node, 3) === 'class_definition')
        into.defaults.push(...fieldDefault(part, node));
      else noteAssignment(part, node, into.names);
      break;
    case 'string':
      // A statement that is a string alone is a docstring.
      if (typeAround(part, node, 1) !== 'expression_statement') into.strings.push(...stringFacts(part, node));
  }
}

/** The type of a node's parent (1), of that one's (2), and so on; empty beyond the root of the text. */
function typeAround({ tree, parents }: Part, node: number, steps: number): string {
  let at = node;
  for (let left = steps; left > 0; left--) {
    at = tree.parent(at);
    if (at < 0) return parents.at(-left) ?? '';
  }
  return tree.type(at);
}

/** Whether an assignment is a statement of the module itself. */
function isInModule(part: Part, assignment: number): boolean {
  return typeAround(part, assignment, 2) !== '' && typeAround(part, assignment, 3) === '';
}

/** Nodes in which an identifier is bound, with the field that it stands in there; null for any place. */
const binders: Record<string, string | null> = {
  assignment: 'left',
  augmented_assignment: 'left',
  named_expression: 'name',
  for_statement: 'left',
  for_in_clause: 'left',
  function_definition: 'name',
  class_definition: 'name',
  default_parameter: 'name',
  typed_default_parameter: 'name',
  typed_parameter: null,
  parameters: null,
  lambda_parameters: null,
  pattern_list: null,
  tuple_pattern: null,
  list_pattern: null,
  list_splat_pattern: null,
  dictionary_splat_pattern: null,
  as_pattern_target: null,
  case_pattern: null,
};

function isBinding(part: Part, node: number): boolean {
  const parent = typeAround(part, node, 1);
  if (parent === 'dotted_name') return typeAround(part, node, 2) === 'case_pattern';
  if (parent === 'tuple' || parent === 'list') return typeAround(part, node, 2) === 'as_pattern_target';
  const place = Object.hasOwn(binders, parent) ? binders[parent] : undefined;
  return place !== undefined && (place === null || place === part.tree.field(node));
}

function readImport(tree: PythonTree, statement: number, names: NameFacts): void {
  const module = tree.child(statement, 'module_name');
  for (const name of tree.children(statement)) {
    if (tree.field(name) !== 'name') continue;
    const aliased = tree.type(name) === 'aliased_import';
    const imported = aliased ? (textIn(tree, name, 'name') ?? '') : tree.text(name);
    const alias = aliased ? textIn(tree, name, 'alias') : undefined;
    names.bound.push(alias ?? imported.replace(/\..*/s, ''));
    if (module !== undefined) names.imports.push([alias ?? imported, `${tree.text(module)}.${imported}`]);
    else if (alias !== undefined) names.imports.push([alias, imported]);
    // `import torch.nn` binds `torch` to itself: nothing to resolve.
  }
}

function textIn(tree: PythonTree, node: number, field: string): string | undefined {
  const child = tree.child(node, field);
  return child === undefined ? undefined : tree.text(child);
}

/** What a name is given, by an assignment or as the default of a parameter. */
function given({ tree }: Part, node: number, left: string, right: string): { name: string; value: number } | null {
  const name = tree.child(node, left);
  const value = tree.child(node, right);
  if (name === undefined || value === undefined || tree.type(name) !== 'identifier') return null;
  return { name: tree.text(name), value };
}

/** An assignment that is a statement of the module itself. */
function readAssignment(part: Part, assignment: number, names: NameFacts): void {
  const found = given(part, assignment, 'left', 'right');
  if (!found) return;
  const { name, value } = found;
  const type = part.tree.type(value);
  if (type === 'identifier' || type === 'attribute') names.aliases.push([name, dottedName(part.tree, value)]);
  else {
    const { value: known, interpolated } = argument(part.tree, value, part.lines);
    names.values.push([name, known]);
    if (interpolated === true) names.interpolated.push(name);
  }
}

/** An assignment in a function: what it is, where no other one binds the name, and whether it makes a string out of values. */
function noteAssignment(part: Part, assignment: number, names: NameFacts): void {
  const found = given(part, assignment, 'left', 'right');
  if (!found) return;
  const { value, interpolated } = argument(part.tree, found.value, part.lines);
  const lines = value === undefined ? undefined : functionAround(part, assignment);
  if (lines !== undefined) names.locals.push({ name: found.name, value, lines });
  if (interpolated === true) names.interpolated.push(found.name);
}

function functionAround({ tree, lines, around }: Part, node: number): Lines | null | undefined {
  for (let at = tree.parent(node); at >= 0; at = tree.parent(at))
    if (tree.type(at) === 'function_definition') return lines.range(tree.start(at), tree.end(at));
  return around;
}

/** A field of a class: `trust_remote_code: bool = True`, `... = field(default=True)`. */
function fieldDefault(part: Part, assignment: number): PythonDefault[] {
  const { tree, lines } = part;
  const found = given(part, assignment, 'left', 'right');
  if (!found) return [];
  const { name, value } = found;
  if (tree.type(value) !== 'call') return [{ name, value: argument(tree, value, lines) }];
  const list = tree.child(value, 'arguments');
  const option = (list === undefined ? [] : tree.children(list)).find(
    (each) => tree.type(each) === 'keyword_argument' && textIn(tree, each, 'name') === 'default',
  );
  const node = option === undefined ? undefined : tree.child(option, 'value');
  return node === undefined ? [] : [{ name, value: argument(tree, node, lines) }];
}

/** `def load(name, trust_remote_code=True)`: what stands there when a caller says nothing. */
function parameterDefault(part: Part, parameter: number): PythonDefault[] {
  const found = given(part, parameter, 'name', 'value');
  return found ? [{ name: found.name, value: argument(part.tree, found.value, part.lines) }] : [];
}

function stringFacts({ tree, lines }: Part, node: number): PythonString[] {
  const literal = stringLiteral(tree, node);
  if (!literal || literal.value.length > longestString) return [];
  const range = lines.range(tree.start(node), tree.end(node));
  return [{ value: literal.value, range, innerRange: lines.range(literal.start, literal.end) }];
}

function addCall(call: PythonCall | null, { calls, callees, names }: StatementFacts): void {
  if (!call) return;
  calls.push(call);
  callees.push(call.callee);
  for (const each of call.positional) noteName(each, names);
  for (const each of Object.values(call.keywords)) noteName(each, names);
}

function noteName(given: PythonArgument, { named }: NameFacts): void {
  if (given.name !== undefined) named.push({ argument: given, written: given.name });
}

function callFacts(part: Part, node: number, names: NameFacts): PythonCall | null {
  const { tree, lines } = part;
  const called = tree.child(node, 'function');
  const list = tree.child(node, 'arguments');
  if (called === undefined || list === undefined || tree.type(list) !== 'argument_list') return null;
  const positional: PythonArgument[] = [];
  const keywords: Record<string, PythonArgument> = {};
  let spread = false;
  let end = tree.start(list) + 1;
  for (const child of tree.children(list)) {
    const type = tree.type(child);
    if (type === 'comment') continue;
    end = tree.end(child);
    if (type === 'keyword_argument') {
      const key = textIn(tree, child, 'name');
      const value = tree.child(child, 'value');
      if (key !== undefined && value !== undefined) setKeyword(keywords, key, used(part, value, names));
    } else if (type === 'list_splat' || type === 'dictionary_splat') {
      spread = true;
    } else {
      positional.push(used(part, child, names));
    }
  }
  return {
    callee: dottedName(tree, called),
    range: lines.range(tree.start(node), tree.end(node)),
    positional,
    keywords,
    insertAt: lines.position(end),
    ...(spread ? { spread } : {}),
  };
}

function dictionaryFacts(part: Part, node: number, names: NameFacts): PythonCall | null {
  const { tree, lines } = part;
  const keywords: Record<string, PythonArgument> = {};
  let spread = false;
  let count = 0;
  let end = tree.start(node) + 1;
  for (const child of tree.children(node)) {
    const type = tree.type(child);
    if (type === 'comment') continue;
    end = tree.end(child);
    if (type === 'dictionary_splat') spread = true;
    if (type !== 'pair') continue;
    const key = tree.child(child, 'key');
    const value = tree.child(child, 'value');
    const name = key === undefined ? undefined : stringLiteral(tree, key)?.value;
    // Options of a call have names; a table of data has anything.
    if (name === undefined || value === undefined || !/^[A-Za-z_]\w*$/.test(name)) continue;
    setKeyword(keywords, name, used(part, value, names));
    if (++count > 256) return null;
  }
  if (count === 0) return null;
  return {
    callee: 'dict',
    range: lines.range(tree.start(node), tree.end(node)),
    positional: [],
    keywords,
    insertAt: lines.position(end),
    ...(spread ? { spread } : {}),
  };
}

/** The argument that this node is, whose value is completed where it is a name that stands for one. */
function used({ tree, lines }: Part, node: number, names: NameFacts): PythonArgument {
  const found = argument(tree, node, lines);
  if (tree.type(node) === 'identifier') names.uses.push({ argument: found, name: tree.text(node) });
  return found;
}

/** `__proto__` is a name like any other in Python. */
function setKeyword(keywords: Record<string, PythonArgument>, name: string, value: PythonArgument): void {
  if (name === '__proto__')
    Object.defineProperty(keywords, name, { value, enumerable: true, configurable: true, writable: true });
  else keywords[name] = value;
}
