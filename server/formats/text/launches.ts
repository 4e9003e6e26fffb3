import { dealias, itemsAt, keysOf, nodeAt } from './configTree.ts';
import type { ConfigLeaf, ConfigMapping, ConfigNode, TextRange } from './facts.ts';
import { documentsIn, kindsOf } from './kinds.ts';
import type { TextFacts } from './parse.ts';
import { commandOf, environmentOf, podSpecsIn } from './podSpecs.ts';
import { lifecycleScripts } from './lifecycleScripts.ts';
import { scriptLaunches } from './scriptLaunches.ts';
import { stackModels } from './vllmStack.ts';
import { opened, shellWords, wordsOf, type Word } from './shellWords.ts';

/** A variable that a program is started with. */
export interface LaunchVariable {
  name: string;
  /** Undefined where it comes from elsewhere. */
  value: string | undefined;
  range: TextRange;
}

/** A program as some file has it started: a container, a model of a chart, a service of Compose, a Dockerfile, a step of a workflow, a line of a notebook or of a script. */
export interface Launch {
  /** Of the container, the service or the step. */
  name: string;
  origin: 'pod' | 'chart' | 'compose' | 'dockerfile' | 'workflow' | 'notebook' | 'script' | 'step';
  /** All words of the command, operators among them. */
  words: Word[];
  environment: LaunchVariable[];
  /** The image that it runs in, when that is written. */
  image: string | undefined;
  /** The container or service; null elsewhere. */
  node: ConfigMapping | null;
  /** Where it stands. */
  range: TextRange;
}

const known = new WeakMap<object, Launch[]>();

/** Everything that a text has started. Many rules ask: the answer is kept with the facts. */
export function launchesIn(text: TextFacts, path: string): Launch[] {
  const key =
    'documents' in text
      ? text.documents
      : 'instructions' in text
        ? text.instructions
        : 'words' in text
          ? text.words
          : 'shell' in text
            ? text.shell
            : null;
  if (key === null) return [];
  let launches = known.get(key);
  if (!launches) {
    launches = readLaunches(text, path);
    known.set(key, launches);
  }
  return launches;
}

/** The variables that programs of a text are started with, once for all programs that share them: those of an image or of a script. */
export function launchVariables(text: TextFacts, path: string): LaunchVariable[] {
  return [...new Set(launchesIn(text, path).map(({ environment }) => environment))].flat();
}

function readLaunches(text: TextFacts, path: string): Launch[] {
  if ('documents' in text) {
    return [...documentsIn(text.documents)].flatMap((document) => {
      const kinds = kindsOf(document, text.language, path);
      if (kinds.has('compose')) return composeLaunches(document);
      if (kinds.has('vllm-stack')) return stackModels(document).map((model) => ({ ...model, origin: 'chart' }));
      if (kinds.has('github-workflow')) return workflowLaunches(document);
      if (kinds.has('github-action')) return stepLaunches(nodeAt(document, 'runs'), 'action');
      if (kinds.has('dvc-stages')) return stageLaunches(document, 'stages', 'cmd');
      if (kinds.has('azure-ml')) return azureLaunches(document);
      if (kinds.has('mlproject')) return projectLaunches(document);
      if (kinds.has('ray-autoscaler')) return commandLaunches(document);
      if (kinds.has('ray-cluster')) return [...entryLaunches(document), ...podLaunches(document)];
      const scripts = kinds.has('cloudformation') ? lifecycleScripts(document) : [];
      return [...scripts, ...podLaunches(document)];
    });
  }
  if ('instructions' in text) return dockerLaunches(text);
  if ('words' in text) return scriptLaunches(text, path);
  if ('shell' in text) {
    return text.shell.map(({ text: line, range }) => {
      const words = shellWords(line, { line: range.line, column: range.column }).map((word) => ({ ...word, range }));
      return { name: 'cell', origin: 'notebook', words, environment: [], image: undefined, node: null, range };
    });
  }
  return [];
}

