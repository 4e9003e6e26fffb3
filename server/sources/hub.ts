import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { WeighbridgeError } from '../errors.ts';
import type { SourceAddress } from './address.ts';
import { anonymous, exchange, jsonOf, nameOf, type Authorize } from './http/exchange.ts';
import type { ListSetting } from './listSource.ts';
import { EndOfList, isNoText, noText } from './listed.ts';
import { mostFiles, type Listing, type RemoteFile } from './source.ts';

const defaultEndpoint = 'https://huggingface.co';

/**
 * A repository of the Hugging Face hub, or of a server that speaks as it does (`HF_ENDPOINT`), at the commit that the revision
 * comes to. API: huggingface.co/docs/hub/api, `GET /api/{type}/{repo}/revision/{rev}` and `.../tree/{commit}?recursive=true`;
 * files: `GET /{repo}/resolve/{commit}/{path}`.
 */
export async function listHub(
  address: Extract<SourceAddress, { kind: 'hub' }>,
  setting: ListSetting,
): Promise<Listing> {
  const { endpoint, authorize } = hubAccess(setting.environment);
  const { type, repository, path: wanted } = address;
  const ask = async (url: URL) => exchange({ url, authorize }, setting.traffic, setting.signal);

  const revision = encodeURIComponent(address.revision ?? 'main');
  const api = `${endpoint}/api/${type}/${repository}`;
  const { sha } = (await jsonOf(await ask(new URL(`${api}/revision/${revision}`)))) as { sha?: unknown };
  if (typeof sha !== 'string' || !isCommit.test(sha))
    throw new WeighbridgeError('unreachable', `${api} names no commit for ${decodeURIComponent(revision)}`);

  const kind = type === 'models' ? '' : `${type}/`;
  const home = `hf://${kind}${repository}@${sha}`;
  const files: RemoteFile[] = [];
  const problems: Listing['problems'] = [];
  const end = new EndOfList(api);
  let isFile = false;
  for (let next: URL | null = new URL(`${api}/tree/${sha}?recursive=true`); next;) {
    const answer = await ask(next);
    const page = await jsonOf(answer);
    if (!Array.isArray(page))
      throw new WeighbridgeError('unreachable', `${nameOf(next)} answers with no list of files`);
    for (const entry of page as HubEntry[]) {
      const { type: kind, path } = entry;
      if (kind !== 'file' || typeof path !== 'string') continue;
      const inside = insideOf(path, wanted);
      if (inside === null) continue;
      if (isNoText(path)) {
        problems.push({ path: inside, message: noText });
        continue;
      }
      isFile ||= path === wanted;
      const size = entry.lfs?.size ?? entry.size;
      if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
        problems.push({ path: inside, message: 'the hub does not say how long it is' });
        continue;
      }
      const oid = entry.lfs?.oid;
      const sha256 = typeof oid === 'string' && /^[0-9a-f]{64}$/.test(oid) ? { sha256: oid } : {};
      // What Git calls the content.
      const version =
        typeof entry.oid === 'string' && /^[0-9a-f]{40,64}$/.test(entry.oid) ? { version: entry.oid } : {};
      const url = fileUrl(endpoint, { type, repository, commit: sha, path });
      files.push({ path: inside, size, ...sha256, ...version, authorize, url, address: `${home}/${path}` });
    }
    end.page(page.length);
    if (files.length + problems.length > mostFiles)
      throw new WeighbridgeError('refused', `${api} lists more than ${mostFiles} files: name a folder of it`);
    next = nextPage(answer.headers.get('link'), next);
  }
  if (files.length === 0 && problems.length === 0)
    throw new WeighbridgeError('not-found', `${api} has no file ${wanted || 'at all'}`);
  const below = isFile ? wanted.replace(/\/?[^/]*$/, '') : wanted.replace(/\/+$/, '');
  return { name: `${home}${below && `/${below}`}`, files, problems, isFile };
}

