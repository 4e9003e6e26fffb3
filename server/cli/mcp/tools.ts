import { join } from 'node:path';
import { Writable } from 'node:stream';
import { WeighbridgeError } from '../../errors.ts';
import { exitCodes, type Command } from '../io.ts';
import type { Roots } from './roots.ts';

/** What an assistant gave. */
export type Given = Record<string, unknown>;

export interface Tool {
  name: string;
  title: string;
  description: string;
  /** Names of texts that may be given, each with what it is. */
  inputs: Record<string, string>;
  required: readonly string[];
  /** None writes (decision 97): a text in a model could ask for it. */
  readOnly: true;
  run(given: Given, host: Host): Promise<unknown>;
}

export interface Host {
  roots: Roots;
  environment: NodeJS.ProcessEnv;
  signal: AbortSignal;
}

const path = 'Path of a file or folder, absolute or relative to the first root';

/**
 * What assistants may ask for. All of it reads; every tool runs the command of the same name. The MCP server, the language server and
 * the manifest of the extension are made from this list.
 */
export const tools: readonly Tool[] = [
  {
    name: 'scan',
    title: 'Scan models and configurations',
    description:
      'Finds models, configurations and dataset manifests below a path and says what is dangerous, unsigned or without papers. Nothing is executed.',
    inputs: { path },
    required: ['path'],
    readOnly: true,
    async run(given, host) {
      const scanned = await json(host, 'scan', [pathOf(given, host), '--format', 'json', '--no-cache']);
      return withoutOutside(scanned, host);
    },
  },
  {
    name: 'inspect',
    title: 'Inspect a model file',
    description: 'What one file is by its bytes: format, tensors, metadata, imports, and what the rules say of it.',
    inputs: { path },
    required: ['path'],
    readOnly: true,
    run: (given, host) => json(host, 'inspect', [pathOf(given, host), '--format', 'json']),
  },
  {
    name: 'explain_rule',
    title: 'Explain a rule',
    description:
      'What a rule looks for, why it matters, how to fix it, and the weaknesses and techniques that it maps to. Without an id: all ids.',
    inputs: { rule: 'Id of the rule, such as pickle/dangerous-import' },
    required: [],
    readOnly: true,
    run: explain,
  },
  {
    name: 'verify_signature',
    title: 'Verify the signature of a model',
    description:
      'Whether a model is what somebody trusted has signed (OpenSSF Model Signing): by the trust policy in weighbridge.yaml, or by a public key.',
    inputs: { path, key: 'Path of a public key (PEM); without it the trust policy counts' },
    required: ['path'],
    readOnly: true,
    run(given, host) {
      const key = textOf(given, 'key');
      const trust = key === undefined ? [] : ['--key', host.roots.resolve(key)];
      return json(host, 'verify', [pathOf(given, host), ...trust, '--format', 'json', '--no-cache']);
    },
  },
  {
    name: 'evaluate_gate',
    title: 'Evaluate a gate',
    description:
      'Whether a model may be promoted, every reason why not, and the command for each piece of evidence that is missing. Nothing is recorded: this is no decision.',
    inputs: { gate: 'dev-to-staging, staging-to-production, hotfix, or one of the workspace', path },
    required: ['gate', 'path'],
    readOnly: true,
    run(given, host) {
      const gate = textOf(given, 'gate') ?? '';
      if (!/^[a-z][a-z0-9_-]{0,63}$/i.test(gate)) throw new WeighbridgeError('bad-usage', 'that is no name of a gate');
      const options = ['--no-audit', '--format', 'json', '--no-cache'];
      return json(host, 'gate', [gate, pathOf(given, host), ...options]);
    },
  },
];

async function explain(given: Given): Promise<unknown> {
  const { rules } = await import('../../rules/index.ts');
  const { rulePageUrl } = await import('../../rules/page.ts');
  const id = textOf(given, 'rule');
  if (id === undefined) return { rules: rules.map(({ meta }) => `${meta.id}: ${meta.title}`) };
  const meta = rules.find((rule) => rule.meta.id === id)?.meta;
  if (!meta) {
    const { nearest } = await import('../../engine/nearest.ts');
    const near = nearest(
      id.slice(0, 100),
      rules.map((rule) => rule.meta.id),
    );
    throw new WeighbridgeError('not-found', `there is no rule of that id${near ? `; did you mean ${near}?` : ''}`);
  }
  const { title, severity, description, why, howToFix, cwe, atlas, owasp, references } = meta;
  return { id, title, severity, description, why, howToFix, cwe, atlas, owasp, references, page: rulePageUrl(id) };
}

/** Absolute, so that no name is taken for an option. @throws {WeighbridgeError} */
function pathOf(given: Given, { roots }: Host): string {
  return roots.resolve(textOf(given, 'path') ?? '');
}

function textOf(given: Given, name: string): string | undefined {
  const value = given[name];
  return typeof value === 'string' ? value : undefined;
}

const loaders: Record<'scan' | 'inspect' | 'verify' | 'gate', () => Promise<Command>> = {
  scan: async () => (await import('../scan.ts')).scan,
  inspect: async () => (await import('../inspect.ts')).inspect,
  verify: async () => (await import('../verify.ts')).verify,
  gate: async () => (await import('../gate.ts')).gate,
};

/** The JSON that a command prints. @throws {WeighbridgeError} what it says instead. */
async function json(
  { roots, environment, signal }: Host,
  command: keyof typeof loaders,
  args: string[],
): Promise<unknown> {
  const stdout = new Collected();
  const stderr = new Collected();
  const run = await loaders[command]();
  const code = await run.run(args, {
    ...{ stdout, stderr, cwd: roots.first, environment, signal },
    // What a client cancels, it says to this thread.
    isolate: true,
  });
  if (stdout.text.trimStart().startsWith('{')) return JSON.parse(stdout.text) as unknown;
  const said = stderr.text.replace(/^weighbridge: /, '').trim();
  throw new WeighbridgeError('unreadable', said || `${command} gave no result (exit code ${code ?? exitCodes.failed})`);
}

class Collected extends Writable {
  text = '';

  override _write(chunk: Buffer | string, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** A folder may hold links that lead out of the roots: what was found behind them is left out, and said to be. */
function withoutOutside(scanned: unknown, { roots }: Host): unknown {
  const report = scanned as Record<string, { path: string }[]>;
  let left = 0;
  const inside = (entries: { path: string }[] = []) =>
    entries.filter((entry) => {
      const isInside = roots.holds(join(roots.first, entry.path));
      if (!isInside) left++;
      return isInside;
    });
  const artifacts = inside(report['artifacts']);
  const findings = inside(report['findings']) as { path: string; severity?: string }[];
  const number = (severity: string) => findings.filter((finding) => finding.severity === severity).length;
  const counts = { error: number('error'), warning: number('warning'), info: number('info') };
  const summary = { artifacts: artifacts.length, ...counts };
  const kept = { ...report, summary, artifacts, findings, posture: inside(report['posture']) };
  return left === 0 ? kept : { ...kept, leftOut: 'what lies behind links that lead out of the roots' };
}
