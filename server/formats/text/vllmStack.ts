import { dealias, itemsAt, leafAt, nodeAt, textAt } from './configTree.ts';
import { isFalse, isTrue } from './dynamicValue.ts';
import type { ConfigLeaf, ConfigNode, TextRange } from './facts.ts';
import type { Launch, LaunchVariable } from './launches.ts';
import { environmentOf } from './podSpecs.ts';
import type { Word } from './shellWords.ts';

/** A model of the stack with the program that the chart starts for it. */
type Model = Pick<Launch, 'name' | 'words' | 'environment' | 'image' | 'node' | 'range'>;

/** Options that the chart makes of keys of `vllmConfig`. */
const options: Readonly<Record<string, string>> = {
  maxModelLen: '--max-model-len',
  dtype: '--dtype',
  tensorParallelSize: '--tensor-parallel-size',
  maxNumSeqs: '--max-num-seqs',
  runner: '--runner',
};

/**
 * What the values of vLLM's production stack have started: `vllm serve` for each model of `servingEngineSpec.modelSpec` that is enabled. Source:
 * github.com/vllm-project/production-stack, helm/templates/deployment-vllm-multi.yaml.
 */
export function stackModels(document: ConfigNode): Model[] {
  const engine = nodeAt(document, 'servingEngineSpec');
  if (isFalse(leafAt(engine, 'enableEngine')?.value)) return [];
  return itemsAt(engine, 'modelSpec').flatMap((item) => {
    const node = dealias(item);
    if (node?.kind !== 'mapping' || isFalse(leafAt(node, 'enabled')?.value)) return [];
    const name = leafAt(node, 'name');
    const url = leafAt(node, 'modelURL');
    const place = (url ?? name)?.innerRange ?? firstOf(node.range);
    const repository = textAt(node, 'repository');
    const tag = leafAt(node, 'tag')?.source;
    const image = repository === undefined ? undefined : tag ? `${repository}:${tag}` : repository;
    return [
      {
        name: typeof name?.value === 'string' ? name.value : 'model',
        words: wordsOf(node, url, place),
        environment: [...environmentOf(node).map(variableOf), ...keyOf(document), ...tokenOf(node)],
        image,
        node,
        range: firstOf(node.range),
      },
    ];
  });
}

/** The key of vLLM, with the place that names it; none where it is empty. The router hands on what a request brings, so that the engines decide. */
export function keyOf(document: ConfigNode): LaunchVariable[] {
  return secretAt(document, 'VLLM_API_KEY', 'servingEngineSpec', 'vllmApiKey');
}

function tokenOf(model: ConfigNode): LaunchVariable[] {
  return secretAt(model, 'HF_TOKEN', 'hf_token');
}

/** A text of its own, or `{ secretName, secretKey }`. */
export function secretAt(node: ConfigNode, name: string, ...path: string[]): LaunchVariable[] {
  const found = nodeAt(node, ...path);
  if (found?.kind === 'scalar')
    return typeof found.value === 'string' && found.value !== ''
      ? [{ name, value: found.value, range: found.range }]
      : [];
  const secret = leafAt(found, 'secretName');
  return secret?.value ? [{ name, value: undefined, range: secret.range }] : [];
}

function wordsOf(node: ConfigNode, url: ConfigLeaf | undefined, place: TextRange): Word[] {
  const words: Word[] = ['vllm', 'serve'].map((value) => ({ value, range: place }));
  if (typeof url?.value === 'string') words.push({ value: url.value, range: url.innerRange });
  words.push({ value: '--host', range: place }, { value: '0.0.0.0', range: place });
  const lora = leafAt(node, 'enableLoRA');
  if (lora && isTrue(lora.value)) words.push({ value: '--enable-lora', range: lora.range });
  const config = nodeAt(node, 'vllmConfig');
  for (const [key, option] of Object.entries(options)) {
    const leaf = leafAt(config, key);
    if (leaf) words.push({ value: option, range: leaf.range }, { value: leaf.source, range: leaf.range });
  }
  for (const item of itemsAt(config, 'extraArgs')) {
    const leaf = dealias(item);
    if (leaf?.kind === 'scalar') words.push({ value: String(leaf.value ?? ''), range: leaf.innerRange });
  }
  return words;
}

function variableOf({ name, value, node }: ReturnType<typeof environmentOf>[number]): LaunchVariable {
  const text = value === undefined || value.value === null || value.tag !== undefined ? undefined : String(value.value);
  return { name, value: text, range: value?.range ?? firstOf(node.range) };
}

function firstOf(range: TextRange): TextRange {
  return range.line === range.endLine ? range : { ...range, endLine: range.line, endColumn: range.column };
}
