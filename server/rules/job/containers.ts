import { dealias, entryOf, mappingsIn, nodeAt, textAt } from '../../formats/text/configTree.ts';
import type { ConfigMapping, ConfigNode, TextRange } from '../../formats/text/facts.ts';
import { podSpecsIn, type Container, type PodSpec } from '../../formats/text/podSpecs.ts';
import type { TextEdit } from '../finding.ts';
import { replace } from '../load/place.ts';
import { documentsOf, type TextSubject } from '../text.ts';

/** Every pod of the Kubernetes objects of a text. */
export function* podsOf(text: TextSubject): Generator<PodSpec> {
  for (const document of documentsOf(text, 'kubernetes')) yield* podSpecsIn(document);
}

/** What has variables of its own: containers of pods, those that Vertex AI writes as `containerSpec`, and what the values of a chart give an environment to. */
export function* startedContainers(text: TextSubject): Generator<Pick<Container, 'node' | 'name'>> {
  for (const { containers } of podsOf(text)) yield* containers;
  for (const document of documentsOf(text, 'vertex')) {
    for (const { node } of mappingsIn(document)) {
      const container = nodeAt(node, 'containerSpec');
      if (container?.kind === 'mapping') yield { node: container, name: 'containerSpec' };
    }
  }
  for (const document of documentsOf(text, 'helm-values', 'vllm-stack')) {
    for (const { node } of mappingsIn(document))
      if (nodeAt(node, 'env')?.kind === 'sequence') yield { node, name: textAt(node, 'name') ?? 'of the chart' };
  }
}

/** Services of the Compose files of a text, which are containers, too. */
export function* servicesOf(text: TextSubject): Generator<Container> {
  for (const document of documentsOf(text, 'compose')) {
    const services = nodeAt(document, 'services');
    if (services?.kind !== 'mapping') continue;
    for (const { key, value } of services.entries) {
      const node = dealias(value);
      if (node?.kind === 'mapping') yield { node, name: key, init: false };
    }
  }
}

/** Where a container or pod is named in a finding: its first line. */
export function headOf(node: ConfigMapping): TextRange {
  const [first] = node.entries;
  return first
    ? { ...first.keyRange, endLine: first.value.range.endLine, endColumn: first.value.range.endColumn }
    : node.range;
}

/** The value of a key with the place of key and value; undefined where it is not there. */
export function setting(
  node: ConfigNode | undefined,
  key: string,
): { value: unknown; range: TextRange; node: ConfigNode } | undefined {
  const entry = entryOf(node, key);
  const value = dealias(entry?.value);
  if (!entry || !value) return undefined;
  return { value: value.kind === 'scalar' ? value.value : undefined, range: value.range, node: value };
}

/**
 * The change that adds `key: value` lines to a block mapping, behind its first entry (which is mostly its name) and at its depth.
 * @param lines without indentation of their own but for nesting below the key.
 */
export function addedEntry(mapping: ConfigMapping, lines: readonly string[]): TextEdit | null {
  const [first, second] = mapping.entries;
  if (!first || mapping.flow) return null;
  const { line, column } = (second ?? first).keyRange;
  const blank = ' '.repeat(column - 1);
  return replace({ line, column, endLine: line, endColumn: column }, lines.map((each) => `${each}\n${blank}`).join(''));
}
