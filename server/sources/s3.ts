import { AwsV4Signer } from 'aws4fetch';
import { WeighbridgeError } from '../errors.ts';
import type { SourceAddress } from './address.ts';
import { awsAccess, type AwsAccess } from './awsAccess.ts';
import { anonymous, bodyOf, exchange, nameOf, type Authorize } from './http/exchange.ts';
import { insideOf } from './hub.ts';
import type { ListSetting } from './listSource.ts';
import { EndOfList, isNoText, noText } from './listed.ts';
import { mostFiles, type Listing, type RemoteFile } from './source.ts';

/** Bytes of one page of a listing: a thousand keys of a kilobyte each, three times over for their encoding. */
const longestPage = 16 << 20;

/**
 * What lies below a prefix of a bucket, on AWS or any store that speaks its protocol (`AWS_ENDPOINT_URL_S3`).
 * API: Amazon S3, ListObjectsV2 and GetObject; requests are signed by Signature Version 4 where there are credentials.
 */
export async function listBucket(
  { bucket, prefix }: Extract<SourceAddress, { kind: 's3' }>,
  setting: ListSetting,
): Promise<Listing> {
  const access = await awsAccess(setting.environment);
  const home = bucketUrl(bucket, access);
  const { authorize } = objectOf(bucket, '', access);
  const page = async (below: string, token: string | null, most: number) => {
    const url = new URL(home);
    url.searchParams.set('list-type', '2');
    url.searchParams.set('encoding-type', 'url');
    url.searchParams.set('max-keys', String(most));
    if (below !== '') url.searchParams.set('prefix', below);
    if (token !== null) url.searchParams.set('continuation-token', token);
    const answer = await exchange({ url, authorize }, setting.traffic, setting.signal);
    return readPage((await bodyOf(answer, longestPage)).toString('utf8'), home);
  };
  const fileOf = ({ key, size, tag, modified }: ListedKey, path: string): RemoteFile => {
    const told = tag === null ? {} : { tag, version: `${tag} ${modified ?? ''}`.trim() };
    return { path, size, address: `s3://${bucket}/${key}`, ...objectOf(bucket, key, access), ...told };
  };

  // A key that is named itself sorts before all that it begins.
  const exact = prefix === '' || prefix.endsWith('/') ? undefined : (await page(prefix, null, 1)).keys[0];
  if (exact?.key === prefix) {
    const name = `s3://${bucket}/${prefix}`.replace(/\/[^/]*$/, '');
    return { name, files: [fileOf(exact, prefix.slice(prefix.lastIndexOf('/') + 1))], problems: [], isFile: true };
  }

  const top = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
  const end = new EndOfList(nameOf(home));
  const files: RemoteFile[] = [];
  const problems: Listing['problems'] = [];
  let token: string | null = null;
  do {
    const { keys, next }: Page = await page(top, token, 1000);
    for (const each of keys) {
      // Consoles make empty objects that end in a slash and stand for folders.
      if (each.key.endsWith('/') && each.size === 0) continue;
      const path = insideOf(each.key, top);
      if (path === null) continue;
      if (isNoText(each.key)) problems.push({ path, message: noText });
      else if (each.key.split('/').some((part) => part === '..' || part === '.'))
        problems.push({ path, message: 'its name leads out of the source' });
      else files.push(fileOf(each, path));
    }
    end.page(keys.length);
    if (files.length + problems.length > mostFiles)
      throw new WeighbridgeError(
        'refused',
        `s3://${bucket}/${top} holds more than ${mostFiles} files: name a folder of it`,
      );
    if (next !== null && next === token)
      throw new WeighbridgeError('unreachable', `${nameOf(home)} lists the same page again and again`);
    token = next;
  } while (token !== null);
  if (files.length === 0 && problems.length === 0)
    throw new WeighbridgeError('not-found', `there is nothing at s3://${bucket}/${prefix}`);
  return { name: `s3://${bucket}${top && `/${top.replace(/\/$/, '')}`}`, files, problems, isFile: false };
}

