import { itemsAt, keysOf, nodeAt, textAt } from './configTree.ts';
import type { ConfigLeaf, ConfigNode } from './facts.ts';
import type { Launch } from './launches.ts';
import { shellWords, wordsOf, type Word } from './shellWords.ts';

/**
 * Scripts that SageMaker runs as root when a notebook is made or started: `AWS::SageMaker::NotebookInstanceLifecycleConfig`, whose `Content` is base64, mostly
 * made of a text by `Fn::Base64`. Source: docs.aws.amazon.com/AWSCloudFormation, NotebookInstanceLifecycleHook.
 */
export function lifecycleScripts(document: ConfigNode): Launch[] {
  const resources = nodeAt(document, 'Resources');
  return keysOf(resources).flatMap((name) => {
    if (textAt(resources, name, 'Type') !== 'AWS::SageMaker::NotebookInstanceLifecycleConfig') return [];
    return ['OnCreate', 'OnStart'].flatMap((hook) =>
      itemsAt(resources, name, 'Properties', hook).flatMap((item): Launch[] => {
        const leaf = textOf(nodeAt(item, 'Content'));
        if (!leaf) return [];
        const words = scriptOf(leaf, leaf !== nodeAt(item, 'Content') || leaf.tag === '!Base64');
        const range = { ...leaf.range, endLine: leaf.range.line, endColumn: leaf.range.column };
        return [{ name, origin: 'step', words, environment: [], image: undefined, node: null, range }];
      }),
    );
  });
}

/** The text inside of `Fn::Base64` and `Fn::Sub`. */
function textOf(node: ReturnType<typeof nodeAt>): ConfigLeaf | undefined {
  let at = node;
  for (const key of ['Fn::Base64', 'Fn::Sub']) at = nodeAt(at, key) ?? at;
  if (at?.kind === 'sequence') at = nodeAt(at, 0);
  return at?.kind === 'scalar' && typeof at.value === 'string' ? at : undefined;
}

function scriptOf(leaf: ConfigLeaf, isPlain: boolean): Word[] {
  if (isPlain) return wordsOf(leaf);
  const decoded = Buffer.from(String(leaf.value), 'base64').toString('utf8');
  if (!decoded.startsWith('#!')) return [];
  // Places inside of it are those of the whole.
  const { line, column } = leaf.innerRange;
  return shellWords(decoded, { line, column }).map((word) => ({ ...word, range: leaf.innerRange }));
}
