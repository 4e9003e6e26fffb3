import { createServer, type Server } from 'node:http';
import type { DriftMetrics } from './metrics.ts';

export interface ServeOptions {
  host: string;
  /** 0 for a free one. */
  port: number;
  /** Milliseconds between the ends of looks and their next beginnings. */
  intervalMs: number;
  signal: AbortSignal;
  /** Looks once; what it throws is told by `onFailure`, and the next look comes as planned. */
  look: () => Promise<void>;
  onFailure: (error: unknown) => void;
  onListening: (address: string) => void;
}

/**
 * Shows metrics to Prometheus at `/metrics`, and looks at the model again and again until it is stopped.
 * @throws {Error} when the port cannot be had.
 */
export async function serveMetrics(metrics: DriftMetrics, options: ServeOptions): Promise<void> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?', 1)[0];
    if (request.method !== 'GET' && request.method !== 'HEAD') response.writeHead(405, { allow: 'GET, HEAD' }).end();
    else if (path === '/healthz') response.writeHead(200, { 'content-type': 'text/plain' }).end('ok\n');
    else if (path === '/metrics') {
      metrics.text().then(
        (text) => response.writeHead(200, { 'content-type': metrics.contentType }).end(text),
        () => response.writeHead(500).end(),
      );
    } else response.writeHead(404).end();
  });
  // A client that dawdles must not keep a connection for ever.
  server.requestTimeout = 10_000;
  server.headersTimeout = 5_000;
  await listening(server, options);
  try {
    while (!options.signal.aborted) {
      try {
        await options.look();
      } catch (error) {
        if (options.signal.aborted) break;
        metrics.fail();
        options.onFailure(error);
      }
      await pause(options.intervalMs, options.signal);
    }
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

function listening(server: Server, { host, port, onListening }: ServeOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      const shown = typeof address === 'object' && address ? `http://${host}:${address.port}/metrics` : host;
      onListening(shown);
      resolve();
    });
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      resolve();
    }
  });
}