/** Where an object lies, and who asks. */
export function objectOf(bucket: string, key: string, access: AwsAccess): Pick<RemoteFile, 'url' | 'authorize'> {
  // What the path is put together from: an address would take `..` in a key for a way up.
  const url = new URL(`${bucketUrl(bucket, access).href}${key.split('/').map(encodedKey).join('/')}`);
  return { url, authorize: signerOf(access) };
}

interface ListedKey {
  key: string;
  size: number;
  /** Entity tag, in quotes as answers have it. */
  tag: string | null;
  /** When it was last written. */
  modified: string | null;
}

interface Page {
  keys: ListedKey[];
  next: string | null;
}

/**
 * One page of ListObjectsV2. Stores that know `encoding-type=url` say so, and their keys hold no markup; those of others hold
 * character references. Nothing has to be resolved, so that the elements are found without a parser of XML, whose entities a
 * server could use against us.
 */
export function readPage(xml: string, url: URL): Page {
  if (!/<ListBucketResult\b/.test(xml.slice(0, 1024)))
    throw new WeighbridgeError('unreachable', `${nameOf(url)} answers with something that is no listing`);
  const { outer, contents } = parts(xml);
  const isEncoded = element(outer, 'EncodingType') === 'url';
  const keys = contents.flatMap((content) => {
    const key = element(content, 'Key');
    const size = element(content, 'Size');
    if (key === null || size === null || !/^\d{1,15}$/.test(size)) return [];
    const etag = element(content, 'ETag');
    const tag = etag === null ? null : `"${etag.replace(/^"|"$/g, '')}"`;
    const modified = element(content, 'LastModified');
    return [{ key: isEncoded ? decoded(key) : key, size: Number(size), tag, modified }];
  });
  const isCut = element(outer, 'IsTruncated') === 'true';
  return { keys, next: isCut ? element(outer, 'NextContinuationToken') : null };
}

/** What stands in the entries of a page, and around them. An expression would search a hostile page once for each entry without end. */
function parts(xml: string): { outer: string; contents: string[] } {
  const contents: string[] = [];
  let outer = '';
  let at = 0;
  for (;;) {
    const from = xml.indexOf('<Contents>', at);
    const to = from < 0 ? -1 : xml.indexOf('</Contents>', from);
    if (to < 0) return { outer: outer + xml.slice(at), contents };
    outer += xml.slice(at, from);
    contents.push(xml.slice(from + '<Contents>'.length, to));
    at = to + '</Contents>'.length;
  }
}

function element(xml: string, name: string): string | null {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return text === undefined ? null : text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w{2,4}));/gi, reference);
}

/** Source: Extensible Markup Language (XML) 1.0, sections 4.1 and 4.6. */
function reference(whole: string, hexadecimal?: string, decimal?: string, name?: string): string {
  const named: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  if (name !== undefined) return named[name] ?? whole;
  const code = hexadecimal === undefined ? Number(decimal) : parseInt(hexadecimal, 16);
  return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
}

/** A key as a listing encodes it: percent-encoded, with `+` for a blank. */
function decoded(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    return key;
  }
}

/** All but the unreserved characters of RFC 3986, as Signature Version 4 wants it. */
function encodedKey(part: string): string {
  return encodeURIComponent(part).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Ends in a slash. Stores of others, and names with dots, which no certificate covers, are addressed by path. */
function bucketUrl(bucket: string, { endpoint, region }: AwsAccess): URL {
  if (endpoint !== null) return new URL(`${endpoint.replace(/\/+$/, '')}/${bucket}/`);
  const host = `s3.${region}.amazonaws.com`;
  return new URL(bucket.includes('.') ? `https://${host}/${bucket}/` : `https://${bucket}.${host}/`);
}

function signerOf({ keys, region }: AwsAccess): Authorize {
  if (keys === null) return anonymous;
  return async ({ method, url, headers }) => {
    const { accessKeyId, secretAccessKey, sessionToken } = await keys();
    const signing = { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
    // Only what Signature Version 4 asks for is signed: `fetch` changes other headers on their way.
    const signed = await new AwsV4Signer({ ...signing, method, url: url.href, region, service: 's3' }).sign();
    return { ...headers, ...Object.fromEntries([...signed.headers].filter(([name]) => name !== 'host')) };
  };
}
