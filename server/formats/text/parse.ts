import type { EditedText } from './editedText.ts';
import type {
  ConfigNode,
  ConfigScalar,
  DockerInstruction,
  NginxDirective,
  PythonCall,
  PythonDefault,
  PythonRequirement,
  PythonString,
  RequirementsOption,
  ShellLine,
} from './facts.ts';
import type { InnerText } from './innerTexts.ts';
import type { Word } from './shellWords.ts';

/** Languages whose texts are a tree of mappings, lists and scalars. */
export type ConfigLanguage = 'yaml' | 'json' | 'toml' | 'properties' | 'textproto';

/**
 * A notebook is read as the Python of its cells (`cells` are those as an editor holds them, one after another), a card (`README.md`) as the YAML at its
 * top.
 */
export type TextLanguage =
  ConfigLanguage | 'python' | 'notebook' | 'cells' | 'shell' | 'dockerfile' | 'nginx' | 'requirements' | 'card';

/** What one text file may cost. */
export const textLimits = {
  /** UTF-16 code units of a file that is still parsed. A syntax tree takes about fifty bytes for each. */
  length: {
    yaml: 2 << 20,
    json: 2 << 20,
    toml: 2 << 20,
    properties: 1 << 20,
    textproto: 2 << 20,
    python: 1 << 20,
    notebook: 16 << 20,
    cells: 1 << 20,
    card: 2 << 20,
    shell: 1 << 20,
    dockerfile: 1 << 20,
    nginx: 2 << 20,
    requirements: 16 << 20,
  },
  /** Mappings and sequences inside one another. */
  depth: 200,
  /** Scalars, or calls and strings, that are kept of one file. */
  facts: 100_000,
  /** Milliseconds that a syntax tree may take. */
  timeMs: 5_000,
} as const;

/** Something that kept a parser from seeing everything. What was parsed before it is kept. */
export interface TextProblem {
  code: 'malformed' | 'limit-length' | 'limit-depth' | 'limit-facts' | 'limit-time';
  /** 1-based, or null when no single place can be named. */
  line: number | null;
  /** One clause for a person, without the file's name. */
  message: string;
}

export interface PythonText {
  language: 'python';
  calls: PythonCall[];
  strings: PythonString[];
  /** Defaults that the file itself gives to options. */
  defaults: PythonDefault[];
  /** Of a notebook. */
  shell: ShellLine[];
  /** Cells of a notebook that are texts of another kind. */
  inner?: InnerText[];
  embedded?: EmbeddedText[];
  problems: TextProblem[];
}

export interface ConfigText<L extends ConfigLanguage = ConfigLanguage> {
  language: L;
  /** One tree a document; YAML alone has more than one. */
  documents: ConfigNode[];
  /** Every scalar of them. */
  scalars: ConfigScalar[];
  /** Texts that stand in it as scalars and are files or programs of their own; absent where there are none. */
  embedded?: EmbeddedText[];
  problems: TextProblem[];
}

/** A text inside another one: a file of a ConfigMap, a program of a job, a here-document. Its facts have the places that they have in itself. */
export interface EmbeddedText extends InnerText {
  facts: ParsedText;
}

/** A script of a shell. */
export interface ShellText {
  language: 'shell';
  /** Operators and line ends among them; what it hands to others left out. */
  words: Word[];
  inner?: InnerText[];
  embedded?: EmbeddedText[];
  problems: TextProblem[];
}

export interface DockerfileText {
  language: 'dockerfile';
  instructions: DockerInstruction[];
  /** Programs that stand in instructions. */
  inner?: InnerText[];
  embedded?: EmbeddedText[];
  problems: TextProblem[];
}

export interface NginxText {
  language: 'nginx';
  directives: NginxDirective[];
  problems: TextProblem[];
}

export interface RequirementsText {
  language: 'requirements';
  requirements: PythonRequirement[];
  options: RequirementsOption[];
  problems: TextProblem[];
}

type WithoutProblems<T> = T extends unknown ? Omit<T, 'problems'> : never;

/** What was parsed, without what kept the parser from seeing more. */
export type TextFacts = WithoutProblems<ParsedText>;

export type ParsedText =
  | { [L in ConfigLanguage]: ConfigText<L> }[ConfigLanguage]
  | PythonText
  | ShellText
  | DockerfileText
  | NginxText
  | RequirementsText;

const extensions: Record<string, TextLanguage> = {
  yaml: 'yaml',
  yml: 'yaml',
  dvc: 'yaml',
  json: 'json',
  jsonc: 'json',
  toml: 'toml',
  properties: 'properties',
  env: 'properties',
  pbtxt: 'textproto',
  textproto: 'textproto',
  txtpb: 'textproto',
  py: 'python',
  ipynb: 'notebook',
  sh: 'shell',
  bash: 'shell',
  zsh: 'shell',
  ksh: 'shell',
  slurm: 'shell',
  sbatch: 'shell',
  pbs: 'shell',
  dockerfile: 'dockerfile',
  nginx: 'nginx',
  conf: 'nginx',
};

