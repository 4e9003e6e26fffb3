import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { textLanguage } from '../../formats/text/parse.ts';
import type { Finding } from '../../rules/finding.ts';
import { judgeExample } from '../../rules/exampleFiles.fixture.ts';
import type { Example } from '../../rules/rule.ts';
import { textRules } from '../../rules/textRules.ts';
import { keyAt, valueAt, type HelpedKey } from './keyHelp.ts';

const absent = 'about what is not there: the finding, or the hover of the endpoint, tells it';
const aFile = 'about the file that a path names: a hover on the path tells what it is';
const anything = 'at a key whose word means many things (`value`, `size`, `cmd`)';
const called = 'about a call, whose name is no key';
const version = 'about a version';

/** Rules of texts whose findings stand at no key that could be explained, and why. */
const exceptions: Readonly<Record<string, string>> = {
  'cfg/duplicate-key': 'about a key that stands there twice, whichever it is',
  'cfg/yaml-trap': 'about a value, whatever its key',
  'dataset/invalid-record-in-use': aFile,
  'dataset/lfs-pointer': aFile,
  'dataset/licence-missing': absent,
  'dataset/record-incomplete': absent,
  'dataset/size-mismatch': anything,
  'dataset/stale-lock': anything,
  'dataset/unregistered': aFile,
  'dependency/vulnerable': version,
  'drift/no-baseline': absent,
  'drift/p-value-large-n': anything,
  'endpoint/edge-defaults': absent,
  'endpoint/end-of-life': version,
  'endpoint/no-auth': absent,
  'endpoint/no-client-certificate': absent,
  'endpoint/no-rate-limit': absent,
  'endpoint/no-schema': absent,
  'endpoint/no-structured-log': absent,
  'endpoint/rate-limit-not-enforced': absent,
  'exec/quoted-parameter': anything,
  'exec/request-code': called,
  'fetch/no-checksum': absent,
  'job/no-limits': absent,
  'job/no-security-context': absent,
  'job/secret-in-env': anything,
  'job/vertex-isolation': absent,
  'load/archive-extractall': called,
  'load/native-library': called,
  'load/unsafe-checkpoint': aFile,
  'model/kitfile-path': aFile,
  'model/mlmodel-path': aFile,
  'model/imported-class': 'about files that libraries write, under names that mean much else',
  'load/evaluated-config': 'about layers of an architecture, which are no keys',
  'onnx/configured-library': aFile,
  'secret/notebook-output': 'about what a program has printed',
};

interface Told {
  finding: Finding;
  example: Example & { text: string };
  line: string;
  /** The help of a key on the finding's line that leads to the rule. */
  help: HelpedKey | undefined;
}

const isCode = (file: string) => /\.(?:py|ipynb)$/.test(file);
const hasText = (example: Example): example is Example & { text: string } => example.text !== undefined;

async function findingsOf(id: string, example: Example): Promise<Finding[]> {
  return (await judgeExample(example)).filter(({ ruleId }) => ruleId === id);
}

/** What is found in what a rule's page says to avoid. */
async function toldOf(id: string, avoid: readonly Example[]): Promise<Told[]> {
  const told: Told[] = [];
  for (const example of avoid.filter(hasText).filter(({ file }) => textLanguage(file) !== null)) {
    for (const finding of await findingsOf(id, example)) {
      const line = example.text.split('\n')[(finding.location.line ?? 0) - 1];
      if (line === undefined) continue;
      const keys = [...line].map((_, at) => keyAt(line, at, isCode(example.file)));
      told.push({ finding, example, line, help: keys.find((key) => key?.rules.includes(id)) ?? undefined });
    }
  }
  return told;
}

/** Puts the first safe value there: the rule has nothing more to say of that line. */
async function assertSafe(id: string, { finding, example, line, help }: Told & { help: HelpedKey }): Promise<void> {
  const [safe] = help.safe;
  const behind = line.slice(help.end);
  const before = isCode(example.file) ? /^(?:["']\s*:|(?:\s*:\s*\w+)?\s*=)\s*/ : /^["']?(?:\s*[:=]\s*|["'],\s*|\s+)/;
  const between = before.exec(behind)?.[0] ?? '';
  const value = /^(?:(["']).*?\1|\[[^\]]*\]|[^\s,;)}\]]+)/.exec(behind.slice(between.length));
  if (safe === undefined || !value) return;
  const [whole, quote = ''] = value;
  const put = quote === '' || safe.startsWith('"') ? safe : `${quote}${safe}${quote}`;
  const lines = example.text.split('\n');
  lines[(finding.location.line ?? 0) - 1] =
    `${line.slice(0, help.end)}${between}${put}${behind.slice(between.length + whole.length)}`;
  const left = await findingsOf(id, { ...example, text: lines.join('\n') });
  assert.ok(!left.some(({ message }) => message === finding.message), lines.join('\n'));
}

describe('help with keys', () => {
  for (const { meta } of textRules) {
    test(`${meta.id}: a key that the rule speaks of is explained, and what is offered for it is safe`, async () => {
      const told = await toldOf(meta.id, meta.avoid);
      const explained = told.filter((each): each is Told & { help: HelpedKey } => each.help !== undefined);
      const lines = told.map(({ line }) => line.trim()).join('\n');
      if (exceptions[meta.id] !== undefined) assert.equal(explained.length, 0, `needs no exception:\n${lines}`);
      else assert.notEqual(explained.length, 0, `no help at:\n${lines}`);
      for (const each of explained) await assertSafe(meta.id, each);
    });
  }

  test('words of prose and other names in code are left alone', () => {
    assert.equal(keyAt('The image and the seed of a run', 5, false), null);
    assert.equal(keyAt('# trust_remote_code is off here', 4, false), null);
    assert.equal(keyAt('show(image=first)', 6, true), null);
    assert.deepEqual(keyAt('image: a', 2, false)?.rules, ['pin/container-image', 'pin/image-digest']);
    assert.deepEqual(keyAt('vllm serve a --trust-remote-code --port 1', 20, false)?.rules, ['load/trust-remote-code']);
    assert.deepEqual(keyAt('  default_queue_policy {', 4, false)?.rules, ['endpoint/no-rate-limit']);
    assert.deepEqual(keyAt('vllm serve a --disable-fastapi-docs', 18, false)?.rules, [], 'nothing is reported');
    assert.deepEqual(keyAt('  ssl_verify_client optional; # x', 4, false)?.rules, ['endpoint/mtls-not-enforced']);
  });

  test('values are offered as the language writes them', () => {
    assert.deepEqual(valueAt('trust_remote_code: ', 19, false)?.help.safe, ['false']);
    assert.deepEqual(valueAt('f(trust_remote_code=', 20, true)?.help.safe, ['False']);
    assert.equal(valueAt('def f(trust_remote_code: ', 25, true), null, 'a type');
    assert.deepEqual(valueAt('TrainingArguments(report_to="', 29, true)?.help.safe, ['"none"', '"tensorboard"']);
  });
});
