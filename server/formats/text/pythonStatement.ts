import type { Node, TreeCursor } from 'web-tree-sitter';
import type { PythonArgument, PythonCall, PythonDefault, PythonString } from './facts.ts';
import type { Places } from './lineIndex.ts';
import { argument, stringLiteral } from './pythonLiteral.ts';
import { dottedName } from './pythonName.ts';
import { noNames, type Lines, type NameFacts } from './pythonNames.ts';

/** What a part of a Python file says, before names are resolved over the whole file. */
export interface StatementFacts {
  calls: PythonCall[];
  /** What each call calls, as it is written. */
  callees: string[];
  strings: PythonString[];
  /** Fields of classes, and parameters. */
  defaults: PythonDefault[];
  names: NameFacts;
  /** Where it begins, in the text that it was read from. */
  start: number;
}

/** @param start offset of the part. @param around the function that it is read apart from. */
export function noStatement(start = 0, around: Lines | null = null): StatementFacts {
  return { calls: [], callees: [], strings: [], defaults: [], names: noNames(around), start };
}

/** Strings longer than this many characters are no path and no name; they are left out. */
const longestString = 4096;

/**
 * Takes in the node at a cursor, without what stands below it.
 * @param parents types of the nodes around it, from the root.
 */
export function readNode(
  cursor: TreeCursor,
  type: string,
  parents: readonly string[],
  lines: Places,
  into: StatementFacts,
): void {
  const { names } = into;
  switch (type) {
    case 'import_statement':
    case 'import_from_statement':
      readImport(cursor.currentNode, names);
      break;
    case 'call':
      addCall(callFacts(cursor.currentNode, lines, names), into);
      break;
    case 'default_parameter':
    case 'typed_default_parameter':
      into.defaults.push(...parameterDefault(cursor.currentNode, lines));
      break;
    case 'dictionary':
      addCall(dictionaryFacts(cursor.currentNode, lines, names), into);
      break;
    case 'identifier':
      if (isBinding(parents, cursor)) names.bound.push(cursor.nodeText);
      break;
    case 'assignment':
      if (parents.length === 2) readAssignment(cursor.currentNode, lines, names);
      else if (parents.at(-2) === 'block' && parents.at(-3) === 'class_definition')
        into.defaults.push(...fieldDefault(cursor.currentNode, lines));
      else noteAssignment(cursor.currentNode, lines, into);
      break;
    case 'string':
      // A statement that is a string alone is a docstring.
      if (parents.at(-1) !== 'expression_statement') into.strings.push(...stringFacts(cursor.currentNode, lines));
  }
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

function isBinding(parents: readonly string[], cursor: TreeCursor): boolean {
  const parent = parents.at(-1) ?? '';
  const above = parents.at(-2) ?? '';
  if (parent === 'dotted_name') return above === 'case_pattern';
  if (parent === 'tuple' || parent === 'list') return above === 'as_pattern_target';
  const place = Object.hasOwn(binders, parent) ? binders[parent] : undefined;
  return place !== undefined && (place === null || place === cursor.currentFieldName);
}

function readImport(statement: Node, names: NameFacts): void {
  const module = statement.childForFieldName('module_name');
  for (const name of statement.childrenForFieldName('name')) {
    if (name === null || name.id === module?.id) continue;
    const aliased = name.type === 'aliased_import';
    const imported = (aliased ? name.childForFieldName('name')?.text : name.text) ?? '';
    const alias = aliased ? name.childForFieldName('alias')?.text : undefined;
    names.bound.push(alias ?? imported.replace(/\..*/s, ''));
    if (module) names.imports.push([alias ?? imported, `${module.text}.${imported}`]);
    else if (alias !== undefined) names.imports.push([alias, imported]);
    // `import torch.nn` binds `torch` to itself: nothing to resolve.
  }
}

/** An assignment that is a statement of the module itself. */
function readAssignment(assignment: Node, lines: Places, names: NameFacts): void {
  const name = assignment.childForFieldName('left');
  const value = assignment.childForFieldName('right');
  if (name?.type !== 'identifier' || !value) return;
  if (value.type === 'identifier' || value.type === 'attribute') names.aliases.push([name.text, dottedName(value)]);
  else {
    const { value: known, interpolated } = argument(value, lines);
    names.values.push([name.text, known]);
    if (interpolated === true) names.interpolated.push(name.text);
  }
}

/** An assignment in a function: what it is, where no other one binds the name, and whether it makes a string out of values. */
function noteAssignment(assignment: Node, lines: Places, { names, start }: StatementFacts): void {
  const name = assignment.childForFieldName('left');
  const value = assignment.childForFieldName('right');
  if (name?.type !== 'identifier' || !value) return;
  const { value: known, interpolated } = argument(value, lines);
  const around = known === undefined ? null : functionAround(assignment);
  if (known !== undefined && around) {
    const within = around.startIndex >= start ? lines.range(around.startIndex, around.endIndex) : null;
    names.locals.push({ name: name.text, value: known, lines: within });
  }
  if (interpolated === true) names.interpolated.push(name.text);
}

function functionAround(node: Node): Node | null {
  for (let at = node.parent; at; at = at.parent) if (at.type === 'function_definition') return at;
  return null;
}

/** A field of a class: `trust_remote_code: bool = True`, `... = field(default=True)`. */
function fieldDefault(assignment: Node, lines: Places): PythonDefault[] {
  const name = assignment.childForFieldName('left');
  const value = assignment.childForFieldName('right');
  if (name?.type !== 'identifier' || !value) return [];
  if (value.type !== 'call') return [{ name: name.text, value: argument(value, lines) }];
  const given = value
    .childForFieldName('arguments')
    ?.namedChildren.find(
      (each) => each?.type === 'keyword_argument' && each.childForFieldName('name')?.text === 'default',
    );
  const node = given?.childForFieldName('value');
  return node ? [{ name: name.text, value: argument(node, lines) }] : [];
}

/** `def load(name, trust_remote_code=True)`: what stands there when a caller says nothing. */
function parameterDefault(parameter: Node, lines: Places): PythonDefault[] {
  const name = parameter.childForFieldName('name');
  const value = parameter.childForFieldName('value');
  return name?.type === 'identifier' && value ? [{ name: name.text, value: argument(value, lines) }] : [];
}

function stringFacts(node: Node, lines: Places): PythonString[] {
  const literal = stringLiteral(node);
  if (!literal || literal.value.length > longestString) return [];
  const range = lines.range(node.startIndex, node.endIndex);
  return [{ value: literal.value, range, innerRange: lines.range(literal.start, literal.end) }];
}

function addCall(call: PythonCall | null, { calls, callees, names }: StatementFacts): void {
  if (!call) return;
  calls.push(call);
  callees.push(call.callee);
  for (const each of [...call.positional, ...Object.values(call.keywords)])
    if (each.name !== undefined) names.named.push({ argument: each, written: each.name });
}

function callFacts(node: Node, lines: Places, names: NameFacts): PythonCall | null {
  const called = node.childForFieldName('function');
  const list = node.childForFieldName('arguments');
  if (!called || list?.type !== 'argument_list') return null;
  const positional: PythonArgument[] = [];
  const keywords: Record<string, PythonArgument> = {};
  let spread = false;
  let end = list.startIndex + 1;
  for (const child of list.namedChildren) {
    if (!child || child.type === 'comment') continue;
    end = child.endIndex;
    if (child.type === 'keyword_argument') {
      const key = child.childForFieldName('name');
      const value = child.childForFieldName('value');
      if (key && value) setKeyword(keywords, key.text, used(value, lines, names));
    } else if (child.type === 'list_splat' || child.type === 'dictionary_splat') {
      spread = true;
    } else {
      positional.push(used(child, lines, names));
    }
  }
  return {
    callee: dottedName(called),
    range: lines.range(node.startIndex, node.endIndex),
    positional,
    keywords,
    insertAt: lines.position(end),
    ...(spread ? { spread } : {}),
  };
}

function dictionaryFacts(node: Node, lines: Places, names: NameFacts): PythonCall | null {
  const keywords: Record<string, PythonArgument> = {};
  let spread = false;
  let count = 0;
  let end = node.startIndex + 1;
  for (const child of node.namedChildren) {
    if (!child || child.type === 'comment') continue;
    end = child.endIndex;
    if (child.type === 'dictionary_splat') spread = true;
    if (child.type !== 'pair') continue;
    const key = child.childForFieldName('key');
    const value = child.childForFieldName('value');
    const name = key ? stringLiteral(key)?.value : undefined;
    // Options of a call have names; a table of data has anything.
    if (name === undefined || !value || !/^[A-Za-z_]\w*$/.test(name)) continue;
    setKeyword(keywords, name, used(value, lines, names));
    if (++count > 256) return null;
  }
  if (count === 0) return null;
  return {
    callee: 'dict',
    range: lines.range(node.startIndex, node.endIndex),
    positional: [],
    keywords,
    insertAt: lines.position(end),
    ...(spread ? { spread } : {}),
  };
}

/** The argument that this node is, whose value is completed where it is a name that stands for one. */
function used(node: Node, lines: Places, names: NameFacts): PythonArgument {
  const given = argument(node, lines);
  if (node.type === 'identifier') names.uses.push({ argument: given, name: node.text });
  return given;
}

/** `__proto__` is a name like any other in Python. */
function setKeyword(keywords: Record<string, PythonArgument>, name: string, value: PythonArgument): void {
  Object.defineProperty(keywords, name, { value, enumerable: true, configurable: true, writable: true });
}
