import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { onDisk } from '../files/diskPath.ts';
import { compare } from './verdicts.ts';

/** A file that is a model signature by its name, and what it would cover; both are names in one folder. */
export interface SignatureCandidate {
  name: string;
  /** The one file that it stands beside; null for the folder. */
  file: string | null;
}

/** The name that the specification's tools write. */
export const usualName = 'model.sig';

/** Statements about how something was built are signed in the same way, and cover nothing. */
const otherStatement = /(?:intoto|provenance|attestation)/i;

const signatureName = /^(.+?)(?:\.oms)?(?:\.sig|\.sigstore(?:\.json)?)$/i;

/** Whether a path may be that of a model signature. */
export function maySign(path: string): boolean {
  return signatureName.test(path);
}

/** The files of a folder that may be model signatures, the likeliest first. */
export function signatureCandidates(folder: string, names: readonly string[]): SignatureCandidate[] {
  const found: SignatureCandidate[] = [];
  for (const name of [...names].sort(compare)) {
    const stem = signatureName.exec(name)?.[1];
    if (stem === undefined || (otherStatement.test(name) && name !== usualName)) continue;
    const file = name !== usualName && existsSync(onDisk(join(folder, stem))) ? stem : null;
    if (name === usualName) found.unshift({ name, file });
    else found.push({ name, file });
  }
  return found;
}
