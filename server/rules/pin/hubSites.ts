import { callsTo, callsWith } from '../../formats/text/pythonCalls.ts';
import { dealias, entryOf, itemsAt, leafAt, nodeAt } from '../../formats/text/configTree.ts';
import type { ConfigLeaf, ConfigNode, PythonArgument, PythonCall, TextRange } from '../../formats/text/facts.ts';
import { isDynamicText, stateOf } from '../../formats/text/dynamicValue.ts';
import { isCommit, isHubName } from '../../formats/text/hubReference.ts';
import { launchesIn } from '../../formats/text/launches.ts';
import { commandsOf, flagOf, type Word } from '../../formats/text/shellWords.ts';
import type { TextEdit } from '../finding.ts';
import { replace } from '../load/place.ts';
import { documentsOf, lacks, type PythonSubject, type TextSubject } from '../text.ts';

/** A place where a text names a repository of a hub, to be loaded from there. */
export interface HubSite {
  kind: 'model' | 'dataset';
  name: string;
  /** Of the name. */
  range: TextRange;
  /** The revision as it is written; null where none is, undefined where it is computed. */
  revision: string | null | undefined;
  revisionRange: TextRange | null;
  /** The change that pins it to a commit; null where the place does not allow one. */
  pin: ((commit: string) => TextEdit) | null;
}

/** How far a site ties down what is loaded. */
export function standing({ revision }: HubSite): 'commit' | 'none' | 'mutable' | 'computed' {
  if (revision === undefined) return 'computed';
  if (revision === null) return 'none';
  return isCommit(revision) ? 'commit' : isDynamicText(revision) ? 'computed' : 'mutable';
}

/** Every such place of a text. */
export function hubSites(text: TextSubject): readonly HubSite[] {
  let sites = known.get(text);
  if (!sites) {
    sites = text.language === 'python' ? pythonSites(text) : [...configSites(text), ...launchSites(text)];
    known.set(text, sites);
  }
  return sites;
}

/** Several rules ask. */
const known = new WeakMap<TextSubject, readonly HubSite[]>();

const modelCalls =
  /(?:^|\.)(?:from_pretrained|snapshot_download|hf_hub_download|SentenceTransformer|CrossEncoder)$|^vllm\.LLM$|^transformers\.pipeline$/;
const datasetCalls = /(?:^|\.)(?:load_dataset|load_dataset_builder)$/;

/** What `load_dataset` calls the builders of its own, which read files that are given to them. */
const builders =
  /^(?:csv|json|text|parquet|arrow|pandas|sql|spark|xml|lance|hdf5|webdataset|generator|(?:image|audio|video|pdf|nifti)folder)$/;

function pythonSites({ calls }: PythonSubject): HubSite[] {
  const sites = callsTo(calls, (callee) => modelCalls.test(callee) || datasetCalls.test(callee));
  return [...new Set([...sites, ...callsWith(calls, 'repo_type')])].flatMap((call): HubSite[] => {
    const isDataset = datasetCalls.test(call.callee) || call.keywords['repo_type']?.value === 'dataset';
    if (!isDataset && !modelCalls.test(call.callee)) return [];
    const named = nameArgument(call);
    const bare = isDataset ? datasetCalls.test(call.callee) : call.callee.endsWith('from_pretrained');
    if (typeof named?.value !== 'string' || !isHubName(named.value, bare)) return [];
    if (isDataset && builders.test(named.value)) return [];
    const revision = call.keywords['revision'];
    const computed = revision !== undefined && typeof revision.value !== 'string';
    return [
      {
        kind: isDataset ? 'dataset' : 'model',
        name: named.value,
        range: named.innerRange ?? named.range,
        revision:
          computed || (revision === undefined && call.spread === true)
            ? undefined
            : ((revision?.value ?? null) as string | null),
        revisionRange: revision?.range ?? null,
        pin: (commit) =>
          revision === undefined
            ? insertion(call, `, revision="${commit}"`)
            : replace(revision.innerRange ?? revision.range, revision.innerRange ? commit : `"${commit}"`),
      },
    ];
  });
}

function nameArgument({ callee, positional, keywords }: PythonCall): PythonArgument | undefined {
  if (callee === 'transformers.pipeline') return keywords['model'] ?? positional[1];
  return (
    positional[0] ??
    ['pretrained_model_name_or_path', 'repo_id', 'path', 'model', 'model_name_or_path']
      .map((key) => keywords[key])
      .find(Boolean)
  );
}

function insertion({ insertAt: { line, column } }: PythonCall, text: string): TextEdit {
  return replace({ line, column, endLine: line, endColumn: column }, text);
}

/** Keys that name a model, with the key beside it that names its revision. */
const trainers = [
  ['axolotl', 'base_model', 'revision_of_model'],
  ['axolotl', 'base_model', 'model_revision'],
  ['llama-factory', 'model_name_or_path', 'model_revision'],
  ['training-arguments', 'model_name_or_path', 'model_revision'],
] as const;

function configSites(text: TextSubject): HubSite[] {
  const sites = new Map<ConfigLeaf, HubSite>();
  for (const [kind, nameKey, revisionKey] of trainers) {
    for (const document of documentsOf(text, kind)) {
      const site = keyedSite(document, 'model', nameKey, revisionKey, true);
      const known = site && sites.get(site.leaf);
      if (site && (!known || known.revision === null)) sites.set(site.leaf, site.site);
    }
  }
  for (const document of documentsOf(text, 'axolotl')) {
    for (const list of ['datasets', 'test_datasets', 'pretraining_dataset']) {
      for (const item of itemsAt(document, list)) {
        const site = keyedSite(item, 'dataset', 'path', 'revision', false);
        if (site) sites.set(site.leaf, site.site);
      }
    }
  }
  for (const document of documentsOf(text, 'torchtune')) {
    for (const key of ['dataset', 'dataset_val']) {
      const list = nodeAt(document, key);
      for (const item of list?.kind === 'sequence' ? list.items : list ? [list] : []) {
        const site = keyedSite(item, 'dataset', 'source', 'revision', false);
        if (site && !builders.test(site.site.name)) sites.set(site.leaf, site.site);
      }
    }
  }
  return [...sites.values(), ...storageSites(text)];
}

