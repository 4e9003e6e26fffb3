import { dealias, itemsAt, keysOf, mappingsIn, nodeAt, textAt } from './configTree.ts';
import { EmbeddedPlaces } from './embeddedPlaces.ts';
import type { ConfigLeaf, ConfigMapping, ConfigNode } from './facts.ts';
import { innerTexts, type InnerText } from './innerTexts.ts';
import { LineIndex } from './lineIndex.ts';
import { textLanguage, type ConfigText, type TextLanguage } from './parse.ts';
import { textOfScalar } from './scalarText.ts';
import { mayHoldPrograms, readShell } from './shellPrograms.ts';

/** Texts of other files that one file may hold. */
const mostTexts = 500;

/** Where a text stands in another one. */
interface Site {
  name: string;
  /** `commands` is what a shell reads: the programs in it count, and what it runs is told with the outer text. */
  language: TextLanguage | 'commands';
  leaf: ConfigLeaf;
}

/**
 * Texts that stand as scalars in a Kubernetes object, a pipeline, a workflow or a Compose file, to be files or programs of their own: `data` of a ConfigMap, Ray's
 * `runtimeEnvYAML` and `serveConfigV2`, values that are handed to Helm, Argo's `script.source`, Python in a command (`python -c`, a list of arguments, a
 * here-document), state machines of a template.
 * @param content the outer one, of which `documents` were read.
 */
export function textsInside({ documents }: Pick<ConfigText, 'documents'>, content: string): InnerText[] {
  const sites = documents.flatMap(knownSites).slice(0, mostTexts);
  if (sites.length === 0) return [];
  const lines = new LineIndex(content);
  return sites.flatMap(({ name, language, leaf }): InnerText[] => {
    const found = textOfScalar(leaf, content, lines);
    if (language === 'commands') {
      const { programs } = readShell(found?.text ?? String(leaf.value));
      if (found) return innerTexts(programs, lines, found);
      return programs.map((each) => ({
        name: each.name,
        language: each.language,
        text: each.text,
        outer: leaf.range,
        places: null,
      }));
    }
    const text = found?.text ?? String(leaf.value);
    const places = found && new EmbeddedPlaces(text, found.offsets, lines, found.writing);
    return [{ name, language, text, outer: leaf.range, places }];
  });
}

/** By the document: in a stream that is being edited most stay as they are. */
const known = new WeakMap<ConfigNode, readonly Site[]>();

function knownSites(document: ConfigNode): readonly Site[] {
  let sites = known.get(document);
  if (!sites) known.set(document, (sites = [...sitesIn(document)]));
  return sites;
}

function* sitesIn(document: ConfigNode): Generator<Site> {
  const isObject = textAt(document, 'apiVersion') !== undefined;
  const isPipeline =
    nodeAt(document, 'deploymentSpec') !== undefined || nodeAt(document, 'implementation') !== undefined;
  yield* stateMachines(document);
  if (isObject && /^(?:ConfigMap|Secret)$/.test(textAt(document, 'kind') ?? '')) {
    for (const key of ['data', 'stringData']) yield* files(nodeAt(document, key));
  }
  const isKnown = isObject || isPipeline || runs.some((key) => nodeAt(document, key) !== undefined);
  for (const { node } of isKnown ? mappingsIn(document) : []) {
    yield* argumentSites(node);
    for (const { key, value } of node.entries) {
      const leaf = dealias(value);
      if (leaf?.kind !== 'scalar') continue;
      if (isObject || isPipeline) yield* scalarSite(key, leaf, node);
      if (commands.has(key)) yield* commandSite(leaf);
    }
  }
}

/** What Compose files, workflows, actions, DVC, MLflow projects and Azure ML have at the top. */
const runs = ['services', 'jobs', 'runs', 'stages', 'entry_points', '$schema'];
/** Keys whose text a shell reads. */
const commands = new Set(['command', 'args', 'entrypoint', 'run', 'cmd']);

