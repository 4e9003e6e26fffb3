// A fake of the part of GitHub's API that comments need, on loopback: comments in pages, with whose they are, and open pull requests.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

export interface Comment {
  id: number;
  body: string;
  user: { login: string };
}

export interface FakeGitHub {
  url: string;
  comments: Comment[];
  pulls: { number: number; head: { sha: string; label: string } }[];
  /** Method and path of each request. */
  requests: string[];
}

/** @param refuse a status for every request, as GitHub gives it without the permission. */
export async function fakeGitHub(context: TestContext, number: number, refuse?: number): Promise<FakeGitHub> {
  const fake: FakeGitHub = { url: '', comments: [], pulls: [], requests: [] };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://fake');
    fake.requests.push(`${request.method} ${url.pathname}`);
    let text = '';
    request.setEncoding('utf8').on('data', (piece: string) => (text += piece));
    request.on('end', () => {
      const [status, answer] = answerTo(`${request.method}`, url, text, request.headers.authorization);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  });
  const answerTo = (method: string, url: URL, text: string, authorization = ''): [number, unknown] => {
    if (authorization !== 'Bearer token-of-the-job') return [401, { message: 'Bad credentials' }];
    if (refuse !== undefined) return [refuse, { message: 'Resource not accessible by integration' }];
    const { body = '' } = text === '' ? {} : (JSON.parse(text) as { body?: string });
    if (body.length > 65_536) return [422, { message: 'Body is too long (maximum is 65536 characters)' }];
    const issue = `/repos/octo/models/issues/${number}/comments`;
    const [size, page] = ['per_page', 'page'].map((name) => Number(url.searchParams.get(name)));
    const [, id] = /^\/repos\/octo\/models\/issues\/comments\/(\d+)$/.exec(url.pathname) ?? [];
    const found = fake.comments.find((comment) => comment.id === Number(id));
    if (method === 'GET' && url.pathname === issue && size && page) {
      return [200, fake.comments.slice((page - 1) * size, page * size)];
    }
    if (method === 'GET' && url.pathname === '/repos/octo/models/pulls') {
      return [200, fake.pulls.filter(({ head }) => head.label === url.searchParams.get('head'))];
    }
    if (method === 'POST' && url.pathname === issue) {
      const comment = { id: 1000 + fake.comments.length, body, user: { login: 'github-actions[bot]' } };
      fake.comments.push(comment);
      return [201, comment];
    }
    if (method === 'PATCH' && found) {
      found.body = body;
      return [200, found];
    }
    return [404, { message: 'Not Found' }];
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => void server.close());
  fake.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return fake;
}
