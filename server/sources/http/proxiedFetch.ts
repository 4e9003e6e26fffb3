import { getProxyForUrl } from 'proxy-from-env';
import type * as Undici from 'undici';
import { WeighbridgeError } from '../../errors.ts';

/** By the address of the proxy. */
const agents = new Map<string, Undici.ProxyAgent>();

/**
 * `fetch`, by the proxy that `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` name (in small letters, too), as other tools do.
 * Node 20 does not heed them.
 * @throws {WeighbridgeError} `bad-usage` where that is no proxy.
 */
export async function proxiedFetch(url: URL, init: RequestInit): Promise<Response> {
  const proxy = getProxyForUrl(url.href);
  if (proxy === '') return fetch(url, init);
  // Bundled, a CommonJS module has a default export alone.
  const undici = (await import('undici')).default as unknown as typeof Undici;
  let dispatcher = agents.get(proxy);
  if (!dispatcher) {
    try {
      dispatcher = new undici.ProxyAgent(proxy);
    } catch (cause) {
      // It may hold a password.
      const message = 'what HTTPS_PROXY, HTTP_PROXY or ALL_PROXY says is no address of a proxy: write http://HOST:PORT';
      throw new WeighbridgeError('bad-usage', message, { cause });
    }
    agents.set(proxy, dispatcher);
  }
  return await undici.fetch(url, { ...(init as object), dispatcher });
}
