import { dealias } from './configTree.ts';
import type { ConfigNode } from './facts.ts';

/**
 * What a tool puts something else in place of: `${VAR}`, `$(VAR)`, `$VAR`, `{{ x }}`, `{% x %}`, `<your-token>`, `%(x)s`, `[[ x ]]`, `@VAR@`,
 * `os.environ/VAR` (LiteLLM), `{vault://x}` (Kong), `$$x$$` (TorchServe), `env:VAR`, `file:...`, `{env:VAR}`.
 */
const placeholder =
  /\$\{|\$\(|^\$\$?\w|\{\{|\{%|^<[^<>]*>$|%\(\w+\)s|\[\[|^@\w+@$|^os\.environ\/|\{vault:\/\/|^\$\{?\{|^(?:env|vault|secret|ref|file|ssm|arn|projects)[:/]|^!\w|^__\w+__$|\{[A-Za-z_]\w*\}|^\{(?:env|file):[^{}]*\}$/i;

/** Whether a text stands for something that only a run knows. */
export function isDynamicText(value: string): boolean {
  return placeholder.test(value);
}

/**
 * How much is known of a value: it is not there, it is what it says, or something else decides (a template, a tag such as `!Ref`). Of
 * what is dynamic nobody may claim that it is wrong.
 */
export function stateOf(node: ConfigNode | undefined): 'absent' | 'literal' | 'dynamic' {
  if (node === undefined) return 'absent';
  const found = dealias(node);
  if (found === undefined || found.tag !== undefined) return 'dynamic';
  if (found.kind !== 'scalar') return 'literal';
  if (typeof found.value === 'string' && isDynamicText(found.value)) return 'dynamic';
  return found.value === null ? 'absent' : 'literal';
}

/** True for what loaders of YAML 1.1 and command lines take for true. */
export function isTrue(value: unknown): boolean {
  return value === true || (typeof value === 'string' && /^(?:true|yes|on|1)$/i.test(value)) || value === 1;
}

/** True for what they take for false. */
export function isFalse(value: unknown): boolean {
  return value === false || (typeof value === 'string' && /^(?:false|no|off|0)$/i.test(value)) || value === 0;
}