function podLaunches(document: ConfigNode): Launch[] {
  return podSpecsIn(document).flatMap(({ containers }) =>
    containers.map(({ node, name }) => launch(node, name, 'pod', () => [...commandOf(node), ...scriptOf(node)])),
  );
}

/** `entrypoint` of a RayJob, which its cluster runs. */
function entryLaunches(document: ConfigNode): Launch[] {
  const spec = nodeAt(document, 'spec');
  const entry = nodeAt(spec, 'entrypoint');
  if (spec?.kind !== 'mapping' || entry?.kind !== 'scalar') return [];
  return [launch(spec, 'entrypoint', 'step', () => wordsOf(entry))];
}

/** Argo's `script.source`. */
function scriptOf(node: ConfigMapping): Word[] {
  const source = nodeAt(node, 'source');
  return source?.kind === 'scalar' ? wordsOf(source) : [];
}

function composeLaunches(document: ConfigNode): Launch[] {
  const services = nodeAt(document, 'services');
  if (services?.kind !== 'mapping') return [];
  return services.entries.flatMap(({ key, value }) => {
    const node = dealias(value);
    return node?.kind === 'mapping' ? [launch(node, key, 'compose', () => commandOf(node))] : [];
  });
}

/** By the container, with the line that it stood on: in a text that is being edited most of them stay as they are. */
const knownLaunches = new WeakMap<ConfigMapping, { line: number; launch: Launch }>();

function launch(node: ConfigMapping, name: string, origin: Launch['origin'], words: () => Word[]): Launch {
  const before = knownLaunches.get(node);
  if (before?.line === node.range.line && before.launch.origin === origin && before.launch.name === name)
    return before.launch;
  const made = readLaunch(node, name, origin, words());
  knownLaunches.set(node, { line: node.range.line, launch: made });
  return made;
}

function readLaunch(node: ConfigMapping, name: string, origin: Launch['origin'], words: Word[]): Launch {
  const image = nodeAt(node, 'image');
  const environment = environmentOf(node).map(({ name: variable, value, node: place }) => ({
    name: variable,
    value: value === undefined || value.value === null || value.tag !== undefined ? undefined : String(value.value),
    range: value?.range ?? place.range,
  }));
  const written = image?.kind === 'scalar' && typeof image.value === 'string' ? image.value : undefined;
  return { name, origin, words: opened(words), environment, image: written, node, range: firstLine(node.range) };
}

function workflowLaunches(document: ConfigNode): Launch[] {
  const jobs = nodeAt(document, 'jobs');
  if (jobs?.kind !== 'mapping') return [];
  return jobs.entries.flatMap(({ key, value }) => stepLaunches(value, key));
}

function stepLaunches(job: ConfigNode | undefined, name: string): Launch[] {
  return itemsAt(job, 'steps').flatMap((item) => {
    const run = nodeAt(item, 'run');
    const step = dealias(item);
    if (run?.kind !== 'scalar' || step?.kind !== 'mapping') return [];
    return [launch(step, name, 'workflow', () => wordsOf(run))];
  });
}

function stageLaunches(document: ConfigNode, list: string, command: string): Launch[] {
  const stages = nodeAt(document, list);
  if (stages?.kind !== 'mapping') return [];
  return stages.entries.flatMap(({ key, value }) => {
    const stage = dealias(value);
    // `foreach` of DVC makes a stage of each item.
    const node = nodeAt(value, command) ?? nodeAt(value, 'do', command);
    const leaves: ConfigLeaf[] = [];
    if (node?.kind === 'scalar') leaves.push(node);
    for (const item of node?.kind === 'sequence' ? node.items : []) {
      const leaf = dealias(item);
      if (leaf?.kind === 'scalar') leaves.push(leaf);
    }
    if (stage?.kind !== 'mapping' || leaves.length === 0) return [];
    return [launch(stage, key, 'step', () => leaves.flatMap((leaf) => wordsOf(leaf)))];
  });
}

