import { WeighbridgeError } from '../../errors.ts';
import { secureUrl } from './jsonRequest.ts';

/** The services that take part in a keyless signature. */
export interface SigstoreInstance {
  /** For messages: `the public Sigstore instance`. */
  name: string;
  certificateAuthority: string;
  /** Base URL of a Rekor log. */
  transparencyLog: string;
  /** Of the log's interface: those of version 2 vouch for no time, and need a timestamp authority beside. */
  logVersion: 1 | 2;
  /** Full URL; null where the log's own time is all there is. */
  timestampAuthority: string | null;
  /** The OpenID provider for interactive sign-in; null where tokens come from elsewhere. */
  openIdIssuer: string | null;
  /** The client that tokens are issued for. */
  clientId: string;
}

/**
 * The signing configuration that The Update Framework gives out for the public instance. The log is that of version 1, of
 * which every client reads the entries.
 * https://github.com/sigstore/root-signing
 */
export const publicInstance: SigstoreInstance = {
  name: 'the public Sigstore instance',
  certificateAuthority: 'https://fulcio.sigstore.dev',
  transparencyLog: 'https://rekor.sigstore.dev',
  logVersion: 1,
  timestampAuthority: 'https://timestamp.sigstore.dev/api/v1/timestamp',
  openIdIssuer: 'https://oauth2.sigstore.dev/auth',
  clientId: 'sigstore',
};

/** The public instance for trying things out: its logs are not kept. https://docs.sigstore.dev/quickstart/quickstart-ci/ */
export const stagingInstance: SigstoreInstance = {
  name: 'the staging Sigstore instance',
  certificateAuthority: 'https://fulcio.sigstage.dev',
  transparencyLog: 'https://rekor.sigstage.dev',
  logVersion: 1,
  timestampAuthority: 'https://timestamp.sigstage.dev/api/v1/timestamp',
  openIdIssuer: 'https://oauth2.sigstage.dev/auth',
  clientId: 'sigstore',
};

interface Service {
  url?: unknown;
  majorApiVersion?: unknown;
  validFor?: { start?: unknown; end?: unknown } | null;
}

/**
 * A private instance.
 * @param trustConfig JSON value of a Sigstore `ClientTrustConfig`; its signing configuration says where to sign.
 * @throws {WeighbridgeError} `bad-input`: it does not say where to sign; `refused`: a service without encryption.
 * https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_trustroot.proto
 */
export function instanceOf(trustConfig: unknown, { clientId = 'sigstore', now = new Date() } = {}): SigstoreInstance {
  const config = recordOf(recordOf(trustConfig)?.['signingConfig']);
  if (config === null) {
    throw new WeighbridgeError(
      'bad-input',
      'The trust configuration has no "signingConfig", which says where to sign.',
    );
  }
  const pick = (field: string, what: string, version = 1): string | null => {
    const services = Array.isArray(config[field]) ? (config[field] as Service[]) : [];
    const usable = services
      .filter((service) => isUsable(service, version, now))
      .sort((a, b) => startOf(b) - startOf(a));
    const url = usable[0]?.url;
    return typeof url === 'string' ? trimmed(secureUrl(url, what).href) : null;
  };
  const missing = (what: string): WeighbridgeError =>
    new WeighbridgeError('bad-input', `The trust configuration names no ${what}, or none that is in service.`);
  const certificateAuthority = pick('caUrls', 'certificate authority');
  if (certificateAuthority === null) throw missing('certificate authority of version 1 ("caUrls")');
  const firstLog = pick('rekorTlogUrls', 'transparency log');
  const transparencyLog = firstLog ?? pick('rekorTlogUrls', 'transparency log', 2);
  if (transparencyLog === null) throw missing('transparency log of version 1 or 2 ("rekorTlogUrls")');
  const timestampAuthority = pick('tsaUrls', 'timestamp authority');
  const logVersion = firstLog === null ? 2 : 1;
  if (logVersion === 2 && timestampAuthority === null)
    throw missing('timestamp authority ("tsaUrls"), which a log of version 2 needs');
  return {
    name: 'the Sigstore instance of the trust configuration',
    certificateAuthority,
    transparencyLog,
    logVersion,
    timestampAuthority,
    openIdIssuer: pick('oidcUrls', 'OpenID provider'),
    clientId,
  };
}

function isUsable(service: Service | null, version: number, now: Date): boolean {
  if (service?.majorApiVersion !== version) return false;
  const end = dateOf(service.validFor?.end);
  return startOf(service) <= now.getTime() && (end === null || end >= now.getTime());
}

function startOf({ validFor }: Service): number {
  return dateOf(validFor?.start) ?? 0;
}

function dateOf(value: unknown): number | null {
  const time = typeof value === 'string' ? Date.parse(value) : NaN;
  return Number.isNaN(time) ? null : time;
}

function recordOf(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
}

function trimmed(url: string): string {
  return url.replace(/\/+$/, '');
}