/** A file that was listed at a commit. @throws {WeighbridgeError} `bad-input` where the address names no commit. */
export function hubFile(
  { type, repository, revision, path }: Extract<SourceAddress, { kind: 'hub' }>,
  environment: NodeJS.ProcessEnv,
): Pick<RemoteFile, 'url' | 'authorize'> {
  const { endpoint, authorize } = hubAccess(environment);
  if (revision === null || !isCommit.test(revision))
    throw new WeighbridgeError('bad-input', `hf://${repository}/${path} is not named at a commit`);
  return { url: fileUrl(endpoint, { type, repository, commit: revision, path }), authorize };
}

const isCommit = /^[0-9a-f]{40,64}$/;

function fileUrl(endpoint: string, file: { type: string; repository: string; commit: string; path: string }): URL {
  const { type, repository, commit, path } = file;
  const kind = type === 'models' ? '' : `${type}/`;
  return new URL(`${endpoint}/${kind}${repository}/resolve/${commit}/${encodedPath(path)}`);
}

function hubAccess(environment: NodeJS.ProcessEnv): { endpoint: string; authorize: Authorize } {
  if (/^(?:1|true|yes|on)$/i.test(environment['HF_HUB_OFFLINE'] ?? ''))
    throw new WeighbridgeError('refused', 'HF_HUB_OFFLINE is set, and the hub is not asked');
  return { endpoint: endpointOf(environment), authorize: tokenOf(environment) };
}

interface HubEntry {
  type?: unknown;
  path?: unknown;
  size?: unknown;
  oid?: unknown;
  lfs?: { oid?: unknown; size?: unknown };
}

/** A path relative to what is wanted; null where it lies elsewhere. A file that is wanted itself keeps its name. */
export function insideOf(path: string, wanted: string): string | null {
  const top = wanted.replace(/\/+$/, '');
  if (top === '') return path;
  if (path === top) return path.slice(path.lastIndexOf('/') + 1);
  return path.startsWith(`${top}/`) ? path.slice(top.length + 1) : null;
}

export function encodedPath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

/** The next page of a listing (RFC 8288). It must be the same server's. */
function nextPage(link: string | null, from: URL): URL | null {
  const [, target] = /<([^>]+)>;\s*rel="?next"?/.exec(link ?? '') ?? [];
  if (target === undefined) return null;
  const next = new URL(target, from);
  if (next.origin !== from.origin)
    throw new WeighbridgeError('refused', `${nameOf(from)} sends on to another host for the rest of its list`);
  return next;
}

function endpointOf(environment: NodeJS.ProcessEnv): string {
  const endpoint = (environment['HF_ENDPOINT'] || defaultEndpoint).replace(/\/+$/, '');
  if (/^https?:\/\/[^/]/.test(endpoint)) return endpoint;
  throw new WeighbridgeError('bad-usage', 'HF_ENDPOINT is no address of a server: write https://HOST');
}

/** The hub's token, from where its own libraries take it. Source: huggingface_hub, "Environment variables". */
function tokenOf(environment: NodeJS.ProcessEnv): Authorize {
  const token = environment['HF_TOKEN'] || environment['HUGGING_FACE_HUB_TOKEN'] || storedToken(environment);
  if (!token) return anonymous;
  const authorization = `Bearer ${token.trim()}`;
  return ({ headers }) => Promise.resolve({ ...headers, authorization });
}

function storedToken(environment: NodeJS.ProcessEnv): string | null {
  if (/^(?:1|true|yes|on)$/i.test(environment['HF_HUB_DISABLE_IMPLICIT_TOKEN'] ?? '')) return null;
  const { HF_TOKEN_PATH, HF_HOME, XDG_CACHE_HOME } = environment;
  const user = environment['HOME'] || homedir();
  const home = HF_HOME || join(XDG_CACHE_HOME || join(user, '.cache'), 'huggingface');
  try {
    const text = readFileSync(HF_TOKEN_PATH || join(home, 'token'), 'utf8').trim();
    return /^[\x21-\x7e]{1,4096}$/.test(text) ? text : null;
  } catch {
    return null;
  }
}
