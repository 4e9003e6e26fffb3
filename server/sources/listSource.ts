import type { SourceAddress } from './address.ts';
import type { Traffic } from './http/exchange.ts';
import type { Listing } from './source.ts';

/** What listing a source needs. */
export interface ListSetting {
  traffic: Traffic;
  signal: AbortSignal;
  /** Where credentials and addresses of services are looked for. */
  environment: NodeJS.ProcessEnv;
}

/**
 * What a source holds.
 * @throws {WeighbridgeError} `unreachable`, `refused`, `not-found`, `bad-usage`.
 */
export async function listSource(address: SourceAddress, setting: ListSetting): Promise<Listing> {
  switch (address.kind) {
    case 'http':
      return (await import('./webFile.ts')).listWebFile(address, setting);
    case 'hub':
      return (await import('./hub.ts')).listHub(address, setting);
    case 's3':
      return (await import('./s3.ts')).listBucket(address, setting);
    case 'oci':
      return (await import('./oci/registry.ts')).listArtifact(address, setting);
    case 'mlflow':
      return (await import('./mlflow.ts')).listModelVersion(address, setting);
  }
}
