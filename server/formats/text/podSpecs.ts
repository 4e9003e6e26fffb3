import { dealias, entryOf, itemsAt, keysOf, mappingsWhere, nodeAt, textAt } from './configTree.ts';
import type { ConfigLeaf, ConfigMapping, ConfigNode } from './facts.ts';
import { wordsOf, type Word } from './shellWords.ts';

/** A container of a pod, whatever object it stands in. */
export interface Container {
  node: ConfigMapping;
  /** Its own name, or the key that it stands under. */
  name: string;
  init: boolean;
}

/** What schedules containers: any mapping with `containers`, and the forms that custom resources give to a single one. */
export interface PodSpec {
  node: ConfigMapping;
  /** From the root of the document. */
  path: (string | number)[];
  containers: Container[];
  /** False where only a part of the pod is written (a container of an Argo template): what the pod itself says is elsewhere. */
  whole: boolean;
}

/** Keys under which custom resources keep one container: Argo templates, Kubeflow's TrainJob and components, KServe's predictors. */
const single = new Set(['container', 'script', 'trainer', 'model', 'predictor', 'transformer', 'explainer']);

/** Keys of lists of containers. */
const lists = new Set(['containers', 'initContainers', 'sidecars']);

/** By document: many rules ask. */
const known = new WeakMap<ConfigNode, PodSpec[]>();

/**
 * Every pod specification of a document. No list of kinds: an object that holds `containers` is one, so that PyTorchJob, RayCluster, Workflow and
 * what comes after them are covered alike.
 */
export function podSpecsIn(document: ConfigNode): PodSpec[] {
  const before = known.get(document);
  if (before) return before;
  const found: PodSpec[] = [];
  known.set(document, found);
  for (const { node, path } of mappingsWhere(document, mayHold)) {
    const containers = [
      ...containersAt(node, 'containers', false),
      ...containersAt(node, 'initContainers', true),
      ...containersAt(node, 'sidecars', false),
    ];
    if (containers.length > 0) found.push({ node, path, containers, whole: keysOf(node).includes('containers') });
    for (const { key, value } of node.entries) {
      const inner = dealias(value);
      if (!single.has(key) || inner?.kind !== 'mapping') continue;
      const own = keysOf(inner);
      const isContainer =
        own.includes('image') &&
        (own.includes('command') ||
          own.includes('args') ||
          own.includes('env') ||
          own.includes('source') ||
          own.includes('resources') ||
          key === 'container');
      const isModel = key === 'model' && own.includes('modelFormat');
      if (!own.includes('containers') && (isContainer || isModel))
        found.push({
          node,
          path,
          containers: [{ node: inner, name: textAt(inner, 'name') ?? key, init: false }],
          whole: false,
        });
    }
  }
  return found;
}

/** What merges others in may take containers from there. */
function mayHold({ entries }: ConfigMapping): boolean {
  return entries.some(({ key }) => lists.has(key) || single.has(key) || key === '<<');
}

function containersAt(node: ConfigMapping, key: string, init: boolean): Container[] {
  return itemsAt(node, key).flatMap((item, index) => {
    const container = dealias(item);
    if (container?.kind !== 'mapping') return [];
    const keys = keysOf(container);
    if (!keys.includes('image') && !keys.includes('name')) return [];
    return [{ node: container, name: textAt(container, 'name') ?? `${key}[${index}]`, init }];
  });
}

/** A variable of a container's environment. */
export interface EnvironmentVariable {
  name: string;
  /** The scalar that it is set to; undefined where it comes from elsewhere (`valueFrom`). */
  value: ConfigLeaf | undefined;
  /** The mapping `{ name, value }`, or of a list or a mapping of Compose the environment itself. */
  node: ConfigNode;
}

/** `env: [{ name, value }]` of a container; `environment` of a Compose service and `env` of a workflow are mappings or `A=b` lists. */
export function environmentOf(container: ConfigNode): EnvironmentVariable[] {
  return ['env', 'environment', 'environment_variables'].flatMap((key) => {
    const env = nodeAt(container, key);
    if (env?.kind === 'mapping') {
      return env.entries.flatMap(({ key: name, value }) => {
        const leaf = dealias(value);
        return [{ name, value: leaf?.kind === 'scalar' ? leaf : undefined, node: env }];
      });
    }
    return itemsAt(container, key).flatMap((item) => {
      const variable = dealias(item);
      if (variable?.kind === 'mapping') {
        const name = textAt(variable, 'name');
        const value = dealias(entryOf(variable, 'value')?.value);
        return name === undefined
          ? []
          : [{ name, value: value?.kind === 'scalar' ? value : undefined, node: variable }];
      }
      return variable?.kind === 'scalar' ? assigned(variable) : [];
    });
  });
}

/** `NAME=value` of a list. */
function assigned(leaf: ConfigLeaf): EnvironmentVariable[] {
  const equals = leaf.source.indexOf('=');
  if (equals <= 0 || typeof leaf.value !== 'string') return [];
  const { innerRange } = leaf;
  const range = { ...innerRange, column: innerRange.column + equals + 1 };
  const source = leaf.source.slice(equals + 1);
  const value: ConfigLeaf = { kind: 'scalar', value: source, range, innerRange: range, style: 'plain', source };
  return [{ name: leaf.source.slice(0, equals), value, node: leaf }];
}

/** The words that a container is started with: `command` and `args` (or Compose's `entrypoint` and `command`), a shell's script taken apart. */
export function commandOf(container: ConfigNode): Word[] {
  return ['entrypoint', 'command', 'args'].flatMap((key) => {
    const node = nodeAt(container, key);
    if (node?.kind === 'scalar') return wordsOf(node);
    return itemsAt(container, key).flatMap((item) => {
      const leaf = dealias(item);
      if (leaf?.kind !== 'scalar') return [];
      if (typeof leaf.value === 'string' && /[\s;|&]/.test(leaf.value.trim()) && !leaf.value.startsWith('-'))
        return wordsOf(leaf);
      return [{ value: String(leaf.value ?? ''), range: leaf.innerRange }];
    });
  });
}
