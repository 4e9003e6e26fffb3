import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createPlainServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ResultStore } from '../store/resultStore.ts';
import { admissionRequestOf, reviewed } from './admissionReview.ts';
import { identify, type Authentication } from './authentication.ts';
import { decide, type AdmissionPolicy, type Purpose } from './decide.ts';
import { RateLimit } from './rateLimit.ts';
import { ServiceMetrics } from './serviceMetrics.ts';

export interface ServiceSetting {
  host: string;
  /** 0 for a free one. */
  port: number;
  /** Null for plain HTTP. Asked anew now and then: certificates are renewed. */
  tls: (() => ServerOptions) | null;
  /** Null: everybody may ask. */
  authentication: Authentication | null;
  /** Requests of one client in a second. */
  perSecond: number;
  store: ResultStore;
  policy: AdmissionPolicy;
  signal: AbortSignal;
  onListening: (address: string) => void;
  /** One line of the log, without its end. */
  log: (line: string) => void;
}

/** Bytes of a request: an object of Kubernetes has at most 1.5 MB, and a review may hold the old one, too. */
const longestBody = 4 << 20;
/** Failed tries of one address in a second, before it is not listened to. */
const triesPerSecond = 5;
/** Milliseconds in which requests may end when the service does. */
const grace = 10_000;

interface Answer {
  status: number;
  body: string;
  type?: string;
  headers?: Record<string, string>;
  /** For the log. */
  note?: Record<string, unknown>;
}

/** Answers until it is told to end; then it finishes what was asked. @throws {Error} when the port cannot be had. */
export async function serve(setting: ServiceSetting): Promise<void> {
  const { host, port, tls, signal, onListening } = setting;
  const service = new Service(setting);
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    service.handle(request, response).catch((cause: unknown) => {
      // Nobody's request may end the service.
      setting.log(JSON.stringify({ time: now(), level: 'error', event: 'fault', error: (cause as Error).message }));
      response.destroy();
    });
  };
  const limits = { headersTimeout: 5_000, requestTimeout: 10_000, keepAliveTimeout: 30_000, maxHeaderSize: 32 << 10 };
  const secure = tls ? createSecureServer({ ...limits, ...tls() }, listener) : null;
  const server: Server = secure ?? createPlainServer(limits, listener);
  server.maxConnections = 5_000;
  server.listen(port, host);
  await once(server, 'listening');
  const { port: bound } = server.address() as AddressInfo;
  onListening(`${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${bound}`);
  const renewal = setInterval(() => {
    try {
      if (secure && tls) secure.setSecureContext(tls());
    } catch (cause) {
      setting.log(
        JSON.stringify({ time: now(), level: 'error', event: 'certificate', error: (cause as Error).message }),
      );
    }
  }, 60_000);
  if (!signal.aborted) await once(signal, 'abort');
  clearInterval(renewal);
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const end = setTimeout(() => server.closeAllConnections(), grace);
  await closed;
  clearTimeout(end);
}

class Service {
  readonly #setting: ServiceSetting;
  readonly #metrics = new ServiceMetrics();
  readonly #clients: RateLimit;
  readonly #strangers = new RateLimit(triesPerSecond, 4 * triesPerSecond);

  constructor(setting: ServiceSetting) {
    this.#setting = setting;
    this.#clients = new RateLimit(setting.perSecond, 2 * setting.perSecond);
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const began = performance.now();
    const id = randomUUID();
    const url = urlOf(request);
    // A connection that is gone has no address any more.
    const remote = request.socket.remoteAddress ?? null;
    let client: string | null = null;
    let answer: Answer;
    try {
      const open = await this.#openAnswer(request, url);
      if (open) answer = open;
      else {
        const access = await this.#admit(request);
        client = access.client;
        answer = access.refusal ?? (await this.#answer(request, url));
      }
    } catch (cause) {
      const known = cause instanceof Refusal ? cause : null;
      answer = known?.answer ?? problem(500, 'the request could not be answered');
      if (!known) answer.note = { error: (cause as Error).message };
    }
    const { status, body, type = 'application/json', headers, note } = answer;
    // What was not read to its end cannot be followed by another request.
    const close = request.complete ? {} : { connection: 'close' };
    const fixed = {
      'content-type': type,
      'x-request-id': id,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    };
    if (!response.destroyed) response.writeHead(status, { ...fixed, ...headers, ...close }).end(body);
    const seconds = (performance.now() - began) / 1000;
    const route = routes.has(url.pathname) ? url.pathname : 'other';
    this.#metrics.request(route, status, seconds);
    if (route === '/healthz' || route === '/readyz') return;
    const level = status >= 500 ? 'error' : status >= 400 ? 'warning' : 'info';
    const line = { time: now(), level, event: 'request', id, client, remote, method: request.method, route, status };
    this.#setting.log(JSON.stringify({ ...line, ms: Math.round(seconds * 1e6) / 1e3, ...note }));
  }

  /** What needs no credentials: whether the service lives. */
  async #openAnswer({ method }: IncomingMessage, { pathname }: URL): Promise<Answer | null> {
    if (method !== 'GET' && method !== 'HEAD') return null;
    if (pathname === '/healthz') return { status: 200, body: 'ok\n', type: 'text/plain' };
    if (pathname !== '/readyz') return null;
    try {
      await this.#setting.store.check();
      return { status: 200, body: 'ok\n', type: 'text/plain' };
    } catch {
      return { status: 503, body: 'the store does not answer\n', type: 'text/plain' };
    }
  }

