import { WeighbridgeError } from '../../errors.ts';
import { isDeeperThan } from './nesting.ts';

/** Bytes of an answer that are read at most: a server that never ends must not fill the memory. */
const answerBytes = 16 * 1024 * 1024;

/** Lists and objects within each other: what looks at an answer must not run out of stack. */
const deepestAnswer = 64;

/** The longest pause that a server may ask for. */
const longestPauseMs = 120_000;

export interface RequestOptions {
  headers?: Record<string, string>;
  /** For one attempt, in milliseconds. */
  timeoutMs: number;
  /** Further attempts after 408, 429, 5xx or a broken connection. */
  retries: number;
  signal: AbortSignal;
  /** Waits; tests give their own. */
  pause?: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface Answer {
  body: unknown;
  /** Milliseconds of the attempt that was answered. */
  latencyMs: number;
}

/**
 * Posts JSON to an endpoint that a person named, and reads JSON. Redirects are not followed, because they would lead to a host that
 * nobody named. Neither the body nor the headers are ever part of an error.
 * @throws {WeighbridgeError} `unreachable` when there is no usable answer after all attempts, or `cancelled`.
 */
export async function postJson(url: URL, body: unknown, options: RequestOptions): Promise<Answer> {
  const pause = options.pause ?? pauseFor;
  for (let attempt = 0; ; attempt++) {
    const outcome = await attemptOnce(url, body, options);
    if ('answer' in outcome) return outcome.answer;
    if (!outcome.mayRetry || attempt >= options.retries) {
      const times = attempt > 0 ? ` after ${attempt + 1} attempts` : '';
      throw new WeighbridgeError('unreachable', `${nameOf(url)} ${outcome.problem}${times}`);
    }
    await pause(outcome.pauseMs ?? Math.min(longestPauseMs, 500 * 2 ** attempt), options.signal);
    if (options.signal.aborted) throw new WeighbridgeError('cancelled', 'stopped');
  }
}

/** An address for messages: without user name, password or query, in which people put keys. */
export function nameOf(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

type Outcome = { answer: Answer } | { problem: string; mayRetry: boolean; pauseMs?: number };

async function attemptOnce(url: URL, body: unknown, { headers, timeoutMs, signal }: RequestOptions): Promise<Outcome> {
  const began = performance.now();
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
      body: JSON.stringify(body),
      redirect: 'manual',
      signal: AbortSignal.any([signal, limit]),
    });
    if (response.status >= 300 && response.status < 400) {
      await response.body?.cancel();
      return {
        problem: 'answers with a redirect, which is not followed: name the address it leads to',
        mayRetry: false,
      };
    }
    if (!response.ok) {
      await response.body?.cancel();
      const { status } = response;
      const pauseMs = pauseAskedFor(response.headers.get('retry-after'));
      const mayRetry = status === 408 || status === 429 || status >= 500;
      return { problem: `answers with status ${status}`, mayRetry, ...(pauseMs === undefined ? {} : { pauseMs }) };
    }
    const text = await readText(response);
    if (text === null) return { problem: `sends more than ${answerBytes} bytes`, mayRetry: false };
    const latencyMs = performance.now() - began;
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      return { problem: 'answers with something that is not JSON', mayRetry: false };
    }
    if (isDeeperThan(deepestAnswer, parsed))
      return { problem: `answers with values that are nested more than ${deepestAnswer} deep`, mayRetry: false };
    return { answer: { body: parsed, latencyMs } };
  } catch (error) {
    if (signal.aborted) throw new WeighbridgeError('cancelled', 'stopped');
    if (limit.aborted) return { problem: `does not answer within ${timeoutMs} ms`, mayRetry: true };
    return { problem: `cannot be reached (${reasonOf(error)})`, mayRetry: true };
  }
}

/** @returns null when it is too long. */
async function readText(response: Response): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = (response.body as ReadableStream<Uint8Array> | null)?.getReader();
  for (;;) {
    const next = await reader?.read();
    if (!next || next.done) break;
    size += next.value.length;
    if (size > answerBytes) {
      await reader?.cancel();
      return null;
    }
    chunks.push(next.value);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** `Retry-After`: seconds, or a date (RFC 9110, 10.2.3). @returns milliseconds, bounded; undefined where there is none. */
export function pauseAskedFor(header: string | null, now = Date.now()): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.min(longestPauseMs, Math.max(0, ms)) : undefined;
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { code } = cause as NodeJS.ErrnoException;
  return code ?? 'the connection broke';
}

function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
