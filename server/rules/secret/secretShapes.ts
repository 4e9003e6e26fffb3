import { isDynamicText } from '../../formats/text/dynamicValue.ts';
import { remembered } from '../../formats/text/remembered.ts';

/** What issuers' credentials look like. Sources: the issuers' own documentation of their formats. */
const shapes: readonly { issuer: string; pattern: RegExp }[] = [
  { issuer: 'Hugging Face token', pattern: /\bhf_[A-Za-z0-9]{34,40}\b/g },
  { issuer: 'Hugging Face organisation token', pattern: /\bapi_org_[A-Za-z0-9]{34}\b/g },
  { issuer: 'AWS access key', pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g },
  { issuer: 'OpenAI key', pattern: /\bsk-(?:proj-|svcacct-)?[A-Za-z0-9]{20}[A-Za-z0-9_-]{20,}/g },
  { issuer: 'Anthropic key', pattern: /\bsk-ant-[a-z0-9]+-[A-Za-z0-9_-]{40,}/g },
  { issuer: 'GitHub token', pattern: /\bgh[pousr]_[A-Za-z0-9]{36}\b|\bgithub_pat_[A-Za-z0-9_]{82}\b/g },
  { issuer: 'GitLab token', pattern: /\bglpat-[A-Za-z0-9_-]{20}\b/g },
  { issuer: 'Slack token', pattern: /\bxox[baprs]-\d{10,13}-[A-Za-z0-9-]{20,}/g },
  {
    issuer: 'Slack webhook',
    pattern: /\bhooks\.slack\.com\/services\/T[A-Z0-9]{8,}\/B[A-Z0-9]{8,}\/[A-Za-z0-9]{20,}/g,
  },
  { issuer: 'Google API key', pattern: /\bAIza[A-Za-z0-9_-]{35}\b/g },
  { issuer: 'NVIDIA key', pattern: /\bnvapi-[A-Za-z0-9_-]{60,}/g },
  { issuer: 'Databricks token', pattern: /\bdapi[0-9a-f]{32}\b/g },
  { issuer: 'Replicate token', pattern: /\br8_[A-Za-z0-9]{37}\b/g },
  { issuer: 'PyPI token', pattern: /\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}/g },
  { issuer: 'Neptune token', pattern: /\beyJhcGlfYWRkcmVzcyI6[A-Za-z0-9+/=_-]{40,}/g },
  { issuer: 'Azure storage key', pattern: /\bAccountKey=[A-Za-z0-9+/]{86}==/g },
  { issuer: 'private key', pattern: /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----(?:\\n|\s)+[A-Za-z0-9+/=]{20}/g },
];

/** What every one of these shapes holds: a text without any of it is not searched sixteen times. */
const hint =
  /hf_|api_org_|AKIA|ASIA|sk-|gh[pousr]_|github_pat_|glpat-|xox[baprs]-|hooks\.slack|AIza|nvapi-|dapi|r8_|pypi-|eyJhcGlf|AccountKey=|PRIVATE KEY/;

/** A credential in a text: where, and whose. The credential itself goes nowhere. */
export interface SecretSighting {
  issuer: string;
  start: number;
  end: number;
}

/** Credentials that are known by their shape. */
export function secretsIn(text: string): SecretSighting[] {
  const found: SecretSighting[] = [];
  if (!hint.test(text)) return found;
  for (const { issuer, pattern } of shapes) {
    for (const match of text.matchAll(pattern)) {
      if (!isPlaceholder(match[0])) found.push({ issuer, start: match.index, end: match.index + match[0].length });
    }
  }
  return found.sort((a, b) => a.start - b.start);
}

/**
 * Keys under which training, serving and tracking tools keep a credential; what such a key names (`token_file`, `max_tokens`) is told
 * apart by the rest of the word.
 */
