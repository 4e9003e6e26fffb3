import type { PythonTree } from './pythonTree.ts';

/** Attributes of attributes beyond this many are no name that a person wrote. */
const longestName = 32;

/** A dotted name as it is written; it starts with a dot where the object is computed. */
export function dottedName(tree: PythonTree, node: number): string {
  if (tree.type(node) === 'identifier') return tree.text(node);
  const attributes: string[] = [];
  let at: number | undefined = node;
  while (at !== undefined && tree.type(at) === 'attribute' && attributes.length < longestName) {
    const attribute = tree.child(at, 'attribute');
    attributes.push(attribute === undefined ? '' : tree.text(attribute));
    at = tree.child(at, 'object');
  }
  attributes.reverse();
  const isName = at !== undefined && tree.type(at) === 'identifier';
  return [isName && at !== undefined ? tree.text(at) : '', ...attributes].join('.');
}