/** What `ray up` has every machine run, and the variables and the image of its container. */
function commandLaunches(document: ConfigNode): Launch[] {
  const image = nodeAt(document, 'docker', 'image');
  const written = image?.kind === 'scalar' && typeof image.value === 'string' ? image.value : undefined;
  return keysOf(document)
    .filter((key) => /(?:^|_)commands$/.test(key))
    .flatMap((key) =>
      itemsAt(document, key).flatMap((item): Launch[] => {
        const leaf = dealias(item);
        if (leaf?.kind !== 'scalar') return [];
        const words = opened(wordsOf(leaf));
        return [
          {
            name: key,
            origin: 'step',
            words,
            environment: [],
            image: written,
            node: null,
            range: firstLine(leaf.range),
          },
        ];
      }),
    );
}

/** Entry points of an MLflow project, in the container of `docker_env` where there is one: variables are pairs there. */
function projectLaunches(document: ConfigNode): Launch[] {
  const container = nodeAt(document, 'docker_env');
  const pairs = nodeAt(container, 'environment');
  const environment = (pairs?.kind === 'sequence' ? pairs.items : []).flatMap((pair): LaunchVariable[] => {
    const [name, value] = [nodeAt(pair, 0), nodeAt(pair, 1)];
    if (name?.kind !== 'scalar' || value?.kind !== 'scalar') return [];
    return [{ name: String(name.value), value: String(value.value), range: value.range }];
  });
  const image = nodeAt(container, 'image');
  const written = image?.kind === 'scalar' && typeof image.value === 'string' ? image.value : undefined;
  return stageLaunches(document, 'entry_points', 'command').map((each) => ({ ...each, environment, image: written }));
}

/** `command` of a job or component of Azure ML, and of the jobs inside a pipeline. */
function azureLaunches(document: ConfigNode): Launch[] {
  const root = dealias(document);
  const command = nodeAt(root, 'command');
  const own =
    root?.kind === 'mapping' && command?.kind === 'scalar'
      ? [launch(root, 'command', 'step', () => wordsOf(command))]
      : [];
  return [...own, ...stageLaunches(document, 'jobs', 'command')];
}

/** What the last CMD and ENTRYPOINT of a Dockerfile start, and each RUN. */
function dockerLaunches({ instructions }: Extract<TextFacts, { language: 'dockerfile' }>): Launch[] {
  const environment: LaunchVariable[] = [];
  const launches: Launch[] = [];
  let image: string | undefined;
  let start: { words: Word[]; range: TextRange } | undefined;
  const flush = (): void => {
    if (start) launches.push({ name: 'image', origin: 'dockerfile', environment, image, node: null, ...start });
    start = undefined;
  };
  for (const { keyword, words, range } of instructions) {
    if (keyword === 'FROM') {
      flush();
      image = words[0]?.value;
    }
    if (keyword === 'ENV') {
      for (const [index, { value, range: place }] of words.entries()) {
        const equals = value.indexOf('=');
        if (equals > 0)
          environment.push({ name: value.slice(0, equals), value: bare(value.slice(equals + 1)), range: place });
        else if (index === 0 && words[1])
          environment.push({ name: value, value: words[1].value, range: words[1].range });
      }
    }
    if (keyword === 'CMD' || keyword === 'ENTRYPOINT') {
      start = { words: [...(start?.words ?? []), ...opened(words)], range };
    }
    if (keyword === 'RUN')
      launches.push({ name: 'build', origin: 'step', environment, image, node: null, words: opened(words), range });
  }
  // Variables of an image count although nothing is started by it.
  if (!start && environment.length > 0) start = { words: [], range: environment[0]?.range ?? noRange };
  flush();
  return launches;
}

const noRange: TextRange = { line: 1, column: 1, endLine: 1, endColumn: 1 };

function bare(value: string): string {
  return value.replace(/^["']|["'],?$/g, '').replace(/^\["|"\]$/g, '');
}

/** A place on one line: the first of a range. */
function firstLine(range: TextRange): TextRange {
  return range.line === range.endLine ? range : { ...range, endLine: range.line, endColumn: range.column };
}
