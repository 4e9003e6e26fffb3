import { statSync } from 'node:fs';
import type { RecordBreach } from '../datasets/record/validate.ts';
import { recordName } from '../datasets/record/record.ts';
import { mayBeRegister, registerOf } from '../datasets/registers/readRegister.ts';
import type { EditedText } from '../formats/text/editedText.ts';
import { parseJson } from '../formats/text/json.ts';
import {
  parseText,
  scriptLanguage,
  textLanguage,
  textLimits,
  type ParsedText,
  type TextLanguage,
} from '../formats/text/parse.ts';
import { parseYaml } from '../formats/text/yaml.ts';
import { onDisk } from '../files/diskPath.ts';
import { readTextFile } from '../files/textDecoding.ts';
import { mostEndpoints, type Endpoint } from '../posture/facts.ts';
import { endpointsIn } from '../posture/postureOf.ts';
import type { Finding } from '../rules/finding.ts';
import { judgeText } from '../rules/judgeText.ts';
import { judgeRemarks } from '../rules/suppress.ts';
import { nothingAsked, type Asked } from './askedPaths.ts';
import { unfinished, type ExamineSettings, type FileTask } from './examine.ts';
import { escapedWord, fileMattersThoughLong, mattersThoughLong } from './longJson.ts';
import type { WantedDigest } from './datasetFacts.ts';
import type { WorkspaceTable } from './workspaceFacts.ts';

/** What a text file came to. */
export interface JudgedText extends Asked {
  path: string;
  findings: Finding[];
  /** How many findings remarks in it accept. */
  suppressed?: number;
  /** The ways into models that it opens, with what protects each; absent where it opens none. */
  endpoints?: Endpoint[];
  /** Digests of data that rules asked for and nobody knows yet. */
  wanted?: WantedDigest[];
  /** True for a register of datasets. */
  isRegister?: boolean;
}

/**
 * Reads and judges a text file.
 * @throws the operating system's error when it cannot be read.
 */
export async function judgeTextFile(
  task: FileTask,
  table: WorkspaceTable,
  settings: ExamineSettings,
): Promise<JudgedText> {
  const language = textLanguage(task.path) ?? 'shell';
  const { size } = statSync(onDisk(task.file));
  // UTF-8 takes at most three bytes for a UTF-16 unit.
  const longest = textLimits.length[language] * 3;
  if (size > longest) return { path: task.path, findings: tooLong(task, size, longest, settings), ...nothingAsked };
  const text = readTextFile(task.file);
  if (text !== null) return judgeTextContent(task.path, text, table, settings);
  const problem = { code: 'unreadable', message: 'the text is in UTF-32, which is not read' } as const;
  return { path: task.path, findings: unfinished(task.path, size, settings, problem).findings, ...nothingAsked };
}

/** How an editor holds a text, beside its words. */
export interface BufferForm {
  /** The text is the code cells of a notebook, one after another, and not the file that they are kept in. */
  cells?: boolean;
  /** What earlier versions of it left behind. */
  edited?: EditedText;
}

/** Judges a text as it stands in an editor or in a file. */
export async function judgeTextContent(
  path: string,
  text: string,
  table: WorkspaceTable,
  settings: ExamineSettings,
  { cells = false, edited }: BufferForm = {},
): Promise<JudgedText> {
  const language = cells ? 'cells' : (textLanguage(path) ?? scriptLanguage(text));
  if (!language || !mayMatter(language, path, text)) return { path, findings: [], ...nothingAsked };
  table.datasets.parsers ??= { parseYaml, parseJson };
  const parsed = await parseText(language, text, edited);
  const breaches = language === 'json' ? await breachesIn(path, text) : undefined;
  table.advisoryPath = settings.osv ?? null;
  const base = { path, text, workspace: table };
  // What other texts that were judged meanwhile asked for is theirs.
  table.takeAsked();
  table.datasets.takeWanted();
  const judged = judgeText({ ...base, ...parsed, ...(breaches && { breaches }) });
  const { endpoints, leavesOut } = endpointsIn(parsed, path);
  const findings = [...judged, ...unseen(path, text, parsed, settings)];
  if (leavesOut) findings.push(...moreEndpoints(path, text, settings));
  if (language === 'notebook') for (const finding of findings) changeInJson(finding);
  const wanted = table.datasets.takeWanted();
  const isRegister =
    (parsed.language === 'yaml' || parsed.language === 'json') && registerOf({ path, text, ...parsed }) !== null;
  const { open, suppressed } =
    settings.ignoresRemarks === true ? { open: findings, suppressed: 0 } : judgeRemarks(findings, text);
  return {
    path,
    findings: open,
    ...(suppressed > 0 && { suppressed }),
    ...table.takeAsked(),
    ...(endpoints.length > 0 && { endpoints }),
    ...(wanted.length > 0 && { wanted }),
    ...(isRegister && { isRegister }),
  };
}

/** Where a record of provenance is not what its schema says; undefined for any other text. */
async function breachesIn(path: string, text: string): Promise<RecordBreach[] | undefined> {
  if (!path.endsWith(recordName) || !/"datasets"|provenance\.schema\.json/.test(text)) return undefined;
  const [{ recordBreaches }, { parse }] = await Promise.all([
    import('../datasets/record/validate.ts'),
    import('jsonc-parser'),
  ]);
  return recordBreaches(parse(text, [], { allowTrailingComma: true }));
}

