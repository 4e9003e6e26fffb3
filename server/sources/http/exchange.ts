import dns from 'node:dns/promises';
import { isIP } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { WeighbridgeError } from '../../errors.ts';
import { FetchError } from './fetchError.ts';
import { Pace, slowest } from './pace.ts';
import { proxiedFetch } from './proxiedFetch.ts';

/** Gives the headers of a request, those that prove who asks among them. */
export type Authorize = (request: {
  method: 'GET';
  url: URL;
  headers: Record<string, string>;
}) => Promise<Record<string, string>>;

export const anonymous: Authorize = ({ headers }) => Promise.resolve(headers);

export interface Ask {
  url: URL;
  authorize: Authorize;
  headers?: Record<string, string>;
  /** Statuses that are an answer and no failure, beside 2xx. */
  accepts?: readonly number[];
}

/** What a server answered. Exactly one of `text`, `bytes` or `cancel` must follow, or the chunks be read. */
export interface Answer {
  status: number;
  headers: Headers;
  /** Where the answer came from, after redirects. */
  url: URL;
  chunks: AsyncIterator<Uint8Array>;
  cancel: () => void;
}

/** Milliseconds without a sign of life after which a server is given up. */
const silence = 30_000;
const redirects = 5;
const attempts = 4;
/** Milliseconds that a server may ask us to wait. */
const longestPause = 20_000;

/** What was asked of servers so far. */
export class Traffic {
  requests = 0;
  bytes = 0;
}

/**
 * Asks a server, and again after a broken connection, 408, 429 or 5xx. Redirects are followed to a limit: never from https to
 * http, never from a public host to an address of this machine or network, and credentials go to the first host alone.
 * @throws {WeighbridgeError} `unreachable`, `refused`; neither credentials nor queries are part of a message.
 */
export async function exchange(ask: Ask, traffic: Traffic, signal?: AbortSignal): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    if (signal?.aborted) throw new WeighbridgeError('cancelled', 'fetching was cancelled');
    const outcome = await followed(ask, traffic, signal);
    if ('answer' in outcome) return outcome.answer;
    if (signal?.aborted || !isTransient(outcome.error) || attempt >= attempts) throw outcome.error;
    await pause(
      Math.min(longestPause, outcome.pauseMs ?? 250 * 2 ** attempt),
      undefined,
      signal ? { signal } : {},
    ).catch(() => undefined);
  }
}

type Outcome = { answer: Answer } | { error: WeighbridgeError; pauseMs?: number };

const isTransient = (error: WeighbridgeError): boolean => error instanceof FetchError && error.isTransient;

async function followed(ask: Ask, traffic: Traffic, signal: AbortSignal | undefined): Promise<Outcome> {
  let url = ask.url;
  for (let hop = 0; hop <= redirects; hop++) {
    const outcome = await once({ ...ask, url }, url.origin === ask.url.origin, traffic, signal);
    if (!('answer' in outcome) || !isRedirect(outcome.answer.status)) return outcome;
    const { answer } = outcome;
    answer.cancel();
    const location = answer.headers.get('location');
    const next = location === null ? null : safeUrl(location, url);
    if (!next) return failed(`${nameOf(url)} answers with a redirect that leads nowhere`);
    const why = await whyNotFollow(ask.url, url, next);
    if (why !== null) return failed(`${nameOf(url)} answers with a redirect ${why}, which is not followed`, 'refused');
    url = next;
  }
  return failed(`${nameOf(ask.url)} answers with more than ${redirects} redirects`);
}

const failed = (message: string, code: 'unreachable' | 'refused' = 'unreachable'): Outcome => ({
  error: new FetchError(code, message),
});

function safeUrl(text: string, base: URL): URL | null {
  try {
    return new URL(text, base);
  } catch {
    return null;
  }
}

const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status);

/** Why a redirect is not followed; null where it is. */
async function whyNotFollow(first: URL, from: URL, to: URL): Promise<string | null> {
  if (to.protocol !== 'https:' && to.protocol !== 'http:') return `to ${to.protocol}`;
  if (from.protocol === 'https:' && to.protocol === 'http:') return 'from https to http';
  const leadsInside =
    to.hostname !== first.hostname && (await isInside(to.hostname)) && !(await isInside(first.hostname));
  return leadsInside ? 'to an address of this machine or its network' : null;
}

/** Whether a host is one of this machine or network, by itself or by what its name stands for: whoever has a name points it anywhere. */
async function isInside(hostname: string): Promise<boolean> {
  if (isInternal(hostname)) return true;
  if (isIP(hostname.replace(/^\[|\]$/g, '')) !== 0) return false;
  try {
    return (await dns.lookup(hostname, { all: true })).some(({ address }) => isInternal(address));
  } catch {
    // What cannot be looked up is not reached, or a proxy knows it.
    return false;
  }
}

/** Loopback, link-local and private addresses (RFC 1918, 3927, 4193, 4291, 6598), and names of this machine. */
export function isInternal(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$|\.$/g, '').toLowerCase();
  if (host === 'localhost' || host.endsWith('.localhost') || host.endsWith('.internal')) return true;
  if (isIP(host) === 4) return privateV4.test(host);
  if (isIP(host) !== 6) return false;
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(host);
  if (mapped) {
    const [high = 0, low = 0] = mapped.slice(1).map((part) => parseInt(part, 16));
    return privateV4.test(`${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`);
  }
  return /^(?:::1?$|f[cd]|fe[89ab])/.test(host);
}

