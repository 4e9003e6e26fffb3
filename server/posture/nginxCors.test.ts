import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { corsCases } from './nginxCors.fixture.ts';
import { cells, postureOfText, weak } from './posture.fixture.ts';

describe('origins in nginx', () => {
  for (const { title, text, found } of corsCases)
    test(title, async () => assert.deepEqual(await weak('nginx.conf', text), found));
});

describe('sizes in nginx', () => {
  const server = (location: string, http = '', more = ''): string =>
    `events {}\nhttp {\n  ${http}\n  server {\n    listen 8080;\n    location / {\n      ${location}\n      proxy_pass http://127.0.0.1:1;\n    }\n    ${more}\n  }\n}\n`;
  const size = async (text: string): Promise<string | undefined> =>
    cells(await postureOfText('nginx.conf', text)).sizeLimit;

  test('0 is any size, with a unit too', async () => {
    for (const value of ['0', '0m', '00k'])
      assert.equal(await size(server(`client_max_body_size ${value};`)), `not-enforced: client_max_body_size ${value}`);
    assert.equal(await size(server('client_max_body_size 10m;')), 'enforced: client_max_body_size 10m');
    assert.match((await size(server(''))) ?? '', /^enforced: a megabyte/);
  });

  test('one place without a limit is enough; a limit of its own is one', async () => {
    const other = 'location /upload { client_max_body_size 0; proxy_pass http://127.0.0.1:2; }';
    assert.match((await size(server('client_max_body_size 1m;', '', other))) ?? '', /^not-enforced/);
    assert.match((await size(server('', '', other))) ?? '', /^not-enforced/);
    assert.equal(
      await size(server('client_max_body_size 1m;', 'client_max_body_size 0;')),
      'enforced: client_max_body_size 1m',
    );
    assert.match((await size(server('', 'client_max_body_size 0;'))) ?? '', /^not-enforced/);
  });

  test('a place that hands nothing on needs none', async () => {
    const files = 'location /files { client_max_body_size 0; root /srv; }';
    assert.match((await size(server('', '', files))) ?? '', /^enforced: a megabyte/);
  });
});
