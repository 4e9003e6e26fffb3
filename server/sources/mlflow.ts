import { WeighbridgeError } from '../errors.ts';
import { parseAddress, type SourceAddress } from './address.ts';
import { anonymous, exchange, jsonOf, type Authorize } from './http/exchange.ts';
import { encodedPath, insideOf } from './hub.ts';
import type { ListSetting } from './listSource.ts';
import { isNoText, noText } from './listed.ts';
import { mostFiles, type Listing, type RemoteFile } from './source.ts';

/** Folders inside one another; artifacts of models have two or three. */
const deepest = 32;

/**
 * A version of a registered model, of an MLflow server (`MLFLOW_REGISTRY_URI`, or `MLFLOW_TRACKING_URI`).
 * API: MLflow REST API 2.0, "Get Download URI For ModelVersion Artifacts" and the proxied artifact access of the server
 * (`mlflow-artifacts:`); artifacts that lie in a bucket are listed there.
 */
export async function listModelVersion(
  address: Extract<SourceAddress, { kind: 'mlflow' }>,
  setting: ListSetting,
): Promise<Listing> {
  const server = serverOf(setting.environment);
  const ask = async (path: string, query: Record<string, string>) => {
    const url = new URL(`${server.url}/api/2.0/${path}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const answer = await jsonOf(await exchange({ url, authorize: server.authorize }, setting.traffic, setting.signal));
    return (typeof answer === 'object' && answer !== null ? answer : {}) as Record<string, unknown>;
  };
  const version = address.isAlias ? await versionOf(address, ask) : address.version;
  const { artifact_uri: given } = await ask('mlflow/model-versions/get-download-uri', { name: address.model, version });
  const uri = await resolved(given, ask);
  const name = `models:/${address.model}/${version}`;

  if (/^s3:\/\//.test(uri)) {
    const bucket = parseAddress(`${uri.replace(/\/+$/, '')}${address.path && `/${address.path}`}`);
    const listing = await (
      await import('./s3.ts')
    ).listBucket(bucket as Extract<SourceAddress, { kind: 's3' }>, setting);
    const below = listing.isFile ? address.path.replace(/\/?[^/]*$/, '') : address.path;
    return { ...listing, name: below ? `${name}/${below}` : name };
  }
  const root = proxiedPath(uri, server.url);
  const files: RemoteFile[] = [];
  const problems: Listing['problems'] = [];
  let folders = 0;
  const visit = async (path: string, depth: number): Promise<void> => {
    if (++folders > mostFiles) throw new WeighbridgeError('refused', `${name} has more than ${mostFiles} folders`);
    const { files: entries } = await ask('mlflow-artifacts/artifacts', { path });
    if (!Array.isArray(entries)) return;
    for (const { path: inside, is_dir: isFolder, file_size: said } of entries as ListedArtifact[]) {
      if (
        typeof inside !== 'string' ||
        inside.split('/').some((part) => part === '' || part === '..' || part === '.')
      ) {
        problems.push({ path: String(inside).slice(0, 200), message: 'its name leads out of the source' });
        continue;
      }
      if (isNoText(inside)) {
        problems.push({ path: inside.slice(0, 200), message: noText });
        continue;
      }
      const full = `${path}/${inside}`;
      const shown = full.slice(root.length + 1);
      const size = Number(said ?? 0);
      if (isFolder === true) {
        if (depth < deepest) await visit(full, depth + 1);
        else problems.push({ path: shown, message: `folders are nested deeper than ${deepest}` });
      } else if (!Number.isSafeInteger(size) || size < 0) {
        problems.push({ path: shown, message: 'the server does not say how long it is' });
      } else {
        files.push({ path: shown, size, address: `${artifactScheme}${full}`, ...artifactAt(full, server) });
      }
      if (files.length + problems.length > mostFiles)
        throw new WeighbridgeError('refused', `${name} has more than ${mostFiles} files`);
    }
  };
  await visit(root, 0);
  const chosen = files.flatMap((file) => {
    const inside = insideOf(file.path, address.path);
    return inside === null ? [] : [{ ...file, path: inside }];
  });
  if (chosen.length === 0 && problems.length === 0)
    throw new WeighbridgeError('not-found', `${name} has no file ${address.path || 'at all'}`);
  const isFile = address.path !== '' && files.some(({ path }) => path === address.path);
  const below = isFile ? address.path.replace(/\/?[^/]*$/, '') : address.path;
  return { name: below ? `${name}/${below}` : name, files: chosen, problems, isFile };
}

/** How MLflow itself writes the address of an artifact that its server hands through. */
export const artifactScheme = 'mlflow-artifacts:/';

/** An artifact that the server hands through. @throws {WeighbridgeError} `bad-usage` where no server is named. */
export function proxiedArtifact(path: string, environment: NodeJS.ProcessEnv): Pick<RemoteFile, 'url' | 'authorize'> {
  return artifactAt(path, serverOf(environment));
}

function artifactAt(path: string, { url, authorize }: Server): Pick<RemoteFile, 'url' | 'authorize'> {
  return { url: new URL(`${url}/api/2.0/mlflow-artifacts/artifacts/${encodedPath(path)}`), authorize };
}

interface Server {
  url: string;
  authorize: Authorize;
}

interface ListedArtifact {
  path?: unknown;
  is_dir?: unknown;
  file_size?: unknown;
}

type AskServer = (path: string, query: Record<string, string>) => Promise<Record<string, unknown>>;

async function versionOf({ model, version }: { model: string; version: string }, ask: AskServer): Promise<string> {
  const answer = await ask('mlflow/registered-models/alias', { name: model, alias: version });
  const found = (answer['model_version'] as { version?: unknown } | undefined)?.version;
  if (typeof found === 'string' || typeof found === 'number') return String(found);
  throw new WeighbridgeError('not-found', `the model ${model} has no alias ${version}`);
}

/** A version may stand for a logged model (`models:/m-...`, MLflow 3), which says where it lies. */
async function resolved(given: unknown, ask: AskServer): Promise<string> {
  if (typeof given !== 'string')
    throw new WeighbridgeError('unreachable', 'the MLflow server does not say where the model lies');
  const [, id] = /^models:\/(m-[0-9a-f]+)\/?$/.exec(given) ?? [];
  if (id === undefined) return given;
  const { model } = await ask(`mlflow/logged-models/${id}`, {});
  const uri = (model as { info?: { artifact_uri?: unknown } } | undefined)?.info?.artifact_uri;
  if (typeof uri === 'string') return uri;
  throw new WeighbridgeError('unreachable', `the MLflow server does not say where the model ${id} lies`);
}

/** The path by which the server hands artifacts through. @throws {WeighbridgeError} `refused` for those that lie elsewhere. */
function proxiedPath(uri: string, server: string): string {
  const proxied = `${server}/api/2.0/mlflow-artifacts/artifacts/`;
  const path = uri.startsWith(proxied)
    ? uri.slice(proxied.length)
    : /^mlflow-artifacts:\/(?:\/[^/]*\/)?(.*)$/.exec(uri)?.[1];
  if (path !== undefined) return path.replace(/^\/+|\/+$/g, '');
  const kind = /^[a-z0-9+]+:/i.exec(uri)?.[0] ?? 'a folder';
  const folder = kind === 'file:' || kind === 'a folder';
  throw new WeighbridgeError(
    'refused',
    folder
      ? 'the model lies in a folder of the machine of the MLflow server: scan that folder there, or let the server serve artifacts'
      : `the model lies in a store that is not known (${kind.slice(0, 20)})`,
  );
}

/** Source: MLflow, "Environment variables". */
function serverOf(environment: NodeJS.ProcessEnv): Server {
  const uri = environment['MLFLOW_REGISTRY_URI'] || environment['MLFLOW_TRACKING_URI'];
  if (!uri)
    throw new WeighbridgeError('bad-usage', 'models:/ needs MLFLOW_TRACKING_URI: the address of the MLflow server');
  let url: URL;
  try {
    url = new URL(uri);
  } catch (cause) {
    throw new WeighbridgeError('bad-usage', 'MLFLOW_TRACKING_URI is no address of a server: write https://HOST', {
      cause,
    });
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new WeighbridgeError(
      'bad-usage',
      `MLflow stores of the kind ${url.protocol} are not read: name a server, https://HOST`,
    );
  const {
    MLFLOW_TRACKING_TOKEN: token,
    MLFLOW_TRACKING_USERNAME: user,
    MLFLOW_TRACKING_PASSWORD: password,
  } = environment;
  const named = url.username === '' ? null : [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  const pair = user ? [user, password ?? ''] : named;
  url.username = '';
  url.password = '';
  const proof = pair ? `Basic ${Buffer.from(pair.join(':')).toString('base64')}` : token ? `Bearer ${token}` : null;
  const authorize: Authorize =
    proof === null ? anonymous : ({ headers }) => Promise.resolve({ ...headers, authorization: proof });
  return { url: url.href.replace(/\/+$/, ''), authorize };
}
