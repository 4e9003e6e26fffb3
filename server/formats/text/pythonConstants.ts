import type { Node } from 'web-tree-sitter';
import type { PythonArgument } from './facts.ts';
import type { Places } from './lineIndex.ts';
import { argument } from './pythonLiteral.ts';
import { dottedName } from './pythonName.ts';

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

/** How many names may stand for names. */
const longestChain = 8;

/**
 * Names of a Python file that stand for one thing throughout: assigned once, and bound nowhere else, not as a parameter either. Scopes are
 * not told apart: a name that is bound twice is not known. Names of names (`f = torch.load`) count at the top level of the module alone.
 */
export class PythonConstants {
  readonly #bound = new Map<string, number>();
  readonly #values = new Map<string, PythonArgument['value']>();
  /** Of names that a function binds: its lines, outside of which they mean nothing. */
  readonly #locals = new Map<string, { value: PythonArgument['value']; line: number; endLine: number }>();
  readonly #names = new Map<string, string>();
  readonly #interpolated = new Set<string>();
  readonly #uses: { argument: PythonArgument; name: string }[] = [];

  /** Whether an identifier in this place is bound there. @param parents types from the root. @param field of its parent. */
  static isBinding(parents: readonly string[], field: string | null): boolean {
    const parent = parents.at(-1) ?? '';
    const above = parents.at(-2) ?? '';
    if (parent === 'dotted_name') return above === 'case_pattern';
    if (parent === 'tuple' || parent === 'list') return above === 'as_pattern_target';
    const place = Object.hasOwn(binders, parent) ? binders[parent] : undefined;
    return place !== undefined && (place === null || place === field);
  }

  bind(name: string): void {
    this.#bound.set(name, (this.#bound.get(name) ?? 0) + 1);
  }

  /** Takes in an `assignment` that is a statement of the module itself. */
  assign(assignment: Node, lines: Places): void {
    const name = assignment.childForFieldName('left');
    const value = assignment.childForFieldName('right');
    if (name?.type !== 'identifier' || !value) return;
    if (value.type === 'identifier' || value.type === 'attribute') this.#names.set(name.text, dottedName(value));
    else {
      const { value: known, interpolated } = argument(value, lines);
      this.#values.set(name.text, known);
      if (interpolated === true) this.#interpolated.add(name.text);
    }
  }

  /** Takes in an assignment in a function: what it is, where no other one binds the name, and whether it makes a string out of values. */
  note(assignment: Node, lines: Places): void {
    const name = assignment.childForFieldName('left');
    const value = assignment.childForFieldName('right');
    if (name?.type !== 'identifier' || !value) return;
    const { value: known, interpolated } = argument(value, lines);
    const around = known === undefined ? null : functionAround(assignment);
    if (known !== undefined && around) {
      const { line, endLine } = lines.range(around.startIndex, around.endIndex);
      this.#locals.set(name.text, { value: known, line, endLine });
    }
    if (interpolated === true) this.#interpolated.add(name.text);
  }

  /** The argument that this node is, whose value `settle` completes where it is such a name. */
  argument(node: Node, lines: Places): PythonArgument {
    const used = argument(node, lines);
    if (node.type === 'identifier') this.#uses.push({ argument: used, name: node.text });
    return used;
  }

  /** Gives the arguments that are names their values, once the whole file is known. */
  settle(): void {
    for (const { argument: used, name } of this.#uses) {
      const meant = this.resolve(name);
      if (this.#bound.get(meant) === 1) used.value = this.#values.get(meant) ?? this.#local(meant, used);
      if (this.#interpolated.has(meant) && used.value === undefined) used.interpolated = true;
    }
  }

  #local(name: string, { range }: PythonArgument): PythonArgument['value'] {
    const found = this.#locals.get(name);
    return found && range.line >= found.line && range.endLine <= found.endLine ? found.value : undefined;
  }

  /** `f` -> `torch.load`, after `f = torch.load`. */
  resolve(dotted: string): string {
    let name = dotted;
    for (let step = 0; step < longestChain; step++) {
      const dot = name.indexOf('.');
      const first = dot < 0 ? name : name.slice(0, dot);
      const meant = this.#bound.get(first) === 1 ? this.#names.get(first) : undefined;
      // What is computed has no name: `.load`.
      if (meant === undefined || meant.startsWith('.')) return name;
      name = meant + name.slice(first.length);
    }
    return dotted;
  }
}

function functionAround(node: Node): Node | null {
  for (let at = node.parent; at; at = at.parent) if (at.type === 'function_definition') return at;
  return null;
}
