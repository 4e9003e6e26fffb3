// A small runner of composite actions: the steps' `run` by bash, as GitHub's runner starts it, with their inputs in the environment. What a
// step `uses` of others is written down and not run.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

interface Step {
  name: string;
  id?: string;
  if?: string;
  uses?: string;
  with?: Record<string, string>;
  run?: string;
  env?: Record<string, string>;
}

interface Action {
  inputs: Record<string, { default?: string; required?: boolean }>;
  outputs?: Record<string, { value: string }>;
  runs: { using: string; steps: Step[] };
}

/** What expressions can name, as nested objects. */
type Context = { [name: string]: unknown };

export interface Job {
  /** The folder of the action. */
  action: string;
  inputs: Record<string, string>;
  /** The context `github`. */
  github: Context;
  workspace: string;
  temp: string;
  environment?: Record<string, string>;
  /** Names of steps whose work is done already. */
  done?: readonly string[];
}

export interface JobResult {
  /** Of the step that failed, or 0. */
  code: number;
  /** What was printed, standard error with it. */
  log: string;
  /** The workflow commands in it that a runner would obey. */
  commands: string[];
  outputs: Record<string, string>;
  /** The actions that the steps use, with what they are given. */
  used: { uses: string; with: Record<string, string> }[];
  summary: string;
}

export async function runAction(job: Job): Promise<JobResult> {
  const action = parse(readFileSync(path.join(job.action, 'action.yml'), 'utf8')) as Action;
  const github = { token: 'token-of-the-job', ...job.github };
  const runner = { temp: job.temp };
  const inputs = Object.fromEntries(
    Object.entries(action.inputs).map(([name, { default: fallback = '' }]) => [
      name,
      job.inputs[name] ?? filled(fallback, { github }),
    ]),
  );
  const steps: Record<string, { outputs: Record<string, string> }> = {};
  const context = { github, runner, inputs, steps };
  const result: JobResult = { code: 0, log: '', commands: [], outputs: {}, used: [], summary: '' };
  mkdirSync(job.temp, { recursive: true });
  for (const step of action.runs.steps) {
    if (job.done?.includes(step.name) || (step.if !== undefined && !holds(step.if, context))) continue;
    if (step.uses !== undefined) {
      result.used.push({ uses: step.uses, with: filledAll(step.with, context) });
      continue;
    }
    const files = mkdtempSync(path.join(job.temp, 'step-'));
    const at = (name: string) => path.join(files, name);
    for (const name of ['output', 'summary']) writeFileSync(at(name), '');
    writeFileSync(at('script.sh'), step.run ?? '');
    const { code, log } = await bash(at('script.sh'), job.workspace, {
      ...job.environment,
      ...filledAll(step.env, context),
      CI: 'true',
      GITHUB_ACTION_PATH: job.action,
      GITHUB_EVENT_NAME: String(github['event_name' as never]),
      GITHUB_OUTPUT: at('output'),
      GITHUB_REPOSITORY: String(github['repository' as never]),
      GITHUB_STEP_SUMMARY: at('summary'),
      GITHUB_WORKSPACE: job.workspace,
      RUNNER_TEMP: job.temp,
    });
    result.log += log;
    result.summary += readFileSync(at('summary'), 'utf8');
    if (step.id) steps[step.id] = { outputs: outputsIn(readFileSync(at('output'), 'utf8')) };
    result.code = code;
    if (code !== 0) break;
  }
  result.commands = obeyed(result.log);
  result.outputs = Object.fromEntries(
    Object.entries(action.outputs ?? {}).map(([name, { value }]) => [name, filled(value, context)]),
  );
  return result;
}

function bash(
  script: string,
  cwd: string,
  environment: Record<string, string>,
): Promise<{ code: number; log: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', script], {
      cwd,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let log = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (log += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? -1, log }));
  });
}

const filledAll = (texts: Record<string, string> = {}, context: Context): Record<string, string> =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, filled(text, context)]));

/** A text with its expressions worked out. */
function filled(text: string, context: Context): string {
  return text.replace(/\$\{\{(.*?)\}\}/g, (_whole, expression: string) => value(expression.trim(), context));
}

/** `a.b.c` as text; empty where there is none, as GitHub has it. @throws {Error} for any other expression. */
function value(expression: string, context: Context): string {
  if (!/^[\w-]+(\.[\w-]+)*$/.test(expression)) throw new Error(`an expression that is not understood: ${expression}`);
  let found: unknown = context;
  for (const name of expression.split('.')) found = (found as Context | null | undefined)?.[name] ?? null;
  if (found === null) return '';
  if (typeof found === 'string' || typeof found === 'number' || typeof found === 'boolean') return `${found}`;
  throw new Error(`no text: ${expression}`);
}

/** Comparisons with texts, joined by `&&`. */
function holds(condition: string, context: Context): boolean {
  return condition.split('&&').every((part) => {
    const [, expression = '', operator, text] = /^\s*(\S+) (==|!=) '([^']*)'\s*$/.exec(part) ?? [];
    return (value(expression, context) === text) === (operator === '==');
  });
}

/** Lines `name=value`; a line of another form is an error for the runner, too. */
function outputsIn(text: string): Record<string, string> {
  const lines = text.split('\n').filter(Boolean);
  return Object.fromEntries(
    lines.map((line) => {
      const [, name = '', given = ''] = /^([\w-]+)=(.*)$/.exec(line) ?? [];
      if (name === '') throw new Error(`no output: ${line}`);
      return [name, given];
    }),
  );
}

/** Lines that begin with `::`, but between `::stop-commands::TOKEN` and `::TOKEN::` (docs.github.com, "Stopping and starting workflow commands"). */
function obeyed(log: string): string[] {
  let resume: string | null = null;
  return log.split('\n').flatMap((line) => {
    if (resume !== null) {
      if (line.trim() === `::${resume}::`) resume = null;
      return [];
    }
    resume = /^::stop-commands::(\S+)/.exec(line)?.[1] ?? null;
    return resume === null && /^\s*(::|##\[)/.test(line) ? [line] : [];
  });
}
