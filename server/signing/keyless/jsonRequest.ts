import { WeighbridgeError } from '../../errors.ts';
import { reasonOf } from './secrets.ts';

export interface JsonRequest {
  /** Sent as a form by POST; a plain GET without. */
  form?: Record<string, string>;
  /** Sent in the Authorization header. */
  bearer?: string;
  /** What the service is, for messages: `the OpenID provider`. */
  service: string;
  signal?: AbortSignal | undefined;
}

export interface JsonAnswer {
  status: number;
  body: Record<string, unknown>;
}

const timeoutMs = 20_000;
const maximumBytes = 1_048_576;

/**
 * Asks a service for a JSON object. Redirects are not followed: what is sent is meant for one host.
 * @throws {WeighbridgeError} `unreachable`: no answer, no JSON object; `refused`: the URL is not encrypted; `cancelled`. Secrets
 *   that were sent are in no message.
 */
export async function requestJson(url: string, request: JsonRequest): Promise<JsonAnswer> {
  const { form, bearer, service, signal } = request;
  const target = secureUrl(url, service);
  const secrets = [...(bearer === undefined ? [] : [bearer]), ...Object.values(form ?? {})].filter(
    (text) => text.length > 15,
  );
  const headers: Record<string, string> = { accept: 'application/json' };
  if (bearer !== undefined) headers['authorization'] = `Bearer ${bearer}`;
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(target, {
      method: form === undefined ? 'GET' : 'POST',
      headers,
      redirect: 'error',
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
    });
    return { status: response.status, body: jsonObject(await boundedText(response)) };
  } catch (error) {
    if (signal?.aborted) throw new WeighbridgeError('cancelled', 'Signing in was cancelled.');
    const reason = timeout.aborted ? `no answer within ${timeoutMs / 1000} seconds` : reasonOf(error, secrets);
    throw new WeighbridgeError('unreachable', `${capital(service)} at ${target.host} cannot be asked: ${reason}.`);
  }
}

/** A URL of a service: encrypted, or on this machine. @throws {WeighbridgeError} `refused` */
export function secureUrl(url: string, service: string): URL {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw new WeighbridgeError('refused', `The address of ${service} is no URL: ${url.slice(0, 200)}`);
  }
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(parsed.hostname);
  if (parsed.protocol === 'https:' || (parsed.protocol === 'http:' && local)) return parsed;
  throw new WeighbridgeError(
    'refused',
    `The address of ${service} is not encrypted: use https in place of ${parsed.origin}.`,
  );
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += (chunk as Uint8Array).length;
    if (size > maximumBytes) throw new Error('the answer is larger than 1 MB');
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function jsonObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error('the answer is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error('the answer is no JSON object');
  return value as Record<string, unknown>;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
