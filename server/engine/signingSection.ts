import { resolve } from 'node:path';
import type { CertificatePin } from '../signing/contract.ts';
import type { TrustedRoots, TrustEntry, TrustPolicy } from '../signing/trustPolicy.ts';
import type { Plain } from './configurationCheck.ts';
import { list, record, strings } from './plain.ts';

/** The trust policy of a section that was checked against its shape. */
export function trustPolicyOf(section: Plain, folder: string): TrustPolicy {
  const { trust, 'trusted-root': root, 'trust-config': config } = record(section);
  return {
    trustedRoot: typeof root === 'string' ? resolve(folder, root) : null,
    trustConfig: typeof config === 'string' ? resolve(folder, config) : null,
    trust: list(trust).map((entry) => entryOf(record(entry), folder)),
  };
}

function entryOf(entry: Record<string, Plain>, folder: string): TrustEntry {
  return {
    models: strings(entry['models']),
    required: entry['required'] === true,
    identities: list(entry['identities'])
      .map(record)
      .flatMap(({ identity, issuer }) =>
        typeof identity === 'string' && typeof issuer === 'string' ? [{ identity, issuer }] : [],
      ),
    keys: strings(entry['keys']).map((file) => resolve(folder, file)),
    certificates: list(entry['certificates']).flatMap((certificate) => rootsOf(certificate, folder)),
  };
}

function rootsOf(written: Plain, folder: string): TrustedRoots[] {
  const { roots, ...rest } = typeof written === 'string' ? { roots: written } : record(written);
  if (typeof roots !== 'string') return [];
  const pin: CertificatePin = {};
  for (const [key, name] of pinNames) {
    const value = (rest as Record<string, Plain>)[key];
    if (typeof value === 'string') pin[name] = value;
  }
  return [{ roots: resolve(folder, roots), pin }];
}

const pinNames = [
  ['subject', 'subject'],
  ['alternative-name', 'subjectAlternativeName'],
  ['public-key-sha256', 'publicKeySha256'],
] as const;
