import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

export interface StandIn {
  /** `http://127.0.0.1:PORT` */
  origin: string;
  /** What was asked, in order. */
  asked: { path: string; range: string | undefined; authorization: string | undefined }[];
}

/** A server on this machine that answers as a test says; it ends with the test. */
export async function standIn(
  context: Pick<TestContext, 'after'>,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  host = '127.0.0.1',
): Promise<StandIn> {
  const asked: StandIn['asked'] = [];
  const server = createServer((request, response) => {
    const { range, authorization } = request.headers;
    asked.push({ path: request.url ?? '', range, authorization });
    answer(request, response);
  });
  server.listen(0, host);
  await once(server, 'listening');
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { origin: `http://${host}:${(server.address() as AddressInfo).port}`, asked };
}

/** Answers a range request as a well-behaved server does. */
export function givePart(request: IncomingMessage, response: ServerResponse, content: Buffer): void {
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  if (from === undefined) {
    response.writeHead(200, { 'content-length': content.length });
    response.end(content);
    return;
  }
  const part = content.subarray(Number(from), Number(to) + 1);
  const range = `bytes ${from}-${Number(from) + part.length - 1}/${content.length}`;
  response.writeHead(206, { 'content-range': range, 'content-length': part.length });
  response.end(part);
}
