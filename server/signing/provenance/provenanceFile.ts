import { basename, dirname, join } from 'node:path';

/**
 * Where the provenance of a model is kept: beside its signature, and outside of it, as it can be added or renewed without
 * signing the model again. `model.sig` has `model.intoto.sigstore.json`.
 */
export function provenanceFile(signature: string): string {
  return join(dirname(signature), `${basename(signature).replace(/\.sig$/, '')}.intoto.sigstore.json`);
}
