import { WeighbridgeError } from '../../errors.ts';
import { anonymous, exchange, isInternal, jsonOf, nameOf, type Authorize } from '../http/exchange.ts';
import type { ListSetting } from '../listSource.ts';
import { registryCredentials, type RegistryCredentials } from './registryCredentials.ts';

/** Seconds that a token holds where the registry does not say (Distribution's token specification). */
const usualLife = 60;

/**
 * How a repository of a registry is asked: `base` is `https://HOST/v2/REPOSITORY`. Registries on this machine are asked without
 * encryption, as Docker does.
 */
export async function registryAccess(
  host: string,
  repository: string,
  setting: ListSetting,
): Promise<{ base: string; authorize: Authorize }> {
  const isHub = host === 'docker.io' || host === 'index.docker.io';
  const server = isHub ? 'registry-1.docker.io' : host;
  const isLocal = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/.test(server);
  let root: URL;
  try {
    root = new URL(`${isLocal ? 'http' : 'https'}://${server}/v2/`);
  } catch (cause) {
    throw new WeighbridgeError('bad-usage', `"${host.slice(0, 100)}" is no name of a registry`, { cause });
  }
  const path = isHub && !repository.includes('/') ? `library/${repository}` : repository;
  const base = `${root.href}${path}`;
  const answer = await exchange(
    { url: root, authorize: anonymous, accepts: [401, 403, 404] },
    setting.traffic,
    setting.signal,
  );
  answer.cancel();
  const challenge = answer.status === 401 ? answer.headers.get('www-authenticate') : null;
  if (challenge === null) return { base, authorize: anonymous };
  const credentials = await registryCredentials(host, setting.environment);
  return { base, authorize: authorizerFor(challenge, root, path, credentials, setting) };
}

/** Source: RFC 9110, section 11; Distribution, "Token Authentication Specification". */
function authorizerFor(
  challenge: string,
  registry: URL,
  repository: string,
  credentials: RegistryCredentials | null,
  setting: ListSetting,
): Authorize {
  const [, scheme = ''] = /^\s*(\w+)/.exec(challenge) ?? [];
  if (scheme.toLowerCase() === 'basic') {
    if (!credentials) return anonymous;
    return ({ headers }) => Promise.resolve({ ...headers, authorization: basic(credentials) });
  }
  const realm = parameter(challenge, 'realm');
  if (scheme.toLowerCase() !== 'bearer' || realm === null)
    throw new WeighbridgeError('refused', `${nameOf(registry)} asks for credentials in a way that is not known`);
  const url = tokenUrl(realm, registry);
  const service = parameter(challenge, 'service');
  if (service !== null) url.searchParams.set('service', service);
  url.searchParams.set('scope', `repository:${repository}:pull`);

  let known: { token: string; until: number } | null = null;
  return async ({ headers }) => {
    if (!known || Date.now() > known.until) known = await tokenFrom(url, credentials, setting);
    return { ...headers, authorization: `Bearer ${known.token}` };
  };
}

/** Credentials go there: encrypted, unless the registry itself is on this machine. */
function tokenUrl(realm: string, registry: URL): URL {
  const url = new URL(realm);
  const isLocal = registry.protocol === 'http:' && url.protocol === 'http:' && isInternal(url.hostname);
  if (isInternal(url.hostname) && !isInternal(registry.hostname))
    throw new WeighbridgeError(
      'refused',
      `${nameOf(registry)} asks to send credentials to an address of this machine or its network`,
    );
  if (url.protocol === 'https:' || isLocal) return url;
  throw new WeighbridgeError(
    'refused',
    `${nameOf(registry)} asks to send credentials to ${nameOf(url)} without encryption`,
  );
}

async function tokenFrom(
  url: URL,
  credentials: RegistryCredentials | null,
  { traffic, signal }: ListSetting,
): Promise<{ token: string; until: number }> {
  const authorize: Authorize = ({ headers }) =>
    Promise.resolve(credentials ? { ...headers, authorization: basic(credentials) } : headers);
  const answer = (await jsonOf(await exchange({ url, authorize }, traffic, signal))) as Record<string, unknown>;
  const token = answer['token'] ?? answer['access_token'];
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token))
    throw new WeighbridgeError('unreachable', `${nameOf(url)} gives no token`);
  const life = typeof answer['expires_in'] === 'number' ? answer['expires_in'] : usualLife;
  return { token, until: Date.now() + Math.max(5, life - 10) * 1000 };
}

function basic({ user, password }: RegistryCredentials): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

function parameter(challenge: string, name: string): string | null {
  return new RegExp(`[\\s,]${name}="([^"]*)"`, 'i').exec(challenge)?.[1] ?? null;
}
