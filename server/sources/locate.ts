import { WeighbridgeError } from '../errors.ts';
import { parseAddress } from './address.ts';
import { awsAccess } from './awsAccess.ts';
import { anonymous } from './http/exchange.ts';
import { FetchError } from './http/fetchError.ts';
import { hubFile } from './hub.ts';
import type { ListSetting } from './listSource.ts';
import { artifactScheme, proxiedArtifact } from './mlflow.ts';
import { registryAccess } from './oci/registryAccess.ts';
import type { StoredFile } from './protocol.ts';
import { objectOf } from './s3.ts';
import type { RemoteFile } from './source.ts';

type Where = Pick<RemoteFile, 'url' | 'authorize'>;

/** Finds files again that were listed before, with the credentials that are here: nothing is listed for it. */
export class Locator {
  readonly #setting: ListSetting;
  /** Of registries, by repository: they are asked once how they want to be asked. */
  readonly #registries = new Map<string, ReturnType<typeof registryAccess>>();

  constructor(setting: ListSetting) {
    this.#setting = setting;
  }

  /**
   * @throws {WeighbridgeError} `refused` where this machine would ask another server than the one that listed it; otherwise as
   * listing does.
   */
  async locate({ path, size, sha256, address, origin, tag, version }: StoredFile): Promise<RemoteFile> {
    const where = await this.#where(address, sha256);
    if (where.url.origin !== origin)
      throw new FetchError(
        'refused',
        `${address} was listed by ${origin}, and this worker would ask ${where.url.origin}: give it the same address of the server`,
      );
    return {
      ...{ path, size, address, ...where },
      ...(sha256 === undefined ? {} : { sha256 }),
      ...(tag === undefined ? {} : { tag }),
      ...(version === undefined ? {} : { version }),
    };
  }

  async #where(text: string, sha256: string | undefined): Promise<Where> {
    const { environment } = this.#setting;
    if (text.startsWith(artifactScheme)) return proxiedArtifact(text.slice(artifactScheme.length), environment);
    const address = parseAddress(text);
    switch (address.kind) {
      case 'http':
        return { url: address.url, authorize: anonymous };
      case 'hub':
        return hubFile(address, environment);
      case 's3':
        return objectOf(address.bucket, address.prefix, await awsAccess(environment));
      case 'oci': {
        const { base, authorize } = await this.#registry(address.host, address.repository);
        return { url: new URL(`${base}/blobs/sha256:${sha256}`), authorize };
      }
      case 'mlflow':
        throw new WeighbridgeError('bad-input', `${text} names a model and no file of it`);
    }
  }

  #registry(host: string, repository: string): ReturnType<typeof registryAccess> {
    const key = `${host}/${repository}`;
    const known = this.#registries.get(key);
    if (known) return known;
    const asked = registryAccess(host, repository, this.#setting);
    this.#registries.set(key, asked);
    asked.catch(() => this.#registries.delete(key));
    return asked;
  }
}