/** What a container is started with, one argument after another. */
function* argumentSites(node: ConfigMapping): Generator<Site> {
  const words = ['entrypoint', 'command', 'args'].flatMap((key) =>
    itemsAt(node, key).flatMap((item) => {
      const leaf = dealias(item);
      return leaf?.kind === 'scalar' ? [leaf] : [];
    }),
  );
  let runner: 'python' | 'other' | null = null;
  for (const [index, leaf] of words.entries()) {
    const value = String(leaf.value);
    const isProgram = /^-[A-Za-z]*c$/.test(String(words[index - 1]?.value ?? ''));
    if (isProgram && runner === 'python') {
      yield { name: 'inline.py', language: 'python', leaf };
      runner = null;
    } else if (interpreter.test(value)) runner = 'python';
    else if (!value.startsWith('-')) {
      runner = 'other';
      if (isPythonText(leaf)) yield { name: 'inline.py', language: 'python', leaf };
      else yield* commandSite(leaf);
    }
  }
}

const interpreter = /(?:^|\/)(?:i?python|pypy)[\d.]*$/;

function* commandSite(leaf: ConfigLeaf): Generator<Site> {
  if (typeof leaf.value === 'string' && /\s/.test(leaf.value) && mayHoldPrograms(leaf.value))
    yield { name: 'script', language: 'commands', leaf };
}

/**
 * `DefinitionString` of the state machines in a template of CloudFormation, as a text of its own or in `Fn::Sub`. A definition that is written as an object
 * stands in the tree already; one that `Fn::Join` puts together is not read.
 */
function* stateMachines(document: ConfigNode): Generator<Site> {
  const resources = nodeAt(document, 'Resources');
  for (const name of keysOf(resources)) {
    if (textAt(resources, name, 'Type') !== 'AWS::StepFunctions::StateMachine') continue;
    const written = nodeAt(resources, name, 'Properties', 'DefinitionString');
    const text = written?.kind === 'mapping' ? nodeAt(written, 'Fn::Sub') : written;
    const leaf = text?.kind === 'sequence' ? nodeAt(text, 0) : text;
    if (leaf?.kind === 'scalar' && /^\s*\{/.test(String(leaf.value)))
      yield { name: `${name}.asl.json`, language: 'json', leaf };
  }
}

/** Entries whose keys are names of files. */
function* files(data: ConfigNode | undefined): Generator<Site> {
  if (data?.kind !== 'mapping') return;
  for (const { key, value } of data.entries) {
    const leaf = dealias(value);
    if (leaf?.kind !== 'scalar' || !isText(leaf)) continue;
    const language = textLanguage(key) ?? (servers.test(String(leaf.value)) ? 'yaml' : null);
    // A notebook is data here, and a card is for people.
    if (language !== null && language !== 'notebook' && language !== 'card') yield { name: key, language, leaf };
  }
}

/** What configurations of gateways and monitoring begin a line with, whatever their key is called. */
const servers = /^(?:static_resources|dynamic_resources|_format_version|model_list|scrape_configs|groups):/m;

function* scalarSite(key: string, leaf: ConfigLeaf, around: ConfigMapping): Generator<Site> {
  if (!isText(leaf)) return;
  if (key === 'runtimeEnvYAML') yield { name: 'runtime_env.yaml', language: 'yaml', leaf };
  else if (key === 'serveConfigV2') yield { name: 'serve.yaml', language: 'yaml', leaf };
  else if (key === 'values' && keysOf(around).some((each) => /^(?:valueFiles|parameters|releaseName)$/.test(each)))
    yield { name: 'values.yaml', language: 'yaml', leaf };
  else if (key === 'source' && keysOf(around).includes('image')) {
    if (isPython(around) || isPythonText(leaf)) yield { name: 'inline.py', language: 'python', leaf };
    else yield* commandSite(leaf);
  }
}

function isPython(container: ConfigMapping): boolean {
  const command = nodeAt(container, 'command');
  const [first] = command?.kind === 'sequence' ? command.items : [];
  return first?.kind === 'scalar' && interpreter.test(String(first.value));
}

/** A scalar that is Python by how it begins. */
function isPythonText(leaf: ConfigLeaf): boolean {
  return isText(leaf) && /^\s*(?:#[^\n]*\n\s*)*(?:import|from)\s+[\w.]+/.test(String(leaf.value));
}

function isText(leaf: ConfigLeaf): boolean {
  return typeof leaf.value === 'string' && leaf.value.includes('\n');
}
