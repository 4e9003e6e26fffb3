import { keysOf, nodeAt } from '../../formats/text/configTree.ts';
import type { ConfigNode } from '../../formats/text/facts.ts';

/** The events that start a workflow: `on: push`, `on: [push]`, `on: {push: ...}`. YAML 1.1 reads the key as true. */
export function eventsOf(workflow: ConfigNode): string[] {
  const on = nodeAt(workflow, 'on') ?? nodeAt(workflow, 'true');
  if (on?.kind === 'scalar') return [String(on.value)];
  if (on?.kind === 'sequence') return on.items.flatMap((item) => (item.kind === 'scalar' ? [String(item.value)] : []));
  return keysOf(on);
}
