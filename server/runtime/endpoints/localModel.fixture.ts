import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a scripted model does with one request. */
export type Script = (body: Record<string, unknown>, request: IncomingMessage, response: ServerResponse) => unknown;

export interface LocalModel {
  url: string;
  /** Requests so far, with their bodies and headers. */
  requests: { body: Record<string, unknown>; headers: IncomingMessage['headers']; path: string }[];
  close(): Promise<void>;
}

/**
 * A model behind HTTP on this machine, which answers as the script says: an object is sent as JSON, a number is a status,
 * and undefined leaves the response to the script.
 */
export async function startLocalModel(script: Script): Promise<LocalModel> {
  const requests: LocalModel['requests'] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      const body = JSON.parse(text || '{}') as Record<string, unknown>;
      requests.push({ body, headers: request.headers, path: request.url ?? '' });
      const answer = script(body, request, response);
      if (typeof answer === 'number') response.writeHead(answer).end();
      else if (answer !== undefined)
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The answer of an OpenAI-compatible server. */
export function chatAnswer(content: string): object {
  return { choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }] };
}

/** What the last message of a request to such a server says. */
export function promptOf(body: Record<string, unknown>): string {
  const messages = body['messages'] as { content: string }[];
  return messages.at(-1)?.content ?? '';
}
