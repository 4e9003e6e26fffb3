import type { Node } from 'web-tree-sitter';

/** What the names of a Python file stand for, as its imports say: `t` -> `torch`, `l` -> `torch.load`. */
export class PythonImports {
  readonly #names = new Map<string, string>();

  /** Takes in an `import_statement` or `import_from_statement`. @returns the names that it binds. */
  add(statement: Node): string[] {
    const bound: string[] = [];
    const module = statement.childForFieldName('module_name');
    for (const name of statement.childrenForFieldName('name')) {
      if (name === null || name.id === module?.id) continue;
      const aliased = name.type === 'aliased_import';
      const imported = (aliased ? name.childForFieldName('name')?.text : name.text) ?? '';
      const alias = aliased ? name.childForFieldName('alias')?.text : undefined;
      bound.push(alias ?? imported.replace(/\..*/s, ''));
      if (module) this.#names.set(alias ?? imported, `${module.text}.${imported}`);
      else if (alias !== undefined) this.#names.set(alias, imported);
      // `import torch.nn` binds `torch` to itself: nothing to resolve.
    }
    return bound;
  }

  /** `t.load` -> `torch.load`. */
  resolve(dotted: string): string {
    const dot = dotted.indexOf('.');
    const first = dot < 0 ? dotted : dotted.slice(0, dot);
    const meant = this.#names.get(first);
    return meant === undefined ? dotted : meant + dotted.slice(first.length);
  }
}
