import '../explicitDigest.ts';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toTrustMaterial } from '@sigstore/verify';
import { WeighbridgeError } from '../../errors.ts';
import type { KeylessTrust } from '../contract.ts';
import { readRefreshedRoot } from './refreshedRoot.ts';

/** The keys and certificates that decide about keyless signatures, and where they come from. */
export interface TrustRoot {
  root: TrustedRoot;
  /** One clause for a person: `the trusted root shipped with Weighbridge (of 2026-11-05, 18 days old)`. */
  description: string;
  /** It is that of the public instance, and nobody chose it for this signature. */
  isPublic: boolean;
  warnings: string[];
}

/** Publication of the release of @sigstore/tuf that holds the shipped root; a test holds it to the version of the lock file. */
export const shipped = { version: '5.0.1', date: '2026-11-05' };

const dayMs = 86_400_000;
/** The public instance changes its keys about once a year; after half a year a look is due. */
const oldAfterDays = 180;

/**
 * The user's own root, then the one that was last refreshed, then the one shipped with the library. Never asks the network.
 * @throws {WeighbridgeError} `bad-input`: the user's file is no trusted root; `refused`: there is none for staging.
 */
export async function chooseTrustRoot(
  trust: Pick<KeylessTrust, 'trustedRoot' | 'trustConfig' | 'staging'>,
  { environment = process.env, now = new Date() }: { environment?: NodeJS.ProcessEnv; now?: Date } = {},
): Promise<TrustRoot> {
  if (trust.trustedRoot !== undefined) {
    return {
      root: parseRoot(trust.trustedRoot, 'The trusted root file'),
      description: 'the trusted root that was given',
      isPublic: false,
      warnings: [],
    };
  }
  if (trust.trustConfig !== undefined) {
    const { trustedRoot: inner } = Object(trust.trustConfig) as { trustedRoot?: unknown };
    return {
      root: parseRoot(inner, 'The trust configuration'),
      description: 'the trust configuration that was given',
      isPublic: false,
      warnings: [],
    };
  }
  if (trust.staging) {
    throw new WeighbridgeError(
      'refused',
      'No trusted root of the staging instance is shipped; give one with --trusted-root.',
    );
  }
  const refreshed = readRefreshedRoot(environment);
  const warnings = refreshed.problem === null ? [] : [refreshed.problem];
  if (refreshed.root !== null && refreshed.root.refreshedAt.slice(0, 10) >= shipped.date) {
    const { refreshedAt, trustedRoot } = refreshed.root;
    const description = `the trusted root refreshed on ${refreshedAt.slice(0, 10)} (${age(refreshedAt, now)})`;
    return {
      root: parseRoot(trustedRoot, 'The refreshed trusted root'),
      description,
      isPublic: true,
      warnings: [...warnings, ...old(refreshedAt, now)],
    };
  }
  const { shippedRoot } = await import('./shippedRoot.ts');
  return {
    root: parseRoot(shippedRoot(), 'The shipped trusted root'),
    description: `the trusted root shipped with Weighbridge (of ${shipped.date}, ${age(shipped.date, now)})`,
    isPublic: true,
    warnings: [...warnings, ...old(shipped.date, now)],
  };
}

/** @throws {WeighbridgeError} `bad-input` */
function parseRoot(json: unknown, what: string): TrustedRoot {
  const listed = json as { tlogs?: unknown; certificateAuthorities?: unknown } | null | undefined;
  try {
    if (!Array.isArray(listed?.tlogs) || !Array.isArray(listed.certificateAuthorities))
      throw new Error('it lists no logs or no authorities');
    const root = TrustedRoot.fromJSON(json);
    toTrustMaterial(root);
    return root;
  } catch (error) {
    throw new WeighbridgeError('bad-input', `${what} is no Sigstore trusted root: ${(error as Error).message}.`);
  }
}

function days(date: string, now: Date): number {
  return Math.max(0, Math.floor((now.getTime() - Date.parse(date)) / dayMs));
}

function age(date: string, now: Date): string {
  const count = days(date, now);
  return count === 1 ? '1 day old' : `${count} days old`;
}

function old(date: string, now: Date): string[] {
  return days(date, now) > oldAfterDays
    ? [`the trusted root is ${age(date, now)}: refresh it with "weighbridge verify --refresh-trusted-root"`]
    : [];
}