/** Names that say more than their ends, the first that fits. */
const names: readonly [pattern: RegExp, language: TextLanguage][] = [
  // A Kitfile (KitOps ModelKit), an MLproject, an MLmodel (MLflow) and a dvc.lock are YAML without saying so in their names.
  [/^(?:dvc\.lock|kitfile|kustomization|mlproject|mlmodel)$/, 'yaml'],
  [/^pipfile$/, 'toml'],
  [/^kong\.conf/, 'properties'],
  [/^\.env(?:\..*)?$/, 'properties'],
  // TensorFlow Serving's model list.
  [/^models?\.config$/, 'textproto'],
  // Lines of JSON are data, which no rule of texts reads, but for logs of lineage.
  [/^(?:[\w.-]*[-_.])?(?:open)?lineage[\w.-]*\.(?:jsonl|ndjson)$/, 'json'],
  [/^(?:poetry|uv|pdm|pipfile)\.lock$|^pylock(?:\.\w+)?\.toml$/, 'requirements'],
  [/^(?:[\w.-]*[-_.])?(?:requirements?|constraints?)(?:[-_.][\w.-]*)?\.(?:txt|in|pip)$/, 'requirements'],
];

/** What a file is to be copied or rendered from: `config.yaml.example`, `nginx.conf.j2`. */
const patternOf = /(?<=.)\.(?:j2|jinja2?|tmpl|tpl|template|example|sample|dist)$/;

/** What is read though templates stand in it. Python that is broken by them says too little. */
const patterned: ReadonlySet<TextLanguage | null> = new Set<TextLanguage>([
  'yaml',
  'json',
  'properties',
  'textproto',
  'dockerfile',
  'nginx',
  'requirements',
]);

/** The language of a text file, by its name; null when no rule reads such files. Folders may stand before the name. */
export function textLanguage(path: string): TextLanguage | null {
  const whole = path.replaceAll('\\', '/');
  const named = byName(whole);
  if (named !== null) return named;
  const copied = whole.replace(patternOf, '');
  if (copied === whole) return null;
  const language = byName(copied);
  return patterned.has(language) ? language : null;
}

function byName(path: string): TextLanguage | null {
  const whole = path.toLowerCase();
  const name = whole.slice(whole.lastIndexOf('/') + 1);
  if (isDockerfile(path.slice(path.lastIndexOf('/') + 1))) return 'dockerfile';
  for (const [pattern, language] of names) if (pattern.test(name)) return language;
  if (/(?:^|\/)requirements\/[^/]+\.(?:txt|in)$/.test(whole)) return 'requirements';
  if (name === 'readme.md') return 'card';
  // Spark writes what a stage of a pipeline is as a text file of one line.
  if (/(?:^|\/)metadata\/part-\d{5}$/.test(whole)) return 'json';
  const dot = name.lastIndexOf('.');
  const extension = dot < 0 ? '' : name.slice(dot + 1);
  return Object.hasOwn(extensions, extension) ? (extensions[extension] ?? null) : null;
}

/** `Dockerfile.gpu`, and `Dockerfile.go` of a program in Go; `dockerfile.py` and `dockerfile_template.py` are programs that write one. */
function isDockerfile(name: string): boolean {
  if (!/^(?:docker|container)file(?:[._-].*)?$/i.test(name)) return false;
  if (!/\.(?:pyi?|[jt]sx?|go|rs|java|ipynb|md|rst|json|ya?ml|toml|lock)$/i.test(name)) return true;
  return /^(?:Docker|Container)file\.(?:py|[jt]s|go|rs|java)$/.test(name);
}

