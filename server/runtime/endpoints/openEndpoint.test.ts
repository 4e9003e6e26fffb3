import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { WeighbridgeError } from '../../errors.ts';
import { featuresOf } from '../drift/features.ts';
import { addressOf, type EndpointOptions } from './endpoint.ts';
import { chatAnswer, promptOf, startLocalModel, type LocalModel, type Script } from './localModel.fixture.ts';
import { openEndpoint } from './openEndpoint.ts';
import { pauseAskedFor, postJson } from './request.ts';

const signal = new AbortController().signal;
const plain = { timeoutMs: 60_000, retries: 0, maxTokens: 100, temperature: 0 };

describe('an endpoint', () => {
  const started: LocalModel[] = [];
  after(() => Promise.all(started.map((each) => each.close())));
  async function local(script: Script): Promise<LocalModel> {
    const model = await startLocalModel(script);
    started.push(model);
    return model;
  }
  const open = (url: string, options: Partial<EndpointOptions> = {}) =>
    openEndpoint({ ...plain, kind: 'openai-chat', url, ...options });

  it('speaks the chat protocol, with the system prompt first and the key only in the header', async () => {
    const model = await local((body) => chatAnswer(`you said ${promptOf(body)}`));
    const endpoint = open(model.url, { model: 'churn', key: 'sk-secret', systemPrompt: 'Be brief.' });
    const answer = await endpoint.ask('hello', signal);
    assert.equal(answer.text, 'you said hello');
    assert.ok(answer.latencyMs > 0);
    const [request] = model.requests;
    assert.equal(request?.path, '/v1/chat/completions');
    assert.equal(request.headers.authorization, 'Bearer sk-secret');
    assert.deepEqual(request.body, {
      model: 'churn',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'hello' },
      ],
      temperature: 0,
      max_tokens: 100,
      seed: 0,
      stream: false,
    });
    assert.ok(!endpoint.name.includes('secret'));
  });

  it('refuses answers that are nested without end, and takes vectors of any length', async () => {
    const nested = '['.repeat(50_000) + ']'.repeat(50_000);
    const caller = await local((_body, _request, response) => {
      response.end(`{"choices":[{"message":{"content":null,"tool_calls":${nested}}}]}`);
    });
    await assert.rejects(open(caller.url).ask('x', signal), {
      code: 'unreachable',
      message: /nested more than 64 deep/,
    });
    const model = await local(() => ({ data: [{ embedding: new Array(300_000).fill(0.5) }] }));
    const answer = await open(model.url, { kind: 'openai-embeddings' }).ask('x', signal);
    const norm = featuresOf([answer]).find(({ name }) => name === 'embedding.norm')?.values[0];
    assert.ok(Math.abs(Number(norm) - Math.sqrt(300_000 * 0.25)) < 1e-6, String(norm));
  });

  it('asks the host that was named, whatever its path looks like, and keeps the query', async () => {
    const model = await local(() => ({ outputs: [{ name: 'y', data: [1] }] }));
    const named = `${new URL(model.url).origin}//elsewhere.invalid/?version=1`;
    await open(named, { kind: 'kserve-v2', model: 'churn' }).ask([], signal);
    assert.equal(model.requests[0]?.path, '//elsewhere.invalid/v2/models/churn/infer?version=1');
  });

  it('keeps short labels, and only the digest of a text that a model wrote', async () => {
    const written = 'a long answer in words that nobody should find in a baseline, again and again';
    const outputs = [
      { name: 'class', data: ['cat'] },
      { name: 'text', data: [written] },
    ];
    const model = await local(() => ({ outputs }));
    const features = featuresOf([await open(`${model.url}/infer`, { kind: 'kserve-v2' }).ask([], signal)]);
    assert.deepEqual(features.find(({ name }) => name === 'class')?.values, ['cat']);
    assert.match(String(features.find(({ name }) => name === 'text')?.values), /^sha256:[0-9a-f]{16}$/);
  });

  it('shows no user, password or query of what is no address', () => {
    for (const wrong of ['ftp://user:s3cret@host/?key=s3cret', 'user:s3cret@host:8000/v1', 'host?key=s3cret']) {
      assert.throws(
        () => addressOf(wrong),
        (error: Error) => error.message.includes('host') && !error.message.includes('s3cret'),
      );
    }
  });

  it('takes what a model calls for its answer, where it calls tools', async () => {
    const message = { role: 'assistant', content: null, tool_calls: [{ function: { name: 'send_mail' } }] };
    const model = await local(() => ({ choices: [{ message }] }));
    assert.match((await open(model.url).ask('x', signal)).text ?? '', /send_mail/);
  });

  it('speaks embeddings, the Open Inference Protocol, and JSON by a template', async () => {
    const embeddings = await local(() => ({ data: [{ embedding: [1, 2, 3] }] }));
    const vector = await open(`${embeddings.url}/v1`, { kind: 'openai-embeddings' }).ask('x', signal);
    assert.deepEqual(vector.numbers, { embedding: [1, 2, 3] });
    assert.equal(embeddings.requests[0]?.path, '/v1/embeddings');

    const kserve = await local(() => ({
      outputs: [
        { name: 'scores', shape: [1, 2], datatype: 'FP32', data: [[0.25, 0.75]] },
        { name: 'label', shape: [1], datatype: 'BYTES', data: ['spam'] },
      ],
    }));
    const inputs = [{ name: 'x', shape: [1, 1], datatype: 'FP32', data: [1] }];
    const inferred = await open(kserve.url, { kind: 'kserve-v2', model: 'a b' }).ask(inputs, signal);
    assert.deepEqual(inferred.numbers, { scores: [0.25, 0.75] });
    assert.deepEqual(inferred.labels, { label: 'spam' });
    assert.equal(kserve.requests[0]?.path, '/v2/models/a%20b/infer');
    assert.deepEqual(kserve.requests[0].body, { inputs });

    const json = await local((body) => ({ result: { score: (body['rows'] as number[][])[0]?.[0] } }));
    const template = { body: { rows: ['{{input}}'], note: 'row {{input}}' }, output: 'result.score' };
    const scored = await open(json.url, { kind: 'json', template }).ask([7, 8], signal);
    assert.deepEqual(scored.numbers, { output: [7] });
    assert.equal(json.requests[0]?.body['note'], 'row [7,8]');
  });

  it('tells of an answer of another shape, and never of what was sent', async () => {
    for (const answer of [{}, { choices: [] }, { choices: [{ message: {} }] }, [1], 'text', null]) {
      const model = await local(() => answer ?? 'null');
      const failed = open(model.url, { key: 'sk-secret' }).ask('my private question', signal);
      await assert.rejects(failed, (error) => {
        assert.ok(error instanceof WeighbridgeError && error.code === 'bad-input');
        assert.doesNotMatch(error.message, /secret|private/);
        return true;
      });
    }
  });

  it('tries again as the server asks, and not where that helps nothing', async () => {
    let left = 2;
    const busy = await local((_body, _request, response) => {
      if (left-- === 0) return { ok: true };
      response.writeHead(left === 1 ? 429 : 503, left === 1 ? { 'retry-after': '7' } : {}).end();
      return undefined;
    });
    const pauses: number[] = [];
    const pause = (ms: number) => Promise.resolve(void pauses.push(ms));
    const { body } = await postJson(new URL(busy.url), {}, { timeoutMs: 60_000, retries: 5, signal, pause });
    assert.deepEqual(body, { ok: true });
    assert.deepEqual(pauses, [7000, 1000]);

    const refusing = await local(() => 401);
    const refused = postJson(new URL(refusing.url), {}, { timeoutMs: 60_000, retries: 5, signal, pause });
    await assert.rejects(refused, /answers with status 401$/);
    assert.equal(refusing.requests.length, 1);
  });

  it('reads what Retry-After says, in seconds or as a date, and no more than two minutes of it', () => {
    const now = Date.parse('2026-01-01T00:00:00Z');
    assert.equal(pauseAskedFor('3', now), 3000);
    assert.equal(pauseAskedFor('Thu, 01 Jan 2026 00:00:05 GMT', now), 5000);
    assert.equal(pauseAskedFor('Thu, 01 Jan 2020 00:00:05 GMT', now), 0);
    assert.equal(pauseAskedFor('86400', now), 120_000);
    assert.equal(pauseAskedFor('soon', now), undefined);
    assert.equal(pauseAskedFor(null, now), undefined);
  });

  it('follows no redirect, reads no endless answer, and waits for none', async () => {
    const elsewhere = await local(() => chatAnswer('from elsewhere'));
    const redirecting = await local((_body, _request, response) => {
      response.writeHead(307, { location: elsewhere.url }).end();
      return undefined;
    });
    await assert.rejects(open(redirecting.url).ask('x', signal), /redirect, which is not followed/);
    assert.equal(elsewhere.requests.length, 0);

    const endless = await local((_body, _request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const more = () => {
        while (!response.destroyed && response.write(' '.repeat(1 << 20)));
      };
      response.on('drain', more);
      more();
      return undefined;
    });
    await assert.rejects(open(endless.url).ask('x', signal), /sends more than 16777216 bytes/);

    const silent = await local(() => undefined);
    await assert.rejects(open(silent.url, { timeoutMs: 50 }).ask('x', signal), /does not answer within 50 ms/);

    const talking = await local((_body, _request, response) => void response.writeHead(200).end('<html>'));
    await assert.rejects(open(talking.url).ask('x', signal), /not JSON/);
  });

  it('says so when nobody is there, and when it is stopped', async () => {
    const gone = await startLocalModel(() => ({}));
    await gone.close();
    await assert.rejects(open(gone.url).ask('x', signal), /cannot be reached \(ECONNREFUSED\)/);
    const silent = await local(() => undefined);
    const stop = new AbortController();
    const asked = open(silent.url).ask('x', stop.signal);
    stop.abort();
    await assert.rejects(asked, (error) => error instanceof WeighbridgeError && error.code === 'cancelled');
  });

  it('takes no address that is none, and none that holds a password', () => {
    for (const address of ['churn', 'file:///etc/passwd', 'ftp://host/', '//host']) {
      assert.throws(() => addressOf(address), /is not$/);
    }
    assert.throws(() => addressOf('http://me:pw@host/'), /put the key into the environment/);
  });
});
