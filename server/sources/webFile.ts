import { posix } from 'node:path';
import { WeighbridgeError } from '../errors.ts';
import type { SourceAddress } from './address.ts';
import { anonymous, exchange, nameOf, type Authorize } from './http/exchange.ts';
import type { ListSetting } from './listSource.ts';
import type { Listing } from './source.ts';

/** One file at an address. Its length is asked for with its first bytes: signed addresses hold for GET alone. */
export async function listWebFile(
  { url }: Extract<SourceAddress, { kind: 'http' }>,
  { traffic, signal }: ListSetting,
): Promise<Listing> {
  const authorize = basicFrom(url);
  const answer = await exchange({ url, authorize, headers: { range: 'bytes=0-0' }, accepts: [416] }, traffic, signal);
  answer.cancel();
  const size = sizeOf(answer.status, answer.headers);
  const path = decoded(posix.basename(url.pathname)) || 'index';
  const shown = nameOf(url);
  if (size === null)
    throw new WeighbridgeError(
      'unreachable',
      `${shown} does not say how long it is, and a file without an end is not read`,
    );
  const name = shown.slice(0, shown.lastIndexOf('/'));
  const etag = answer.headers.get('etag');
  const tag = etag === null || etag.startsWith('W/') ? {} : { tag: etag, version: etag };
  return { name, files: [{ path, size, url, address: shown, authorize, ...tag }], problems: [], isFile: true };
}

/** The length of the file, from `Content-Range: bytes 0-0/123`, or from `Content-Length` where no part was given. */
export function sizeOf(status: number, headers: Headers): number | null {
  const [, total] = /^bytes (?:\*|0-0)\/(\d{1,15})$/.exec(headers.get('content-range') ?? '') ?? [];
  if (status === 206 || status === 416) return total === undefined ? null : Number(total);
  const length = headers.get('content-length');
  return length !== null && /^\d{1,15}$/.test(length) ? Number(length) : null;
}

/** Name and password that stand in the address itself. */
function basicFrom(url: URL): Authorize {
  if (url.username === '' && url.password === '') return anonymous;
  const pair = `${decoded(url.username)}:${decoded(url.password)}`;
  const authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
  return ({ headers }) => Promise.resolve({ ...headers, authorization });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
