import { callsTo, callsWith, keywordsIn } from '../../formats/text/pythonCalls.ts';
import { dealias, leafAt, mappingsIn, textAt } from '../../formats/text/configTree.ts';
import type { ConfigScalar, PythonCall, TextRange } from '../../formats/text/facts.ts';
import { isFalse } from '../../formats/text/dynamicValue.ts';
import { launchesIn, launchVariables } from '../../formats/text/launches.ts';
import { isInside } from '../../formats/text/ranges.ts';
import { flagOf, wordsOf } from '../../formats/text/shellWords.ts';
import type { Finding } from '../finding.ts';
import { defineRule, type Report } from '../rule.ts';
import { documentsOf, isConfig, lacks, type ConfigSubject, type PythonSubject, type TextSubject } from '../text.ts';
import { placeOf, replace } from './place.ts';
import { Siblings } from './siblings.ts';

/** How far a revision ties down the code that runs. `unknown`: it is computed, or the model is a local folder. */
type Pin = 'commit' | 'none' | 'unknown';

export const trustRemoteCode = defineRule({
  subject: 'text',
  meta: {
    id: 'load/trust-remote-code',
    title: 'The model brings its own code, which runs when it is loaded',
    severity: 'warning',
    description:
      'A config or a call sets `trust_remote_code` to true: the loader downloads the Python files of the model repository and runs them. It is an error when no revision of forty hexadecimal digits stands beside it, because then tomorrow’s load runs what the repository holds tomorrow. A revision that is computed, and a model in a local folder, leave it a warning. The command-line spelling `--trust-remote-code` counts, too, wherever a file has a program started with it. Where a call takes the option from elsewhere (`args.trust_remote_code`), the default counts that the same file gives to it.',
    why: 'Whoever can push to that repository, or takes over the account or the name, runs code on your training and serving machines with your tokens in the environment. A branch or a tag can be moved; only a commit cannot.',
    howToFix:
      'Set it to false: most architectures have long been part of the library. Where the code is needed, read it, pin `revision` (and `code_revision`, when the code lives in another repository) to the full commit hash that you read, and keep a copy.',
    avoid: [
      {
        file: 'job.yaml',
        text: 'apiVersion: ray.io/v1\nkind: RayJob\nmetadata: {name: tune}\nspec:\n  entrypoint: python tune.py --model org/custom-model --trust-remote-code\n',
      },
      {
        file: 'service.yaml',
        text: 'apiVersion: serving.kserve.io/v1alpha1\nkind: LLMInferenceService\nmetadata: {name: chat}\nspec:\n  template:\n    containers:\n      - name: main\n        image: example.org/vllm:1\n        env:\n          - name: VLLM_ADDITIONAL_ARGS\n            value: "--seed 1 --trust-remote-code"\n',
        note: 'Arguments that stand in a variable.',
      },
      {
        file: 'compose.yaml',
        text: 'services:\n  tgi:\n    image: example.org/tgi:2.4.0\n    environment:\n      - MODEL_ID=org/model\n      - TRUST_REMOTE_CODE=true\n',
        note: 'Servers take it from a variable, too.',
      },
      {
        file: 'train.yaml',
        text: 'base_model: org/custom-model\ntrust_remote_code: true\n',
        note: 'Runs whatever the repository holds at the time.',
      },
      {
        file: 'train.py',
        text: "from transformers import AutoModel\n\nmodel = AutoModel.from_pretrained('org/custom-model', revision='main', trust_remote_code=True)\n",
        note: '`main` is a branch: it moves.',
      },
      {
        file: 'evaluate.py',
        text: "import argparse\n\nfrom transformers import AutoModel\n\nparser = argparse.ArgumentParser()\nparser.add_argument('--model')\nparser.add_argument('--trust-remote-code', default=True)\nargs = parser.parse_args()\nmodel = AutoModel.from_pretrained(args.model, trust_remote_code=args.trust_remote_code)\n",
        note: 'On unless somebody turns it off.',
      },
      {
        file: 'helper.py',
        text: 'from transformers import AutoModel\n\n\ndef load(name: str, trust_remote_code: bool = True):\n    return AutoModel.from_pretrained(name, trust_remote_code=trust_remote_code)\n',
      },
      {
        file: 'compose.yaml',
        text: 'services:\n  chat:\n    image: vllm/vllm-openai:v0.9.0\n    command: --model org/custom-model --trust-remote-code\n',
      },
    ],
    prefer: [
      {
        file: 'compose.yaml',
        text: 'services:\n  tgi:\n    image: example.org/tgi:2.4.0\n    environment:\n      TRUST_REMOTE_CODE: "false"\n      NO_TRUST_REMOTE_CODE: "true"\n',
      },
      { file: 'train.yaml', text: 'base_model: org/plain-model\ntrust_remote_code: false\n' },
      {
        file: 'train.py',
        text: "from transformers import AutoModel\n\nmodel = AutoModel.from_pretrained('org/plain-model')\n",
        note: 'The default is false.',
      },
      {
        file: 'evaluate.py',
        text: "import argparse\n\nfrom transformers import AutoModel\n\nparser = argparse.ArgumentParser()\nparser.add_argument('--model')\nparser.add_argument('--trust-remote-code', action='store_true')\nargs = parser.parse_args()\nmodel = AutoModel.from_pretrained(args.model, trust_remote_code=args.trust_remote_code)\n",
        note: 'Off unless somebody asks for it.',
      },
    ],
    references: [
      {
        title: 'Transformers documentation: custom models',
        url: 'https://huggingface.co/docs/transformers/custom_models',
      },
      {
        title: 'CWE-494: Download of Code Without Integrity Check',
        url: 'https://cwe.mitre.org/data/definitions/494.html',
      },
    ],
    cwe: [829, 494],
    atlas: ['AML.T0010.001', 'AML.T0010.003', 'AML.T0011.000'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['GOVERN 6.1', 'MAP 4.2'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    // The words are not looked for in the text itself: a config can write them with escapes.
    if (text.language === 'python') checkPython(text, report);
    else if (isConfig(text)) checkConfig(text, report);
    else checkLaunches(text, new Set(), report);
    if (text.language === 'python') checkLaunches(text, new Set(), report);
  },
});

function checkConfig(text: ConfigSubject, report: (report: Report) => void): void {
  const places = new Set<string>();
  let known: Siblings | undefined;
  const siblings = () => (known ??= new Siblings(text.scalars));
  for (const scalar of lacks(text, /trust/i) ? [] : text.scalars) {
    const key = scalar.path.at(-1);
    if (isFlag(key) && isTrue(scalar.value)) {
      const values = new Map(
        siblings()
          .of(scalar)
          .map((other) => [normal(other.path.at(-1)), other.value]),
      );
      const written = `\`${key}: true\``;
      places.add(`${scalar.range.line}:${scalar.range.column}`);
      // A variable stays a text.
      const range = typeof scalar.value === 'string' ? scalar.innerRange : scalar.range;
      report(say(written, pinOf(values), scalar.range, edit(range, 'false')));
    } else if (typeof scalar.value === 'string' && isArgument(scalar.value) && !isOfStack(text, scalar)) {
      const values = argumentValues(siblings().of(scalar));
      places.add(`${scalar.innerRange.line}:${scalar.innerRange.column}`);
      report(say(`\`${scalar.value}\``, pinOf(values), scalar.innerRange));
    }
  }
  checkCharts(text, places, report);
  checkLaunches(text, places, report);
}

/** Arguments of the vLLM production stack: its launches know the model, too. */
function isOfStack(text: ConfigSubject, { path }: ConfigScalar): boolean {
  return path.includes('extraArgs') && path.includes('modelSpec') && [...documentsOf(text, 'vllm-stack')].length > 0;
}

/** Values of a chart: a whole command line in one text, and variables by name and value. */
function checkCharts(text: ConfigSubject, places: Set<string>, report: (report: Report) => void): void {
  for (const document of documentsOf(text, 'helm-values', 'vllm-stack')) {
    for (const { node } of mappingsIn(document)) {
      const variable = textAt(node, 'name');
      const value = leafAt(node, 'value');
      if (variable !== undefined && value && isFlag(variable) && isTrue(value.value)) {
        places.add(`${value.range.line}:${value.range.column}`);
        report(say(`\`${variable}: ${String(value.value)}\``, 'none', value.range, edit(value.innerRange, 'false')));
      }
      for (const { value: given } of node.entries) {
        const leaf = dealias(given);
        if (leaf?.kind !== 'scalar' || typeof leaf.value !== 'string' || !/\s/.test(leaf.value.trim())) continue;
        const flag = flagOf(wordsOf(leaf), 'trust-remote-code');
        if (flag && (flag.value === null || !isFalse(flag.value)))
          report(say('`--trust-remote-code`', 'none', flag.range));
      }
    }
  }
}

/** Programs that are started with the option in a command line; lists of arguments were looked at as such. @param places of those. */
function checkLaunches(text: TextSubject, places: ReadonlySet<string>, report: (report: Report) => void): void {
  const said = new Set(places);
  const isSaid = ({ line, column }: TextRange): boolean => {
    const key = `${line}:${column}`;
    return said.has(key) || !said.add(key);
  };
  for (const { name, value, range } of launchVariables(text, text.path)) {
    // Arguments for the server that stand in a variable: `VLLM_ADDITIONAL_ARGS: --trust-remote-code --seed 1`.
    if (/ARG(?:UMENT)?S$/.test(name) && givesFlag(value ?? '') && !isSaid(range)) {
      report(say(`\`${name}=... --trust-remote-code\``, 'none', range));
      continue;
    }
    // Services of Compose share what they merge.
    if (!isFlag(name) || !isTrue(value ?? null) || isSaid(range)) continue;
    report(say(`\`${name}=${value}\``, 'none', range));
  }
  for (const { words } of launchesIn(text, text.path)) {
    const flag = flagOf(words, 'trust-remote-code');
    if (!flag || (flag.value !== null && isFalse(flag.value))) continue;
    if (isSaid(flag.range)) continue;
    const values = new Map<string, unknown>();
    for (const name of [...revisionKeys, 'model', 'model_id', 'model_path']) {
      const given = flagOf(words, name);
      if (given) values.set(name === 'model_id' ? 'model' : name, given.value ?? undefined);
    }
    const serve = words.findIndex(({ value }) => value === 'serve');
    const served = words[serve + 1]?.value;
    if (serve >= 0 && served !== undefined && !served.startsWith('-')) values.set('model', served);
    report(
      say('`--trust-remote-code`', pinOf(values), {
        ...flag.range,
        endLine: flag.range.line,
        endColumn: flag.range.column + '--trust-remote-code'.length,
      }),
    );
  }
}

function checkPython(text: PythonSubject, report: (report: Report) => void): void {
  // Whoever names an option so hands it on, here or in another file.
  const asked = new Set(['trust_remote_code']);
  for (const call of callsWith(text.calls, 'trust_remote_code')) {
    const flag = call.keywords['trust_remote_code'];
    if (flag?.value === undefined && flag?.name !== undefined) asked.add(flag.name.replace(/^.*\./, ''));
    if (flag?.value !== true && flag?.value !== 1) continue;
    const written = call.callee === 'dict' ? '`"trust_remote_code": True`' : '`trust_remote_code=True`';
    report(say(written, pinOfCall(call), flag.range, edit(flag.range, 'False')));
  }
  for (const name of [...keywordsIn(text.calls)].filter((each) => each !== 'trust_remote_code' && isFlag(each))) {
    for (const call of callsWith(text.calls, name)) {
      const flag = call.keywords[name];
      if (flag && isTrue(flag.value ?? null))
        report(
          say(
            `\`${name}: ${String(flag.value)}\``,
            pinOfCall(call),
            flag.range,
            edit(flag.innerRange ?? flag.range, flag.innerRange ? 'false' : 'False'),
          ),
        );
    }
  }
  checkHandedOn(text, report);
  checkDefaults(text, asked, report);
}

/** `kwargs["trust_remote_code"] = True`, `kwargs.setdefault(...)`, and programs that the code starts with the option. */
function checkHandedOn({ calls, strings, text }: PythonSubject, report: (report: Report) => void): void {
  for (const { positional } of callsTo(calls, /\.setdefault$/)) {
    const [name, value] = positional;
    if (name?.value === 'trust_remote_code' && value?.value === true)
      report(say('`"trust_remote_code", True`', 'none', value.range, edit(value.range, 'False')));
  }
  const started = callsTo(calls, /^(?:subprocess\.\w+|os\.exec\w+|os\.(?:system|popen))$/);
  for (const { value, innerRange } of started.length === 0 ? [] : strings)
    if (givesFlag(value) && started.some(({ range }) => isInside(innerRange, range)))
      report(say('`--trust-remote-code`', 'none', innerRange));
  if (!/trust_remote_code\\?["']\]/.test(text)) return;
  for (const [index, line] of text.split('\n').entries()) {
    const match = /^[^#]*\[\\?["']trust_remote_code\\?["']\]\s*=\s*True\b/.exec(line.slice(0, 400));
    if (!match) continue;
    const endColumn = match[0].length + 1;
    report(
      say('`["trust_remote_code"] = True`', 'none', {
        line: index + 1,
        column: endColumn - 4,
        endLine: index + 1,
        endColumn,
      }),
    );
  }
}

/** Where a call takes the option from elsewhere (`args.trust_remote_code`), the default that this file gives to it decides. */
function checkDefaults(text: PythonSubject, asked: ReadonlySet<string>, report: (report: Report) => void): void {
  const said = new Set<string>();
  for (const { name, value } of text.defaults) {
    if (!asked.has(name) || (value.value !== true && value.value !== 1)) continue;
    const key = `${value.range.line}:${value.range.column}`;
    if (said.has(key)) continue;
    said.add(key);
    report({
      message: `Loads code from the hub at run time unless it is told not to: \`${name}\` is true by default. Make the default false.`,
      severity: 'warning',
      location: placeOf(value.range),
      evidence: { option: 'trust_remote_code', pinned: 'unknown', default: name },
      fixes: ['set-trust-remote-code-false'],
      edits: edit(value.range, 'False'),
    });
  }
}

function say(written: string, pin: Pin, range: TextRange, edits?: Finding['edits']): Report {
  const what =
    pin === 'none'
      ? `Loads code from the hub at run time (${written}), and the revision is not pinned. Set it to false, or pin a commit.`
      : pin === 'commit'
        ? `Loads code from the hub at run time (${written}); the revision is pinned. Set it to false, unless someone read the code of that commit.`
        : `Runs the code that comes with the model (${written}). Set it to false, or pin a commit whose code someone read.`;
  return {
    message: what,
    severity: pin === 'none' ? 'error' : 'warning',
    location: placeOf(range),
    evidence: { option: 'trust_remote_code', pinned: pin },
    ...(edits ? { fixes: ['set-trust-remote-code-false'], edits } : {}),
  };
}

function edit(range: TextRange, newText: string): Finding['edits'] {
  return [
    {
      fix: 'set-trust-remote-code-false',
      kind: 'suggestion',
      title: 'Set trust_remote_code to false',
      changes: [replace(range, newText)],
    },
  ];
}

function isFlag(key: string | number | undefined): key is string {
  return /^(?:(?!.*(?:^|_)(?:no|not|disable|forbid|never|without)_trust).+_)?trust_remote_code$/.test(normal(key));
}

/** YAML 1.1, which most trainers read, has more words for true than YAML 1.2. */
function isTrue(value: ConfigScalar['value']): boolean {
  return value === true || value === 1 || (typeof value === 'string' && /^(?:true|yes|on|1)$/i.test(value));
}

/** Whether the option stands among the words of a text. */
function givesFlag(text: string): boolean {
  return /(?:^|\s)--trust[-_]remote[-_]code(?:$|\s(?!\s*false)|=(?!false\b))/i.test(text);
}

function isArgument(value: string): boolean {
  return /^--trust[-_]remote[-_]code(?:=(?:true|1|yes))?$/i.test(value);
}

function normal(key: string | number | undefined): string {
  return String(key).toLowerCase().replaceAll('-', '_');
}

const revisionKeys = ['revision', 'revision_of_model', 'model_revision', 'code_revision'];
const modelKeys = [
  'base_model',
  'model_name_or_path',
  'pretrained_model_name_or_path',
  'model_name',
  'model',
  'model_path',
  'path',
];

function pinOf(values: ReadonlyMap<string, unknown>): Pin {
  const revisions = revisionKeys.flatMap((key) => (values.has(key) ? [values.get(key)] : []));
  if (revisions.some(isCommit)) return 'commit';
  if (revisions.some((revision) => revision === undefined || isComputed(revision))) return 'unknown';
  const model = modelKeys.map((key) => values.get(key)).find((value) => typeof value === 'string');
  return model !== undefined && isLocal(model) ? 'unknown' : 'none';
}

function pinOfCall(call: PythonCall): Pin {
  const values = new Map(Object.entries(call.keywords).map(([key, { value }]) => [key, value as unknown]));
  const first = call.positional[0];
  if (typeof first?.value === 'string' && !modelKeys.some((key) => values.has(key))) values.set('model', first.value);
  const pin = pinOf(values);
  return pin === 'none' && call.spread === true ? 'unknown' : pin;
}

/** `--revision abc` and `--revision=abc` of a list of arguments, and what `--model` names. */
function argumentValues(scalars: readonly ConfigScalar[]): Map<string, unknown> {
  const values = new Map<string, unknown>();
  scalars.forEach(({ value }, index) => {
    const match = typeof value === 'string' ? /^--([\w-]+)(?:=(.*))?$/s.exec(value) : null;
    if (match) values.set(normal(match[1]), match[2] ?? scalars[index + 1]?.value ?? null);
  });
  return values;
}

function isCommit(revision: unknown): boolean {
  return typeof revision === 'string' && /^[0-9a-f]{40}$/i.test(revision);
}

function isComputed(value: unknown): boolean {
  return typeof value === 'string' && /\$\{|\{\{|\$\(|^\$\w/.test(value);
}

function isLocal(model: string): boolean {
  return /^(?:\.{1,2}[\\/]|\/|~|[A-Za-z]:[\\/])/.test(model);
}
