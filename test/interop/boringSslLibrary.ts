// What @sigstore/verify says of a bundle: without our guard, then with it. Arguments: the bundle, the trusted root.
import { readFileSync } from 'node:fs';
import { bundleFromJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';

const [bundle, root] = process.argv.slice(2).map((file): unknown => JSON.parse(readFileSync(file, 'utf8')));

function verdict(): string {
  try {
    new Verifier(toTrustMaterial(TrustedRoot.fromJSON(root))).verify(toSignedEntity(bundleFromJSON(bundle)));
    return 'holds';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

const bare = verdict();
await import('../../server/signing/explicitDigest.ts');
console.log(JSON.stringify({ bare, guarded: verdict() }));