function keyedSite(
  node: ConfigNode,
  kind: HubSite['kind'],
  nameKey: string,
  revisionKey: string,
  bare: boolean,
): { leaf: ConfigLeaf; site: HubSite } | null {
  const mapping = dealias(node);
  const entry = entryOf(node, nameKey);
  const leaf = leafAt(node, nameKey);
  if (mapping?.kind !== 'mapping' || !entry || typeof leaf?.value !== 'string' || !isHubName(leaf.value, bare))
    return null;
  const revision = nodeAt(node, revisionKey);
  const state = stateOf(revision);
  const written = revision?.kind === 'scalar' ? revision : undefined;
  const { line, column } = entry.keyRange;
  return {
    leaf,
    site: {
      kind,
      name: leaf.value,
      range: leaf.innerRange,
      revision: state === 'absent' ? null : state === 'dynamic' ? undefined : String(written?.source ?? ''),
      revisionRange: written?.range ?? null,
      pin: (commit) => {
        if (written && state === 'literal') return replace(written.range, commit);
        if (mapping.flow) {
          const { endLine, endColumn } = leaf.range;
          return replace({ line: endLine, column: endColumn, endLine, endColumn }, `, "${revisionKey}": "${commit}"`);
        }
        // A line of its own before the name, at the same depth.
        const text = `${revisionKey}: ${commit}\n${' '.repeat(column - 1)}`;
        return replace({ line, column, endLine: line, endColumn: column }, text);
      },
    },
  };
}

/** `hf://org/model` and `hf://org/model:revision` of KServe and Kubeflow. */
function storageSites(text: TextSubject): HubSite[] {
  const sites: HubSite[] = [];
  if (lacks(text, /hf:/)) return sites;
  for (const document of documentsOf(text, 'kubernetes')) {
    walk(document, (leaf) => {
      const match =
        typeof leaf.value === 'string' ? /^hf:\/\/([\w.-]+\/[\w.-]+?)(?:[:@]([\w./-]+))?$/.exec(leaf.value) : null;
      if (!match) return;
      const { innerRange } = leaf;
      sites.push({
        kind: 'model',
        name: match[1] ?? '',
        range: innerRange,
        revision: match[2] ?? null,
        revisionRange: innerRange,
        pin: (commit) => replace(innerRange, `hf://${match[1] ?? ''}:${commit}`),
      });
    });
  }
  return sites;
}

function walk(node: ConfigNode, visit: (leaf: ConfigLeaf) => void): void {
  if (node.kind === 'scalar') visit(node);
  else if (node.kind === 'mapping') for (const { value } of node.entries) walk(value, visit);
  else if (node.kind === 'sequence') for (const item of node.items) walk(item, visit);
}

/** `vllm serve NAME --revision X`, `--model NAME`, `--model-id NAME`. */
function launchSites(text: TextSubject): HubSite[] {
  return launchesIn(text, text.path).flatMap(({ words, image }): HubSite[] => [
    ...commandsOf(words).flatMap(downloadSites),
    ...servedSites(words, image),
  ]);
}

/** `huggingface-cli download NAME --revision X`, `hf download NAME --repo-type dataset`. */
function downloadSites(command: readonly Word[]): HubSite[] {
  const at = command.findIndex(
    ({ value }, index) =>
      value === 'download' && /(?:^|\/)(?:huggingface-cli|hf)$/.test(command[index - 1]?.value ?? ''),
  );
  const named = at < 0 ? undefined : command[at + 1];
  if (!named || !isHubName(named.value) || isDynamicText(named.value)) return [];
  const isDataset = flagOf(command, 'repo-type')?.value === 'dataset';
  return [site(isDataset ? 'dataset' : 'model', named, command)];
}

function servedSites(words: readonly Word[], image: string | undefined): HubSite[] {
  const named = servedModel(words, image);
  return !named || !isHubName(named.value) || isDynamicText(named.value) ? [] : [site('model', named, words)];
}

function site(kind: HubSite['kind'], named: Word, words: readonly Word[]): HubSite {
  const revision = flagOf(words, 'revision');
  return {
    kind,
    name: named.value,
    range: named.range,
    revision: revision === undefined ? null : (revision.value ?? undefined),
    revisionRange: revision?.range ?? null,
    pin: revision?.valueRange ? (commit) => replace(revision.valueRange ?? revision.range, commit) : null,
  };
}

function servedModel(words: readonly Word[], image: string | undefined): Word | undefined {
  const serve = words.findIndex(
    ({ value }, index) => value === 'serve' && /(?:^|\/)vllm$/.test(words[index - 1]?.value ?? ''),
  );
  if (serve >= 0) {
    const next = words[serve + 1];
    if (next && !next.value.startsWith('-')) return next;
  }
  // Where only arguments are written, the image says which program gets them.
  const isServer =
    /vllm|text-generation-inference|sglang|huggingfaceserver/.test(image ?? '') ||
    words.some(({ value }) => /vllm|text-generation-launcher|sglang|huggingfaceserver|api_server/.test(value));
  const flag = isServer ? flagOf(words, 'model', 'model-id', 'model-path') : undefined;
  return flag?.value ? { value: flag.value, range: flag.valueRange ?? flag.range } : undefined;
}