/** Code in a notebook stands in strings of JSON: what is put there has to be written as JSON writes it, on one line of it. */
function changeInJson(finding: Finding): void {
  // Answers to what is asked would have to be written so, too.
  delete finding.asked;
  const written = (newText: string) => JSON.stringify(newText).slice(1, -1);
  const onOneLine = (finding.edits ?? []).filter(({ changes }) => changes.every((each) => each.line === each.endLine));
  if (onOneLine.length === 0) delete finding.edits;
  else
    finding.edits = onOneLine.map((edit) => ({
      ...edit,
      changes: edit.changes.map((change) => ({ ...change, newText: written(change.newText) })),
    }));
}

/** Words without which no rule has anything to say of a configuration; far cheaper to look for than a tree is to build. */
const telling =
  /!!python|2002:python|%TAG|trust[-_]?remote[-_]?code|chat_template|auto_map|custom_pipelines|_target_|_component_|class_path|backbone|activation_f(?:unctio)?n\b|"py\/|!(?:new|apply|name|module):|apiVersion|image|services|token|secret|passw|api_?key|master_?key|credential|http:\/\/|verify|hf:\/\/|hf_|AKIA|PRIVATE KEY|sk-|xox|hooks\.slack|gh[pousr]_|static_resources|dynamic_resources|_format_version|model_list|runs-on|using:|privileged|learning_rate|seed|datasets|push_to_hub|report_to|wandb|AlgorithmSpecification|:sagemaker:|NotebookInstanceName|ProductionVariants|AWS::|workerPoolSpecs|iam_role_name|azureml|entry_points|stages|deploymentSpec|import_path|scrape_configs|expr|drift|psi|dependencies|archive|python\/|servingEngineSpec|routerSpec|bentoml|_ray_commands|setup_commands|trusted_host|index[-_](?:url|strategy)|\.(?:pt|pth|pt2|bin|ckpt|pkl|p|pck|joblib|jl|model|sav|npy|npz|dat|data|th|tar|zip|mar|nemo|safetensors|onnx|gguf|h5|hdf5|keras)\b/i;

/** Files that rules read whatever stands in them: a Kitfile, an MLmodel, the parts of Sentence Transformers and of diffusers, the settings of servers, what BentoML builds, the stages of Spark. */
const isRead =
  /(?:^|\/)(?:kitfile|mlmodel|modules\.json|model_index\.json|metadata\.json|model-settings\.json|router_config\.json|genai_config\.json|model\.yaml|bentofile\.ya?ml|metadata\/part-\d{5})$/i;

/** What an nginx configuration has and other files of its name (`supervisord.conf`) have not. */
const nginxBlock = /\b(?:server|http|upstream|location|stream|events|geo|map|limit_except)\b[^{};#\n]*\{/;

/** Words of texts that name data: keys of training configs, functions that load, job submissions that mount or hold keys. */
const namesData =
  /data_?set|data_files|(?:train|valid|validation|val|test|eval|dev)_?(?:file|path|dir)|data_?(?:path|dir|root|file)|read_(?:csv|json|parquet|table|feather|orc|excel|ipc|avro|ndjson)|scan_(?:csv|parquet|ndjson|ipc)|load_from_disk|ImageFolder|volumeMounts|AWS_SECRET_ACCESS_KEY|GOOGLE_APPLICATION_CREDENTIALS|aws-secret-access-key|credentials_json|azure\/login|rw_mount|"Statement"|Statement:|roles\/|Storage Blob|^services:/m;

function mayMatter(language: TextLanguage, path: string, text: string): boolean {
  switch (language) {
    case 'card':
      return /^\uFEFF?---/.test(text);
    case 'yaml':
    case 'json':
      if (mayBeRegister(path, text) || isRead.test(path) || namesData.test(text)) return true;
      // What gates are told to let pass, and until when.
      if (/\bexceptions["']?\s*:/.test(text) && /\bexpires["']?\s*:/.test(text)) return true;
      if (telling.test(text) || escapedWord.test(text)) return true;
      // A folder that holds a checkpoint has no extension to look for, but its key has a name.
      return /(?:model|checkpoint|ckpt|adapter|weights|resume|pretrained)\w*["']?\s*:/i.test(text);
    case 'nginx':
      return nginxBlock.test(text);
    default:
      // Few, short, or looked through by their parsers themselves.
      return true;
  }
}

/** Long JSON is data, unless it holds what a rule looks for. */
function tooLong({ path, file }: FileTask, size: number, longest: number, settings: ExamineSettings): Finding[] {
  if (textLanguage(path) === 'json') {
    const matters = fileMattersThoughLong(file, settings.limits.timeMs);
    if (matters === null) {
      const message = `it takes longer than ${settings.limits.timeMs} ms to search the text for what it loads`;
      return unfinished(path, size, settings, { code: 'limit-time', message }).findings;
    }
    if (!matters) return [];
  }
  const message = `the text is longer than ${longest} bytes, and was not read for what it loads`;
  return unfinished(path, size, settings, { code: 'limit-file-size', message }).findings;
}

function moreEndpoints(path: string, text: string, settings: ExamineSettings): Finding[] {
  const message = `there are more than ${mostEndpoints} endpoints, and the table of what protects them holds the first`;
  return unfinished(path, text.length, settings, { code: 'limit-entries', message }).findings;
}

/** What the parser could not see. A file that breaks its grammar is a template or an unfinished edit, and no finding. */
function unseen(path: string, text: string, parsed: ParsedText, settings: ExamineSettings): Finding[] {
  return parsed.problems
    .filter(({ code }) => code !== 'malformed')
    .filter(({ code }) => code !== 'limit-length' || parsed.language !== 'json' || mattersThoughLong(text))
    .flatMap(({ code, message }) => {
      const reached = code === 'limit-depth' || code === 'limit-time' ? code : 'limit-entries';
      return unfinished(path, text.length, settings, { code: reached, message }).findings;
    });
}