/** What a first line of a script says of its language (`#!/usr/bin/env bash`), for files whose name says nothing. @param head the first bytes of it, or more. */
export function scriptLanguage(head: string): 'shell' | 'python' | null {
  const words =
    /^\uFEFF?#!([^\r\n]*)/
      .exec(head.slice(0, 200))?.[1]
      ?.trim()
      .split(/[ \t]+/) ?? [];
  const [first = '', ...rest] = words.map((word) => word.replace(/^.*\//, ''));
  const name = first === 'env' ? (rest.find((word) => !/^-|=/.test(word)) ?? '') : first;
  if (/^(?:ba|da|z|k)?sh$/.test(name)) return 'shell';
  return /^(?:python|pypy)[\d.]*$/.test(name) ? 'python' : null;
}

/** Whether rules read files of this name. */
export function isConfigOrCode(path: string): boolean {
  return textLanguage(path) !== null;
}

/** How deep texts may stand in one another: a job that stands in a ConfigMap holds a program. */
const deepestText = 2;

/** Words without which no text stands in another one of YAML or JSON. */
const mayEmbed = /apiVersion|deploymentSpec|implementation|AWS::StepFunctions|(?:i?python|pypy)[\d.]*["',\s]/;

/**
 * Facts of a text file, and of the texts that it holds. A file that does not follow its grammar (a template, an unfinished edit) gives
 * what could be parsed and a problem, never an exception. Each parser is loaded when the first file needs it.
 * @param edited what earlier versions of the same text left behind, where it is being edited.
 */
export async function parseText(language: TextLanguage, text: string, edited?: EditedText): Promise<ParsedText> {
  return parseWithin(language, text, 0, edited);
}

async function parseWithin(
  language: TextLanguage,
  text: string,
  depth: number,
  edited?: EditedText,
): Promise<ParsedText> {
  // Editors show a byte order mark as nothing: columns do not count it.
  const content = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const parsed = await parseAlone(language, content, edited);
  const { inner, ...own } = await withInner(parsed, content);
  if (inner.length === 0 || depth >= deepestText) return own;
  const embedded: EmbeddedText[] = [];
  for (const each of inner) embedded.push({ ...each, facts: await parseWithin(each.language, each.text, depth + 1) });
  const problems = [...own.problems, ...embedded.flatMap(({ facts }) => facts.problems.filter(isLimit))];
  return { ...own, embedded, problems } as ParsedText;
}

/** A parsed text with the texts that stand in it. */
async function withInner(parsed: ParsedText, content: string): Promise<ParsedText & { inner: InnerText[] }> {
  if ('inner' in parsed && parsed.inner) return { ...parsed, inner: parsed.inner };
  if ((parsed.language !== 'yaml' && parsed.language !== 'json') || !mayEmbed.test(content))
    return { ...parsed, inner: [] };
  return { ...parsed, inner: (await import('./embeddedTexts.ts')).textsInside(parsed, content) };
}

/** What keeps a text from being seen whole; where a text inside breaks its grammar, the outer one does not. */
function isLimit({ code }: TextProblem): boolean {
  return code !== 'malformed';
}

async function parseAlone(language: TextLanguage, content: string, edited?: EditedText): Promise<ParsedText> {
  if (content.length > textLimits.length[language]) return tooLong(language);
  switch (language) {
    case 'yaml':
      return edited ? edited.yaml(content) : (await import('./yaml.ts')).parseYaml(content);
    case 'card':
      return (await import('./yaml.ts')).parseYaml(frontMatter(content));
    case 'json':
      return edited ? edited.json(content) : (await import('./json.ts')).parseJson(content);
    case 'toml':
      return (await import('./toml.ts')).parseToml(content);
    case 'properties':
      return (await import('./properties.ts')).parseProperties(content);
    case 'textproto':
      return (await import('./textproto.ts')).parseTextproto(content);
    case 'python':
      return edited ? edited.python(content) : (await import('./python.ts')).parsePython(content);
    case 'notebook':
      return (await import('./notebook.ts')).parseNotebook(content);
    case 'cells':
      return (await import('./notebookCells.ts')).parseCells(content, edited);
    case 'shell':
      return (await import('./shell.ts')).parseShell(content);
    case 'dockerfile':
      return (await import('./dockerfile.ts')).parseDockerfile(content);
    case 'nginx':
      return (await import('./nginx.ts')).parseNginx(content);
    case 'requirements':
      return (await import('./requirements.ts')).parseRequirements(content);
  }
}

/** The YAML between the first two lines of dashes; empty where a text does not begin with one. Places stay what they are. */
export function frontMatter(text: string): string {
  const match = /^---[ \t]*\r?\n[^]*?^---[ \t]*$/m.exec(text.slice(0, textLimits.length.card));
  return match?.index === 0 ? match[0].slice(0, match[0].lastIndexOf('---')) : '';
}

/** What is known of a Python text that was not read. */
export function noPython(problems: TextProblem[]): PythonText {
  return { language: 'python', calls: [], strings: [], defaults: [], shell: [], problems };
}

function tooLong(language: TextLanguage): ParsedText {
  const problems: TextProblem[] = [
    { code: 'limit-length', line: null, message: `the text is longer than ${textLimits.length[language]} characters` },
  ];
  switch (language) {
    case 'python':
    case 'notebook':
    case 'cells':
      return noPython(problems);
    case 'shell':
      return { language, words: [], problems };
    case 'dockerfile':
      return { language, instructions: [], problems };
    case 'nginx':
      return { language, directives: [], problems };
    case 'requirements':
      return { language, requirements: [], options: [], problems };
    case 'card':
      return { language: 'yaml', documents: [], scalars: [], problems };
    default:
      return { language, documents: [], scalars: [], problems };
  }
}
