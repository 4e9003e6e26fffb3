import type { PythonArgument } from './facts.ts';

/** What one part of a Python file says of names. Plain, so that it can be kept while other parts change. */
export interface NameFacts {
  /** Names that are bound, once for each binding. */
  bound: string[];
  /** What imports make of names: `t` -> `torch`, `l` -> `torch.load`. */
  imports: [name: string, meant: string][];
  /** Literals that the module itself assigns. */
  values: [name: string, value: PythonArgument['value']][];
  /** Names that the module itself assigns to names: `f` -> `torch.load`. */
  aliases: [name: string, meant: string][];
  /** Literals that a function assigns, with the lines of that function; null for the function around this part. */
  locals: { name: string; value: PythonArgument['value']; lines: Lines | null }[];
  /** The function that this part stands in, where the part is read apart from it. */
  around: Lines | null;
  /** Names that are somewhere assigned a string that is put together from values. */
  interpolated: string[];
  /** Arguments that are a name alone. */
  uses: { argument: PythonArgument; name: string }[];
  /** Arguments that are a name or an attribute, as they are written. */
  named: { argument: PythonArgument; written: string }[];
}

/** 1-based. */
export interface Lines {
  line: number;
  endLine: number;
}

export function noNames(around: Lines | null): NameFacts {
  return { bound: [], imports: [], values: [], aliases: [], locals: [], around, interpolated: [], uses: [], named: [] };
}

/** How many names may stand for names. */
const longestChain = 8;

/**
 * What the names of a whole Python file stand for. Imports count wherever they stand. An assignment counts where the name stands for one
 * thing throughout: assigned once, and bound nowhere else, not as a parameter either. Scopes are not told apart: a name that is bound twice
 * is not known. Names of names (`f = torch.load`) count at the top level of the module alone.
 */
export class PythonNames {
  readonly #parts: readonly NameFacts[];
  readonly #bound = new Map<string, number>();
  readonly #imports = new Map<string, string>();
  readonly #values = new Map<string, PythonArgument['value']>();
  /** Of names that a function binds: its lines, outside of which they mean nothing. */
  readonly #locals = new Map<string, Lines & { value: PythonArgument['value'] }>();
  readonly #aliases = new Map<string, string>();
  readonly #interpolated = new Set<string>();

  constructor(parts: readonly NameFacts[]) {
    this.#parts = parts;
    for (const { bound, imports, values, aliases, locals, around, interpolated } of parts) {
      for (const name of bound) this.#bound.set(name, (this.#bound.get(name) ?? 0) + 1);
      for (const [name, meant] of imports) this.#imports.set(name, meant);
      for (const [name, value] of values) this.#values.set(name, value);
      for (const { name, value, lines } of locals) {
        const of = lines ?? around;
        if (of) this.#locals.set(name, { value, line: of.line, endLine: of.endLine });
      }
      for (const [name, meant] of aliases) this.#aliases.set(name, meant);
      for (const name of interpolated) this.#interpolated.add(name);
    }
  }

  /** `f` -> `t.load` -> `torch.load`, after `import torch as t` and `f = t.load`. */
  resolve(written: string): string {
    const dotted = this.#assigned(written);
    const first = firstPart(dotted);
    const meant = this.#imports.get(first);
    return meant === undefined ? dotted : meant + dotted.slice(first.length);
  }

  /** Gives the arguments that are names their values and their full names. May be called again with parts that were settled before. */
  settle(): void {
    for (const { uses, named } of this.#parts) {
      for (const { argument, name } of uses) {
        const meant = this.#assigned(name);
        argument.value =
          this.#bound.get(meant) === 1 ? (this.#values.get(meant) ?? this.#local(meant, argument)) : undefined;
        if (this.#interpolated.has(meant) && argument.value === undefined) argument.interpolated = true;
        else delete argument.interpolated;
      }
      for (const { argument, written } of named)
        argument.name = written.startsWith('.') ? written : this.resolve(written);
    }
  }

  #local(name: string, { range }: PythonArgument): PythonArgument['value'] {
    const found = this.#locals.get(name);
    return found && range.line >= found.line && range.endLine <= found.endLine ? found.value : undefined;
  }

  #assigned(dotted: string): string {
    let name = dotted;
    for (let step = 0; step < longestChain; step++) {
      const first = firstPart(name);
      const meant = this.#bound.get(first) === 1 ? this.#aliases.get(first) : undefined;
      // What is computed has no name: `.load`.
      if (meant === undefined || meant.startsWith('.')) return name;
      name = meant + name.slice(first.length);
    }
    return dotted;
  }
}

function firstPart(dotted: string): string {
  const dot = dotted.indexOf('.');
  return dot < 0 ? dotted : dotted.slice(0, dot);
}
