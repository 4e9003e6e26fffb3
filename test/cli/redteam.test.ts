import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  chatAnswer,
  promptOf,
  startLocalModel,
  type LocalModel,
} from '../../server/runtime/endpoints/localModel.fixture.ts';
import { shippedSuite } from '../../server/runtime/redteam/suite.ts';
import { program, weighbridge } from './weighbridge.ts';

interface Result {
  decision: string;
  overall: { baselineRate: number | null; candidateRate: number; pValue: number | null; upperBound95: number };
  categories: { category: string; worse: number; pValue: number }[];
  newFailures: string[];
  suiteSha256: string;
  model: { path: string; digest: string } | null;
  outcomes: { id: string; tried: number; succeeded: number }[];
}

describe('weighbridge redteam', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-redteam-'));
  const at = (name: string) => path.join(folder, name);
  const suite = shippedSuite();
  const byPrompt = new Map(suite.attacks.map((attack) => [attack.prompt, attack]));
  /** Attacks that the scripted model falls for. */
  let weak = new Set<string>();
  /** Requests after which the model is gone. */
  let lives = Infinity;
  let busy = 0;
  let model: LocalModel;

  before(async () => {
    model = await startLocalModel((body, _request, response) => {
      if (busy-- > 0) {
        response.writeHead(429, { 'retry-after': '0' }).end();
        return undefined;
      }
      if (lives-- <= 0) return 500;
      const attack = byPrompt.get(promptOf(body));
      const falls = attack !== undefined && weak.has(attack.id);
      return chatAnswer(falls ? `As you wish: ${attack.success.join(' ')}` : `I cannot do that: ${promptOf(body)}`);
    });
    mkdirSync(at('model'));
    writeFileSync(at('model/model.safetensors'), 'weights');
  });
  after(async () => {
    await model.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const attack = (...args: string[]) =>
    weighbridge(folder, ['redteam', '--endpoint', model.url, '--model', 'churn', ...args], {
      WEIGHBRIDGE_ENDPOINT_KEY: 'sk-very-secret',
    });
  const json = ['--format', 'json'];

  it('records what succeeds, and calls that no verdict', async () => {
    weak = new Set(['encoding-01', 'encoding-02', 'persona-05']);
    busy = 3;
    const outcome = await attack(...json, '--output', 'production.json');
    assert.equal(outcome.code, 0, outcome.stderr);
    const text = readFileSync(at('production.json'), 'utf8');
    const result = JSON.parse(text) as Result;
    assert.equal(result.decision, 'undecided');
    assert.equal(result.suiteSha256, suite.sha256);
    assert.equal(result.overall.candidateRate, 3 / suite.attacks.length);
    assert.deepEqual([result.overall.baselineRate, result.overall.pValue], [null, null], 'there, and empty');
    assert.ok(result.overall.upperBound95 > 0.03 && result.overall.upperBound95 < 0.05);
    assert.deepEqual(
      result.outcomes.filter(({ succeeded }) => succeeded > 0).map(({ id }) => id),
      ['encoding-01', 'encoding-02', 'persona-05'],
    );
    assert.doesNotMatch(text, /secret|I cannot do that|As you wish/);
    assert.ok(!existsSync(at('weighbridge-redteam.journal')), 'the journal has done its work');
    assert.equal(model.requests[0]?.headers.authorization, 'Bearer sk-very-secret');
  });

  it('does not flag the same model, nor one that changes a little both ways', async () => {
    const same = await attack('--baseline', 'production.json');
    assert.equal(same.code, 0, same.stderr);
    assert.match(same.stdout, /^No regression was found: 0 succeed that did not before, 0 no longer do/);
    assert.match(same.stdout, /the true rate is below \d\.\d % with 95 % confidence/);
    weak = new Set(['encoding-01', 'persona-05', 'markup-03', 'context-01']);
    const little = await attack('--baseline', 'production.json', ...json);
    assert.equal(little.code, 0);
    const result = JSON.parse(little.stdout) as Result;
    assert.equal(result.decision, 'pass');
    assert.deepEqual(result.newFailures, ['context-01', 'markup-03'], 'told of whatever the test says');
  });

  it('finds a regression, binds the result to the model, and ends with 1', async () => {
    weak = new Set(suite.attacks.filter(({ category }) => category === 'languages').map(({ id }) => id));
    const outcome = await attack(
      '--baseline',
      'production.json',
      '--for',
      'model',
      ...json,
      '--output',
      'evidence.json',
    );
    assert.equal(outcome.code, 1, outcome.stderr);
    const result = JSON.parse(readFileSync(at('evidence.json'), 'utf8')) as Result;
    assert.equal(result.decision, 'fail');
    assert.ok(Number(result.overall.pValue) < 0.001);
    const digest = await weighbridge(folder, ['digest', 'model']);
    assert.equal(result.model?.digest, digest.stdout.trim().split('\n')[0]);
    assert.equal(result.model?.path, 'model', 'nothing of where the repository lies');
    const told = await attack('--baseline', 'production.json');
    assert.match(told.stdout, /^This model is worse than its baseline: 20 succeed that did not before, 3 no longer do/);
    assert.match(told.stdout, /^ {2}languages +20 +0\.0 % +100\.0 %/m);
  });

  it('goes on where it stopped when the server died, and asks nothing twice', async () => {
    weak = new Set(['encoding-01']);
    lives = 60;
    const died = await attack('--retries', '0', '--concurrency', '1');
    assert.equal(died.code, 2);
    assert.match(died.stderr, /answers with status 500/);
    lives = Infinity;
    const asked = model.requests.length;
    const resumed = await attack(...json);
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.equal(model.requests.length - asked, suite.attacks.length - 60);
    assert.deepEqual(
      (JSON.parse(resumed.stdout) as Result).outcomes.map(({ tried }) => tried),
      suite.attacks.map(() => 1),
    );
  });

  it('takes no baseline that was tried otherwise or lacks attacks, and asks nothing then', async () => {
    const asked = model.requests.length;
    const outcome = await attack('--baseline', 'production.json', '--repeats', '3');
    assert.equal(outcome.code, 2, outcome.stdout);
    assert.match(outcome.stderr, /the baseline tried attacks 1 times, and this run would try them 3 times/);
    const short = JSON.parse(readFileSync(at('production.json'), 'utf8')) as Result;
    writeFileSync(at('short.json'), JSON.stringify({ ...short, outcomes: short.outcomes.slice(0, 5) }));
    const lacking = await attack('--baseline', 'short.json');
    assert.equal(lacking.code, 2, lacking.stdout);
    assert.match(lacking.stderr, /the baseline does not have each attack once \(195 of 200 are missing\)/);
    assert.equal(model.requests.length, asked);
  });

  it('calls an answer without text an error, and never a refusal', async () => {
    const scored = await startLocalModel(() => ({ score: 0.5, text: 'no' }));
    try {
      writeFileSync(at('score.json'), '{"body": {"q": "{{input}}"}, "output": "score"}');
      const args = ['redteam', '--endpoint', scored.url, '--journal', 'score.journal', '--protocol'];
      const numeric = await weighbridge(folder, [...args, 'json', '--template', 'score.json']);
      assert.equal(numeric.code, 2, numeric.stdout);
      assert.match(numeric.stderr, /answers with no text: name in the template where the text stands/);
      for (const protocol of ['openai-embeddings', 'kserve-v2']) {
        const outcome = await weighbridge(folder, [...args, protocol]);
        assert.equal(outcome.code, 2, outcome.stdout);
        assert.match(outcome.stderr, /--protocol/);
      }
    } finally {
      await scored.close();
    }
  });

  it('survives being killed', async () => {
    let answered = 0;
    const killed = await startLocalModel((body) => {
      answered++;
      if (answered === 40) child.kill('SIGKILL');
      return chatAnswer(promptOf(body));
    });
    const args = ['redteam', '--endpoint', killed.url, '--concurrency', '1', '--journal', 'killed.journal'];
    const child = spawn(process.execPath, [program, ...args], { cwd: folder, stdio: 'ignore' });
    try {
      await once(child, 'exit');
      assert.ok(existsSync(at('killed.journal.lock')), 'left by the kill, and taken over');
      // What a kill leaves at worst: a line that was being written.
      writeFileSync(at('killed.journal'), `${readFileSync(at('killed.journal'), 'utf8')}{"id":"enco`);
      const before = killed.requests.length;
      const resumed = await weighbridge(folder, args);
      assert.equal(resumed.code, 0, resumed.stderr);
      const again = killed.requests.length - before;
      assert.ok(again >= suite.attacks.length - 40 && again < suite.attacks.length, String(again));
    } finally {
      await killed.close();
    }
  });

  it('lets no two runs write one journal', async () => {
    let held: (() => void)[] | null = [];
    let begun = (): void => undefined;
    const asked = new Promise<void>((resolve) => (begun = resolve));
    const slow = await startLocalModel((body, _request, response) => {
      const answer = chatAnswer(promptOf(body));
      begun();
      if (held === null) return answer;
      held.push(() => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer)));
      return undefined;
    });
    const release = () => {
      const waiting = held ?? [];
      held = null;
      waiting.forEach((answer) => answer());
    };
    const args = ['redteam', '--endpoint', slow.url, '--journal', 'shared.journal'];
    try {
      const one = weighbridge(folder, args);
      await asked;
      const other = await weighbridge(folder, args);
      release();
      assert.equal(other.code, 2, other.stdout);
      assert.match(other.stderr, /shared\.journal is in use by another run \(process \d+\): wait for it/);
      assert.equal((await one).code, 0);
      assert.ok(!existsSync(at('shared.journal.lock')));
    } finally {
      release();
      await slow.close();
    }
  });

  it('takes no answers of a run with another temperature', async () => {
    assert.equal((await attack('--max-requests', '5', '--journal', 'warm.journal')).code, 2);
    const warmer = await attack('--temperature', '1', '--journal', 'warm.journal');
    assert.equal(warmer.code, 2, warmer.stdout);
    assert.match(warmer.stderr, /warm\.journal is of another run \(suite, .*temperature differ\)/);
  });

  it('stops at the cap, and goes on with a higher one', async () => {
    const asked = model.requests.length;
    const capped = await attack('--max-requests', '25');
    assert.equal(capped.code, 2);
    assert.match(
      capped.stderr,
      /the cap --max-requests 25 is reached after 2\d of 200 answers: run it again with a higher one/,
    );
    assert.equal(model.requests.length - asked, 25);
    const tokens = await attack('--max-tokens', '10');
    assert.match(tokens.stderr, /the cap --max-tokens 10 is reached/);
    const other = await attack('--repeats', '2');
    assert.equal(other.code, 2);
    assert.match(other.stderr, /is of another run .*: remove it, or name another with --journal/);
    assert.equal((await attack()).code, 0);
  });

  it('takes suites of others: its own format, and tests of promptfoo', async () => {
    writeFileSync(
      at('own.yaml'),
      'name: ours\nversion: 3\nsystem: Be kind.\nattacks:\n  - id: greet\n    category: tone\n    prompt: Say the greeting.\n    success: I cannot\n',
    );
    const own = await attack('--suite', 'own.yaml', ...json, '--journal', 'own.journal');
    assert.equal(own.code, 0, own.stderr);
    assert.equal((JSON.parse(own.stdout) as Result).overall.candidateRate, 1);
    writeFileSync(
      at('promptfoo.yaml'),
      [
        "prompts: ['Tell me about {{topic}}']",
        'tests:',
        '  - description: refuses',
        '    vars: {topic: scales}',
        "    assert: [{type: icontains, value: 'I CANNOT'}, {type: not-contains, value: sorry}]",
        '  - description: quotes',
        '    vars: {topic: weights}',
        "    assert: [{type: not-regex, value: 'about {{topic}}$'}]",
      ].join('\n'),
    );
    const foo = await attack('--suite', 'promptfoo.yaml', ...json, '--journal', 'foo.journal');
    assert.equal(foo.code, 0, foo.stderr);
    assert.deepEqual(
      (JSON.parse(foo.stdout) as Result).outcomes.map(({ id, succeeded }) => [id, succeeded]),
      [
        ['refuses', 0],
        ['quotes', 1],
      ],
    );
  });

  it('tells mistakes in one line each', async () => {
    writeFileSync(at('judge.yaml'), 'prompts: [a]\ntests: [{assert: [{type: llm-rubric, value: nice}]}]\n');
    writeFileSync(at('echo.yaml'), 'attacks: [{prompt: print OTTER, success: otter}]\n');
    writeFileSync(
      at('bomb.yaml'),
      'a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nattacks: [*c,*c,*c,*c]\n',
    );
    writeFileSync(at('list.json'), '[]');
    const cases: [args: string[], expected: RegExp][] = [
      [[], /name what to ask/],
      [['--endpoint', model.url, '--suite', 'gone.yaml'], /gone\.yaml is not there/],
      [
        ['--endpoint', model.url, '--suite', 'judge.yaml'],
        /test 1: the assertion "llm-rubric" is not decided by the text of the answer alone/,
      ],
      [['--endpoint', model.url, '--suite', 'echo.yaml'], /attack 1 holds its own "success"/],
      [['--endpoint', model.url, '--suite', 'bomb.yaml'], /bomb\.yaml: /],
      [['--endpoint', model.url, '--suite', 'list.json'], /it has neither "attacks" nor the "tests" of promptfoo/],
      [
        ['--endpoint', model.url, '--suite', 'own.yaml', '--baseline', 'production.json'],
        /the baseline is of another suite/,
      ],
      [['--endpoint', model.url, '--baseline', 'list.json'], /list\.json is no result of weighbridge redteam/],
      [['--endpoint', model.url, '--for', 'nowhere'], /nowhere is not there/],
      [['--endpoint', model.url, '--journal', 'model/model.safetensors'], /is of another run/],
      [['--endpoint', 'http://127.0.0.1:1', '--retries', '0', '--journal', 'x.journal'], /cannot be reached/],
      [[model.url], /name the address with --endpoint/],
    ];
    for (const [args, expected] of cases) {
      const outcome = await weighbridge(folder, ['redteam', ...args]);
      assert.equal(outcome.code, 2, `${args.join(' ')}: ${outcome.stdout}`);
      assert.match(outcome.stderr, expected);
      assert.equal(outcome.stderr.trimEnd().split('\n').length, 1, outcome.stderr);
    }
    assert.equal(readFileSync(at('model/model.safetensors'), 'utf8'), 'weights', 'nothing is overwritten');
  });
});
