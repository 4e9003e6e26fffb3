import assert from 'node:assert/strict';
import dns from 'node:dns/promises';
import { mock, test } from 'node:test';
import { standIn } from '../standIn.fixture.ts';
import { bodyOf, exchange, isInternal, Traffic, type Authorize } from './exchange.ts';

const secret: Authorize = ({ headers }) => Promise.resolve({ ...headers, authorization: 'Bearer hf_secret' });

test('a redirect to another host carries no credentials, and one to the same host does', async (context) => {
  const elsewhere = await standIn(context, (_request, response) => response.end('content'));
  const home = await standIn(context, (request, response) => {
    const location = request.url === '/start' ? '/again' : `${elsewhere.origin}/stored?signature=x`;
    response.writeHead(302, { location }).end();
  });
  const answer = await exchange({ url: new URL(`${home.origin}/start`), authorize: secret }, new Traffic());
  assert.equal((await bodyOf(answer, 100)).toString(), 'content');
  assert.deepEqual(
    home.asked.map(({ authorization }) => authorization),
    ['Bearer hf_secret', 'Bearer hf_secret'],
  );
  assert.deepEqual(
    elsewhere.asked.map(({ authorization }) => authorization),
    [undefined],
  );
});

test('redirects in a circle end', async (context) => {
  const { origin, asked } = await standIn(context, (_request, response) =>
    response.writeHead(302, { location: '/round' }).end(),
  );
  const going = exchange({ url: new URL(origin), authorize: secret }, new Traffic());
  await assert.rejects(going, /more than 5 redirects/);
  assert.equal(asked.length, 6);
});

for (const [location, told] of [
  ['http://hub.example/file', /redirect from https to http/],
  ['https://169.254.169.254/latest/meta-data', /to an address of this machine or its network/],
  ['https://[::ffff:127.0.0.1]/', /to an address of this machine or its network/],
  ['https://localhost:9000/', /to an address of this machine or its network/],
  ['https://metadata.google.internal./', /to an address of this machine or its network/],
  ['file:///etc/passwd', /redirect to file:/],
] as const) {
  test(`a public server's redirect to ${location} is not followed`, async (context) => {
    const asked: string[] = [];
    const fetched = mock.method(globalThis, 'fetch', (url: URL) => {
      asked.push(url.href);
      return Promise.resolve(new Response(null, { status: 302, headers: { location } }));
    });
    context.after(() => fetched.mock.restore());
    const going = exchange({ url: new URL('https://hub.example/model'), authorize: secret }, new Traffic());
    await assert.rejects(going, told);
    assert.deepEqual(asked, ['https://hub.example/model']);
  });
}

test('a redirect to a name that stands for an address of this network is not followed', async (context) => {
  const asked: string[] = [];
  const fetched = mock.method(globalThis, 'fetch', (url: URL) => {
    asked.push(url.href);
    return Promise.resolve(new Response(null, { status: 302, headers: { location: 'https://evil.example/x' } }));
  });
  const looked = mock.method(dns, 'lookup', (name: string) =>
    Promise.resolve([{ address: name === 'evil.example' ? '169.254.169.254' : '8.8.8.8', family: 4 }]),
  );
  context.after(() => {
    fetched.mock.restore();
    looked.mock.restore();
  });
  const going = exchange({ url: new URL('https://hub.example/model'), authorize: secret }, new Traffic());
  await assert.rejects(going, /to an address of this machine or its network/);
  assert.deepEqual(asked, ['https://hub.example/model']);
});

test('addresses of this machine and its network are known', () => {
  for (const host of [
    'localhost',
    'a.localhost',
    '127.1.2.3',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
  ])
    assert.ok(isInternal(host), host);
  for (const host of ['[::1]', '[fd00::1]', '[fe80::1]', '[::ffff:a00:1]', '100.64.0.1', 'metadata.google.internal'])
    assert.ok(isInternal(host), host);
  for (const host of ['hub.example', '8.8.8.8', '172.32.0.1', '[2606:4700::1]']) assert.ok(!isInternal(host), host);
});

test('a body that is longer than it may be is cut off', async (context) => {
  const { origin } = await standIn(context, (_request, response) => {
    const block = Buffer.alloc(64 << 10);
    const more = () => {
      while (!response.destroyed && response.write(block));
    };
    response.on('drain', more);
    more();
  });
  const answer = await exchange({ url: new URL(origin), authorize: secret }, new Traffic());
  await assert.rejects(bodyOf(answer, 1_000_000), /sends more than 1000000 bytes/);
});

test('what is refused is told without the query and without credentials', async (context) => {
  const { origin } = await standIn(context, (_request, response) => response.writeHead(403).end());
  const url = new URL(`${origin.replace('//', '//user:password@')}/file?X-Amz-Signature=abc`);
  await assert.rejects(exchange({ url, authorize: secret }, new Traffic()), (error: Error) => {
    assert.match(error.message, /^http:\/\/127\.0\.0\.1:\d+\/file refuses access \(403\)$/);
    return true;
  });
});
