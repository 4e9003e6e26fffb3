import type { Node } from 'web-tree-sitter';

/** Attributes of attributes beyond this many are no name that a person wrote. */
const longestName = 32;

/** A dotted name as it is written; it starts with a dot where the object is computed. */
export function dottedName(node: Node): string {
  const attributes: string[] = [];
  let at: Node | null = node;
  while (at?.type === 'attribute' && attributes.length < longestName) {
    attributes.push(at.childForFieldName('attribute')?.text ?? '');
    at = at.childForFieldName('object');
  }
  attributes.reverse();
  if (at?.type !== 'identifier') return ['', ...attributes].join('.');
  return [at.text, ...attributes].join('.');
}