  async #admit(request: IncomingMessage): Promise<{ client: string | null; refusal: Answer | null }> {
    const { authentication } = this.#setting;
    const remote = request.socket.remoteAddress ?? '';
    const identity = authentication ? await identify(request, authentication) : { client: `address ${remote}` };
    if ('refused' in identity) {
      const wait = this.#strangers.take(remote);
      this.#metrics.refusal(wait > 0 ? 'rate' : identity.isMissing ? 'missing' : 'bad');
      if (wait > 0) return { client: null, refusal: tooMany(wait) };
      const error = identity.isMissing ? '' : ', error="invalid_token"';
      const headers = { 'www-authenticate': `Bearer realm="weighbridge"${error}` };
      const refusal = { ...problem(401, 'show a certificate or a token that this service takes'), headers };
      return { client: null, refusal: { ...refusal, note: { refused: identity.refused } } };
    }
    const wait = this.#clients.take(identity.client);
    if (wait > 0) this.#metrics.refusal('rate');
    return { client: identity.client, refusal: wait > 0 ? tooMany(wait) : null };
  }

  async #answer(request: IncomingMessage, { pathname, searchParams }: URL): Promise<Answer> {
    const { method } = request;
    if (pathname === '/metrics' && method === 'GET') {
      return { status: 200, body: await this.#metrics.text(), type: this.#metrics.contentType };
    }
    if (pathname === '/v1/decisions' && method === 'GET') {
      return this.#decision(searchParams.get('model'), searchParams.get('purpose') ?? 'load');
    }
    if (pathname === '/v1/decisions' && method === 'POST') {
      const { model, purpose = 'load' } = ((await jsonBody(request)) ?? {}) as Record<string, unknown>;
      return this.#decision(model, purpose);
    }
    if (pathname === '/v1/admission' && method === 'POST') return this.#review(await jsonBody(request));
    const allowed = routes.get(pathname);
    if (allowed === undefined) return problem(404, 'there is nothing here');
    return { ...problem(405, `${pathname} is asked with ${allowed}`), headers: { allow: allowed } };
  }

  async #decision(model: unknown, purpose: unknown): Promise<Answer> {
    if (typeof model !== 'string' || model === '' || model.length > 4096) {
      return problem(400, 'name a "model": the address of a file or a folder, or sha256: and a digest');
    }
    if (purpose !== 'load' && purpose !== 'promote') return problem(400, '"purpose" is load or promote');
    const decision = await this.#decide(model, purpose);
    const note = { model, purpose, decision: decision.allow ? 'allow' : 'deny' };
    return { status: 200, body: `${JSON.stringify({ schemaVersion: 1, ...decision })}\n`, note };
  }

  async #review(body: unknown): Promise<Answer> {
    const asked = admissionRequestOf(body);
    if (!asked) return problem(400, 'this is no AdmissionReview of admission.k8s.io/v1');
    const { review, allowed, models } = await reviewed(asked, (model) => this.#decide(model, 'load'));
    const note = { models, decision: allowed ? 'allow' : 'deny', uid: asked.uid };
    return { status: 200, body: JSON.stringify(review), note };
  }

  async #decide(model: string, purpose: Purpose) {
    const decision = await decide(model, purpose, this.#setting.store, this.#setting.policy);
    this.#metrics.decision(purpose, decision.allow);
    return decision;
  }
}

const routes = new Map([
  ['/v1/decisions', 'GET, POST'],
  ['/v1/admission', 'POST'],
  ['/metrics', 'GET'],
  ['/healthz', 'GET'],
  ['/readyz', 'GET'],
]);

/** An answer that ends the reading of a request. */
class Refusal extends Error {
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(answer.body);
    this.answer = answer;
  }
}

function problem(status: number, error: string): Answer {
  return { status, body: `${JSON.stringify({ error })}\n` };
}

function tooMany(seconds: number): Answer {
  return { ...problem(429, 'too many requests'), headers: { 'retry-after': `${seconds}` } };
}

async function jsonBody(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  let length = 0;
  // What is not read is not fetched either; the answer can still be sent.
  for await (const piece of request.iterator({ destroyOnReturn: false })) {
    length += (piece as Buffer).length;
    if (length > longestBody) throw new Refusal(problem(413, `a request has at most ${longestBody} bytes`));
    pieces.push(piece as Buffer);
  }
  try {
    return JSON.parse(Buffer.concat(pieces).toString('utf8')) as unknown;
  } catch {
    throw new Refusal(problem(400, 'the body is no JSON'));
  }
}

/** An address that is none leads nowhere. */
function urlOf({ url = '/' }: IncomingMessage): URL {
  return URL.canParse(url, 'http://service') ? new URL(url, 'http://service') : new URL('http://service/none');
}

function now(): string {
  return new Date().toISOString();
}
