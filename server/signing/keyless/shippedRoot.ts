import seeds from '@sigstore/tuf/seeds.json' with { type: 'json' };

/** The trusted root of the public instance that @sigstore/tuf ships to begin with, as a JSON value. */
export function shippedRoot(): unknown {
  const { targets } = seeds['https://tuf-repo-cdn.sigstore.dev'];
  return JSON.parse(Buffer.from(targets['trusted_root.json'], 'base64').toString('utf8'));
}
