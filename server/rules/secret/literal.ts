import { callsTo, callsWith, keywordsIn } from '../../formats/text/pythonCalls.ts';
import { scalarsWhere } from '../../formats/text/configScalars.ts';
import type { ConfigScalar, TextRange } from '../../formats/text/facts.ts';
import { kindsOf, type TextKind } from '../../formats/text/kinds.ts';
import { environmentOf } from '../../formats/text/podSpecs.ts';
import { launchesIn, type LaunchVariable } from '../../formats/text/launches.ts';
import { assignmentsIn } from '../../formats/text/scriptLaunches.ts';
import { LineIndex } from '../../formats/text/lineIndex.ts';
import { isInside } from '../../formats/text/ranges.ts';
import { startedContainers } from '../job/containers.ts';
import { placeOf, replace } from '../load/place.ts';
import type { Finding } from '../finding.ts';
import { defineRule, type Report } from '../rule.ts';
import {
  documentsOf,
  isConfig,
  type ConfigSubject,
  type PythonSubject,
  type ShellSubject,
  type TextSubject,
} from '../text.ts';
import { credentialStrength, isSecretKey, secretsIn, withArticle } from './secretShapes.ts';

export const literalSecret = defineRule({
  subject: 'text',
  meta: {
    id: 'secret/literal',
    title: 'A credential is written into a file',
    severity: 'error',
    description:
      'A token that is known by its shape (Hugging Face, AWS, OpenAI, GitHub, a private key and others) anywhere in a config or in code, or a value of a key that holds credentials by its name (`hub_token`, `wandb_api_key`, `master_key`, `vllmApiKey`, `password`). A value that nobody would make up is an error, a short or guessable one a warning. References (`${...}`, `$VAR`, `{{ }}`, `os.environ/...`, `{vault://...}`, `!Ref`), placeholders, and values of notebooks’ outputs are not meant. The credential itself appears in no report.',
    why: 'Who can read the repository, its history or a build log can use it: to read private models and data, to replace a model that others load, or at your cost.',
    howToFix:
      'Revoke it first: it stays in the history. Then take it from the environment or a secret store: `${oc.env:NAME}` (Hydra), `os.environ/NAME` (LiteLLM), `{vault://env/name}` (Kong), `secretKeyRef` (Kubernetes), `os.environ["NAME"]` (Python).',
    avoid: [
      {
        file: 'tracked.py',
        text: "import wandb\n\nwandb.login(key='9f3c1e7ab24d8056ce17b9a04fd2e6c83ab5071d')\n",
      },
      {
        file: 'compose.yaml',
        text: 'services:\n  mlflow:\n    image: example.org/mlflow:2.20.0\n    command: bash -c "mlflow server --backend-store-uri postgresql://mlflow:Zq9vT3mWcK8x@db/mlflow"\n',
      },
      {
        file: 'train.yaml',
        text: 'base_model: ./model\nsequence_len: 2048\nhub_token: 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\n',
      },
      { file: 'train.sh', text: 'export WANDB_API_KEY=9f3c1e7ab24d8056ce17b9a04fd2e6c83ab5071d\npython train.py\n' },
      {
        file: 'litellm.yaml',
        text: 'model_list:\n  - model_name: a\n    litellm_params: {model: openai/a}\ngeneral_settings:\n  master_key: sk-4821\n',
      },
      {
        file: 'login.py',
        text: "from huggingface_hub import login\n\nlogin(token='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')\n",
      },
    ],
    prefer: [
      { file: 'train.sh', text: 'export WANDB_API_KEY="$(cat /run/secrets/wandb)"\npython train.py\n' },
      {
        file: 'tracked.py',
        text: "import os\n\nimport wandb\n\nwandb.login(key=os.environ['WANDB_API_KEY'])\nos.environ.setdefault('OMP_NUM_THREADS', '8')\n",
      },
      {
        file: 'compose.yaml',
        text: 'services:\n  mlflow:\n    image: example.org/mlflow:2.20.0\n    command: bash -c "mlflow server --backend-store-uri postgresql://mlflow:$PASSWORD@db/mlflow"\n',
      },
      {
        file: '.github/workflows/sign.yml',
        text: 'on: push\npermissions:\n  id-token: write\njobs:\n  sign:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: make\n',
        note: 'A permission.',
      },
      {
        file: 'gateway.yaml',
        text: 'apiVersion: gateway.envoyproxy.io/v1alpha1\nkind: SecurityPolicy\nspec:\n  oidc:\n    cookieNameOverrides:\n      accessToken: ModelPortalAccessToken7F3a\n',
        note: 'The name of a cookie.',
      },
      {
        file: 'conf/logger.yaml',
        text: 'logger:\n  _target_: lightning.pytorch.loggers.NeptuneLogger\n  api_key: ${oc.env:NEPTUNE_API_TOKEN}\n',
      },
      {
        file: 'litellm.yaml',
        text: 'model_list:\n  - model_name: a\n    litellm_params: {model: openai/a, api_key: os.environ/OPENAI_API_KEY}\ngeneral_settings:\n  master_key: os.environ/MASTER_KEY\n',
      },
      { file: 'tokenizer.yaml', text: 'pad_token: "<|end_of_text|>"\neos_token: "</s>"\nmax_new_tokens: 256\n' },
    ],
    references: [
      { title: 'CWE-798: Use of Hard-coded Credentials', url: 'https://cwe.mitre.org/data/definitions/798.html' },
      {
        title: 'Hugging Face documentation: user access tokens',
        url: 'https://huggingface.co/docs/hub/security-tokens',
      },
    ],
    cwe: [798],
    atlas: ['AML.T0055'],
    owasp: ['LLM02:2025'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    const said = new Map<number, TextRange[]>();
    const seen = (range: TextRange): boolean => {
      const there = said.get(range.line) ?? [];
      // A shape inside of a value that is told of already is the same credential.
      if (there.slice(-lookedBack).some((each) => isInside(range, each))) return true;
      there.push(range);
      said.set(range.line, there);
      return false;
    };
    const tell = (range: TextRange, given: Report): void => {
      if (!seen(range)) report({ ...given, location: placeOf(range) });
    };
    if (isConfig(text)) checkConfig(text, tell, seen);
    else if (text.language === 'python') checkPython(text, tell);
    else {
      if (text.language === 'shell') checkVariables(text, tell);
      checkShapes(text, tell);
      checkCommands(text, tell);
    }
  },
});

/** Of the credentials on one line; a line of thousands is no text that people write. */
const lookedBack = 50;

type Tell = (range: TextRange, report: Report) => void;

/** Values of variables of pods, which have a rule of their own. */
function variablesOf(text: ConfigSubject): ReadonlySet<string> {
  const places = new Set<string>();
  for (const { node } of startedContainers(text))
    for (const { value } of environmentOf(node)) if (value) places.add(placeKey(value.range));
  return places;
}

function placeKey({ line, column }: TextRange): string {
  return `${line}:${column}`;
}

/** @param seen takes places that another rule tells of. */
function checkConfig(text: ConfigSubject, tell: Tell, seen: (range: TextRange) => void): void {
  const known =
    text.language === 'properties' ||
    [...documentsOf(text)].some((document) => kindsOf(document, text.language, text.path).size > 0);
  let variables: ReadonlySet<string> | undefined;
  for (const { path, value, range, innerRange, tag } of scalarsWhere(text.scalars, mayBeSecret)) {
    if (typeof value !== 'string') continue;
    if (path.at(-3) === 'env' && path.at(-1) === 'value' && (variables ??= variablesOf(text)).has(placeKey(range))) {
      seen(innerRange);
      continue;
    }
    const key = keyOf(path);
    const [shaped] = secretsIn(value);
    if (shaped) {
      tell(innerRange, say(withArticle(shaped.issuer), key, 'error', reference(text, range, key)));
      continue;
    }
    if (isAddressWithPassword(withoutName(value))) {
      tell(innerRange, say('a password in an address', key, 'warning'));
      continue;
    }
    const isKongKey = key === 'key' && path.includes('keyauth_credentials');
    // `!Ref Password` and `!GetAtt [Secret, Arn]` name what holds it.
    if (tag !== undefined) continue;
    if ((!isSecretKey(key) && !isKongKey) || isDescription(path) || isSpelling(key, value)) continue;
    const strength = credentialStrength(plainValue(value, path));
    // In a text of no known kind (a translation, a schema's example) a word under such a key is mostly a word.
    if (strength === null || (strength === 'weak' && !known)) continue;
    const severity = strength === 'strong' ? 'error' : 'warning';
    tell(innerRange, say(`a credential (\`${key}\`)`, key, severity, reference(text, range, key)));
  }
  if (text.language === 'properties' || text.language === 'yaml') checkShapes(text, tell);
  checkCommands(text, tell);
}

/** `export WANDB_API_KEY=...`, `NAME=... python train.py`, `docker run -e NAME=...` of a script. */
function checkVariables({ words, text }: ShellSubject, tell: Tell): void {
  for (const { name, value = '', range } of [...assignmentsIn(words), ...commentedOut(text)]) {
    if (!isSecretKey(name) || secretsIn(value).length > 0) continue;
    const strength = credentialStrength(value);
    if (strength !== null)
      tell(range, say(`a credential (\`${name}\`)`, name, strength === 'strong' ? 'error' : 'warning'));
  }
}

/** `# export WANDB_API_KEY=...`: what is out of use can still be used by others. A word in a comment is no credential. */
function commentedOut(text: string): LaunchVariable[] {
  const content = text.replace(/^\uFEFF/, '');
  const lines = new LineIndex(content);
  return [...content.matchAll(/^[ \t]*#+[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)=["']?([^\s"'#;]+)/gm)].flatMap(
    (match) => {
      const [whole, name = '', value = ''] = match;
      if (!isSecretKey(name) || credentialStrength(value) !== 'strong') return [];
      const end = match.index + whole.length;
      return [{ name, value, range: lines.range(end - value.length, end) }];
    },
  );
}

/** Whether a scalar is a credential, or has a key for one. */
function mayBeSecret({ path, value }: ConfigScalar): boolean {
  if (typeof value !== 'string') return false;
  if (path.at(-3) === 'env' && path.at(-1) === 'value') return true;
  const key = keyOf(path);
  if (isSecretKey(key) || (key === 'key' && path.includes('keyauth_credentials'))) return true;
  return secretsIn(value).length > 0 || isAddressWithPassword(withoutName(value));
}

function keyOf(path: readonly (string | number)[]): string {
  return String(path.findLast((part) => typeof part === 'string') ?? '');
}

/** Without the name of a variable before it. */
function withoutName(value: string): string {
  return value.replace(/^[A-Z_\d]+=/, '');
}

/** Addresses with a password among the words of a command: `--backend-store-uri postgresql://user:...@db/mlflow`. */
function checkCommands(text: TextSubject, tell: Tell): void {
  for (const { words } of launchesIn(text, text.path)) {
    for (const { value, range } of words)
      if (isAddressWithPassword(value.replace(/^--?[\w-]+=/, '')))
        tell(range, say('a password in an address', '', 'warning'));
  }
}

/** The `data` of a Kubernetes Secret is written in base64. */
function plainValue(value: string, path: readonly (string | number)[]): string {
  if (path.at(-2) !== 'data' || !/^[A-Za-z0-9+/]{4,}={0,2}$/.test(value)) return value;
  const decoded = Buffer.from(value, 'base64').toString('utf8').trim();
  return /^[\x20-\x7e]+$/.test(decoded) ? decoded : value;
}

/** In a schema or a Kubernetes reference the value names the thing and is not the thing. */
function isDescription(path: readonly (string | number)[]): boolean {
  if (
    path.some(
      (part) =>
        typeof part === 'string' &&
        /^(?:properties|definitions|\$defs|permissions|cookie_?[nN]ames?\w*|secretKeyRef|configMapKeyRef|secretRef|parameters|labels|annotations|matchLabels|args_schema|secretName|examples?)$/.test(
          part,
        ),
    )
  )
    return true;
  // `kind: Secret` with `stringData` is where it belongs, as far as a cluster goes; in a repository it is not.
  // `ServiceToken` of CloudFormation names the function that makes a resource.
  return /\b(?:secretName|existingSecret|secretKey|ServiceToken)\b/.test(String(path.at(-1) ?? ''));
}

/** `access_token: accessToken`: another name of the same, as tables of attributes hold them. */
function isSpelling(key: string, value: string): boolean {
  const bare = (name: string): string => name.toLowerCase().replace(/[^a-z\d]/g, '');
  return bare(key) === bare(value);
}

function isAddressWithPassword(value: string): boolean {
  const match = /^[a-z][\w+.-]*:\/\/[^/@:\s]+:([^/@\s]+)@/i.exec(value);
  return match !== null && credentialStrength(match[1] ?? '') !== null;
}

function checkPython(text: PythonSubject, tell: Tell): void {
  const { strings, calls } = text;
  for (const { value, range, innerRange } of strings) {
    const [shaped] = secretsIn(value);
    if (shaped)
      tell(
        innerRange,
        say(withArticle(shaped.issuer), '', 'error', pythonReference(text, range, environmentName(shaped.issuer))),
      );
  }
  // What a notebook hands to a shell is no string of its code.
  for (const { text: line, range } of text.shell) {
    const [shaped] = secretsIn(line);
    if (shaped) tell(range, say(withArticle(shaped.issuer), '', 'error'));
  }
  for (const { positional, keywords } of callsTo(calls, setsSecret)) {
    const [name, second] = positional;
    const given = keywords['key'] ?? (typeof name?.value === 'string' && isSecretKey(name.value) ? second : undefined);
    if (typeof given?.value !== 'string' || given.innerRange === undefined) continue;
    if (credentialStrength(given.value) === 'strong')
      tell(
        given.innerRange,
        say(`a credential (\`${typeof name?.value === 'string' ? name.value : 'key'}\`)`, '', 'error'),
      );
  }
  for (const key of keywordsIn(calls)) {
    if (!isSecretKey(key)) continue;
    for (const { keywords } of callsWith(calls, key)) {
      const { value, range, innerRange } = keywords[key] ?? {};
      if (typeof value !== 'string' || !range || innerRange === undefined || isSpelling(key, value)) continue;
      const strength = credentialStrength(value);
      // Code is full of names; only what nobody would make up counts.
      if (strength === 'strong')
        tell(
          innerRange,
          say(`a credential (\`${key}\`)`, key, 'error', pythonReference(text, range, environmentName(key))),
        );
    }
  }
}

/** Weights & Biases takes its key as `key`; Kubeflow and others set variables of a step one by one. */
const setsSecret = /^wandb\.login$|\.(?:set_env_variable|add_env_variable|setdefault|setenv|putenv)$/;

/** Wherever it stands: comments, scripts, Dockerfiles. */
function checkShapes(text: TextSubject, tell: Tell): void {
  const content = text.text.replace(/^\uFEFF/, '');
  const found = secretsIn(content);
  if (found.length === 0) return;
  const lines = new LineIndex(content);
  for (const { issuer, start, end } of found) {
    const range = lines.range(start, end);
    // A variable of an image has a rule of its own.
    const isVariable =
      text.language === 'dockerfile' &&
      text.instructions.some(
        ({ keyword, range: own }) => keyword === 'ENV' && own.line <= range.line && range.line <= own.endLine,
      );
    if (!isVariable) tell(range, say(withArticle(issuer), '', 'error'));
  }
}

function say(what: string, key: string, severity: 'error' | 'warning', edits?: Finding['edits']): Report {
  return {
    message: `Holds ${what}: whoever can read this file can use it. Revoke it, and take it from the environment or a secret store.`,
    severity,
    evidence: { what, key },
    fixes: ['use-environment-reference'],
    ...(edits ? { edits } : {}),
  };
}

/** How each kind of configuration takes a value from the environment; others cannot, or it is not known that they can. */
const references: readonly [kind: TextKind, write: (name: string) => string][] = [
  ['hydra', (name) => `\${oc.env:${name}}`],
  ['litellm', (name) => `os.environ/${name}`],
  ['kong', (name) => `"{vault://env/${name.toLowerCase().replaceAll('_', '-')}}"`],
  ['compose', (name) => `\${${name}}`],
  ['github-workflow', (name) => `\${{ secrets.${name} }}`],
];

function reference(text: ConfigSubject, range: TextRange, key: string): Finding['edits'] {
  for (const document of documentsOf(text)) {
    const kinds = kindsOf(document, text.language, text.path);
    const found = references.find(([kind]) => kinds.has(kind));
    if (found && text.language === 'yaml') return environmentEdit(range, found[1](environmentName(key)));
  }
  return undefined;
}

/** Only where `os` is imported already: a fix that needs a second change elsewhere would not be safe. */
function pythonReference(text: PythonSubject, range: TextRange, name: string): Finding['edits'] {
  return /^import os\b/m.test(text.text) ? environmentEdit(range, `os.environ["${name}"]`) : undefined;
}

function environmentEdit(range: TextRange, newText: string): Finding['edits'] {
  return [
    {
      fix: 'use-environment-reference',
      kind: 'suggestion',
      title: `Take it from the environment (${newText})`,
      changes: [replace(range, newText)],
    },
  ];
}

/** `hub_token` -> `HUB_TOKEN`, `vllmApiKey` -> `VLLM_API_KEY`. */
function environmentName(key: string): string {
  const name = key
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/\W+/g, '_')
    .toUpperCase();
  return name === '' ? 'TOKEN' : name === 'HUGGING_FACE_TOKEN' ? 'HF_TOKEN' : name;
}