const privateV4 = /^(?:0|10|127|169\.254|192\.168|172\.(?:1[6-9]|2\d|3[01])|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./;

async function once(ask: Ask, isHome: boolean, traffic: Traffic, signal: AbortSignal | undefined): Promise<Outcome> {
  const { url } = ask;
  const abort = new AbortController();
  const stop = () => abort.abort();
  signal?.addEventListener('abort', stop, { once: true });
  let timer = setTimeout(stop, silence);
  const release = () => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  };
  try {
    // A compressed answer has other positions than the file.
    const headers = { 'accept-encoding': 'identity', 'user-agent': 'weighbridge', ...ask.headers };
    const sent = isHome ? await ask.authorize({ method: 'GET', url, headers }) : headers;
    traffic.requests++;
    const response = await proxiedFetch(bareUrl(url), { headers: sent, redirect: 'manual', signal: abort.signal });
    const { status } = response;
    const reader = (response.body as ReadableStream<Uint8Array> | null)?.getReader();
    const cancel = () => {
      release();
      abort.abort();
    };
    const pace = new Pace();
    const answer: Answer = {
      status,
      headers: response.headers,
      url,
      cancel,
      chunks: {
        async next() {
          clearTimeout(timer);
          timer = setTimeout(stop, silence);
          const asked = performance.now();
          try {
            const part = await reader?.read();
            if (!part || part.done) {
              release();
              return { done: true, value: undefined };
            }
            traffic.bytes += part.value.length;
            if (!pace.keeps(performance.now() - asked, part.value.length)) {
              abort.abort();
              throw new FetchError('unreachable', `${nameOf(url)} sends less than ${slowest} bytes a second`);
            }
            return { done: false, value: part.value };
          } catch (cause) {
            release();
            throw brokenOff(url, cause, signal);
          } finally {
            clearTimeout(timer);
          }
        },
      },
    };
    clearTimeout(timer);
    if (response.ok || isRedirect(status) || ask.accepts?.includes(status) === true) return { answer };
    cancel();
    return refusal(url, status, response.headers.get('retry-after'));
  } catch (cause) {
    release();
    return { error: brokenOff(url, cause, signal) };
  }
}

/** The address without what a person wrote into it as name and password: that goes into a header. */
function bareUrl(url: URL): URL {
  if (url.username === '' && url.password === '') return url;
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return bare;
}

function refusal(url: URL, status: number, retryAfter: string | null): Outcome {
  const meanings: Record<number, string> = {
    401: 'asks for credentials (401), or does not take those that were found',
    403: 'refuses access (403)',
    404: 'does not have it (404)',
  };
  const mayPass = status === 408 || status === 429 || status >= 500;
  const meaning = meanings[status] ?? `answers with status ${status}`;
  const error = new FetchError('unreachable', `${nameOf(url)} ${meaning}`, mayPass);
  const seconds = retryAfter !== null && /^\d+$/.test(retryAfter.trim()) ? Number(retryAfter) : null;
  return { error, ...(seconds === null ? {} : { pauseMs: seconds * 1000 }) };
}

function brokenOff(url: URL, cause: unknown, signal: AbortSignal | undefined): WeighbridgeError {
  if (cause instanceof WeighbridgeError) return cause;
  if (signal?.aborted) return new WeighbridgeError('cancelled', 'fetching was cancelled');
  const { name } = cause as Error;
  const inner = (cause as Error).cause as NodeJS.ErrnoException | undefined;
  const unreached: Record<string, string> = {
    ECONNREFUSED: 'cannot be reached: nothing answers at that port',
    ENOTFOUND: 'cannot be reached: there is no such host',
    EAI_AGAIN: 'cannot be reached: the name of the host cannot be looked up',
    ENETUNREACH: 'cannot be reached: there is no network',
    EHOSTUNREACH: 'cannot be reached: there is no way to the host',
  };
  const told = (why: string, isTransient: boolean) =>
    new FetchError('unreachable', `${nameOf(url)} ${why}`, isTransient);
  if (inner?.message === 'bad port')
    return told(`cannot be reached: port ${url.port} is one that is never asked for web pages`, false);
  const deepest = (inner as { cause?: Error } | undefined)?.cause?.message ?? '';
  const [, proxy] = /^Proxy response \((\d+)\)/.exec(deepest) ?? [];
  if (proxy !== undefined)
    return told(`cannot be reached: the proxy answers with status ${proxy}`, Number(proxy) >= 500);
  if (name === 'AbortError') return told(`gave no sign of life for ${silence / 1000} s`, true);
  return told(unreached[inner?.code ?? ''] ?? `broke off (${inner?.code ?? inner?.message ?? name})`, true);
}

/** An address for messages: without user name, password or query, in which signatures stand. */
export function nameOf(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

/** The whole body. @throws {WeighbridgeError} `unreachable` where it is longer than `longest` bytes. */
export async function bodyOf({ chunks, cancel, url }: Answer, longest: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for (let part = await chunks.next(); !part.done; part = await chunks.next()) {
    size += part.value.length;
    if (size > longest) {
      cancel();
      throw new FetchError('unreachable', `${nameOf(url)} sends more than ${longest} bytes`);
    }
    pieces.push(part.value);
  }
  return Buffer.concat(pieces);
}

/** Bytes of a listing or a manifest that are read at most. */
const longestDocument = 32 << 20;

/** Asks for a JSON document. @throws {WeighbridgeError} */
export async function jsonOf(answer: Answer): Promise<unknown> {
  const body = await bodyOf(answer, longestDocument);
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new WeighbridgeError('unreachable', `${nameOf(answer.url)} answers with something that is no JSON`, {
      cause,
    });
  }
}