const secretKey =
  /^(?:.*[_.-])?(?:(?:api|access|auth|secret|master|private|account|signing|encryption|admin|wandb|hf|hub|comet|neptune|openai|litellm)[_.-]?(?:api[_.-]?)?(?:key|token|secret)|api[_.-]?token|(?:key|trust)store[_.-]?pass(?:word)?|password|passwd|secret|client[_.-]?secret|token|credentials?|pat)$/i;
const notSecret =
  /(?:_|^)(?:page|continuation|pagination|cursor|sync|resume|pad|eos|bos|unk|sep|cls|mask|image|special|stop|end|start|next|first|last|max|min|num|new|old|bad|prompt|begin|suppress|decoder|forced|output|input|n|audio|video|vision|unknown|control|chat|language|trigger|placeholder|suffix|prefix|fim|tool|user|assistant|system|return|add|use|no|is|has|enable|disable|public|ssh|tokenizer|sort|partition|primary|foreign|group|dedup|shard|id|json|text|label|feature|column|image_key)_?(?:tokens?|key)s?$|tokenizer|key_?(?:file|path|id|name|ref|alias)|public/i;

/** `an OpenAI key`, `a Hugging Face token`, as it is spoken. */
export function withArticle(issuer: string): string {
  return `${/^(?:[AEIO]|NVIDIA)/.test(issuer) ? 'an' : 'a'} ${issuer}`;
}

/** `vllmApiKey` as `vllm_api_key`. */
function snake(key: string): string {
  return key.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
}

/** Whether a key holds a credential by its name. */
export const isSecretKey = remembered((key) => {
  const name = snake(key);
  return secretKey.test(name) && !notSecret.test(name) && !/^auto_?mount/.test(name);
});

/**
 * How likely a value under such a key is a credential: `strong` for what no person would make up, `weak` for a word or `sk-1234`, null for
 * what is empty, computed, or says that something belongs here.
 */
export function credentialStrength(value: string): 'strong' | 'weak' | null {
  const text = value.trim();
  if (text.length < 4 || isDynamicText(text) || isPlaceholder(text)) return null;
  if (
    /\s/.test(text) ||
    /^(?:true|false|none|null|yes|no|on|off|auto|default|optional|required|disabled|enabled|string|str|bearer|basic|jwt|token|key|api_key|apikey|header)$/i.test(
      text,
    )
  )
    return null;
  // Addresses, paths, names of variables and of secrets are no credentials.
  if (
    /^(?:https?|file|gs|s3|hf|projects|arn):|^[./~]|^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$|\.(?:pem|key|crt|json|txt|ya?ml)$/.test(
      text,
    )
  )
    return null;
  // What an entry point of a Python package imports: `package.module:Class`.
  if (/^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+:[A-Za-z_]\w*$/.test(text)) return null;
  // Names of secrets, of repositories and of files, as people write them.
  if (/^[\w.-]+\/[\w./-]+$/.test(text)) return null;
  if (/^[a-z]+(?:[-_.][a-z0-9]+)+$/.test(text)) return 'weak';
  const classes = [/[a-z]/, /[A-Z]/, /\d/].filter((pattern) => pattern.test(text)).length;
  return text.length >= 20 && classes >= 2 && entropy(text) > 3.2 ? 'strong' : 'weak';
}

/** What stands where a credential belongs, and is none. */
function isPlaceholder(value: string): boolean {
  return /example|sample|dummy|placeholder|changeme|change[_-]me|replace|your|insert|redacted|fake|todo|xxxx|\*{3}|\.\.\.|<[^>]*>|0{8}|1{8}|(.)\1{7}|abcdefgh|a1b2c3d4|12345678|(?:deadbeef){2}|_?here$|not[-_ ]?(?:a[-_ ]?)?(?:used|needed|required|real|secret|key)|^(?:empty|test|foo|bar|secret|password|none|unused)$/i.test(
    value,
  );
}

/** Bits a character. */
function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const sign of text) counts.set(sign, (counts.get(sign) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}
