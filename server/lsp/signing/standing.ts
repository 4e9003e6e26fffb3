import { posix } from 'node:path';
import type { CheckedSignature } from '../../rules/directory.ts';
import { signerOf } from '../../rules/signing/words.ts';
import { count } from '../../report/printable.ts';
import type { Folder } from '../folder.ts';
import type { SignatureState, SignatureStanding } from '../protocol.ts';

/** How a signature stands, in one word and in one sentence: never only that it is fine. */
export function standingOf(signature: CheckedSignature): SignatureStanding {
  const state = stateOf(signature);
  return { state, text: sentences[state](signature) };
}

function stateOf({ result }: CheckedSignature): SignatureState {
  if (result.verified) return 'trusted';
  if (result.failure === 'untrusted') return 'untrusted';
  return result.signatureHolds && result.failure === 'differences' ? 'outdated' : 'invalid';
}

const sentences: Record<SignatureState, (signature: CheckedSignature) => string> = {
  trusted(signature) {
    const { coverage, trust, hashedBy } = signature.result;
    const left = coverage.ignored.length + coverage.unsigned.length;
    const hashed = hashedBy.cache > 0 ? `${count(hashedBy.cache, 'digest')} from the cache` : 'every byte hashed';
    return `Signed by ${signerOf(signature)}, trusted by ${trust ?? 'the policy'}: ${count(coverage.files.length, 'file')} as signed (${hashed}), ${left === 0 ? 'nothing left out' : `${count(left, 'path')} not covered`}.`;
  },
  outdated(signature) {
    const { differences } = signature.result;
    return `Signed by ${signerOf(signature)}, and not as signed: ${count(differences.length, 'difference')}.`;
  },
  untrusted: (signature) =>
    signature.stance === 'none'
      ? `Says that ${signerOf(signature)} signed it; not verified, as weighbridge.yaml names nobody who may.`
      : `Says that ${signerOf(signature)} signed it, whom weighbridge.yaml does not trust for this model.`,
  invalid: ({ result }) => result.reason ?? 'The signature does not hold.',
};

/** Files that are not what was signed, or that came after the signing; relative to the folder that was scanned. */
export function differingFiles({ model, result }: CheckedSignature): { path: string; text: string }[] {
  return result.differences
    .filter(({ kind }) => kind !== 'missing')
    .map(({ path, kind }) => ({
      path: posix.join(model, path),
      text:
        kind === 'changed'
          ? 'This file is not what was signed.'
          : 'This file came after the signing: no signature covers it.',
    }));
}

/** How the signatures over the models of a folder stand; each is worded once. */
export class Standings {
  readonly #folder: Folder;
  readonly #worded = new Map<CheckedSignature, { standing: SignatureStanding; differing: Set<string> }>();

  constructor(folder: Folder) {
    this.#folder = folder;
  }

  /** Of one model (relative to the folder); null where no signature covers it. */
  of(file: string): SignatureStanding | null {
    const signature = this.#folder.scanner.signatureFor(posix.dirname(file), file);
    if (!signature) return null;
    let worded = this.#worded.get(signature);
    if (!worded) {
      const differing = signature.result.differences.map(({ path }) => posix.join(signature.model, path));
      worded = { standing: standingOf(signature), differing: new Set(differing) };
      this.#worded.set(signature, worded);
    }
    const { standing, differing } = worded;
    if (standing.state !== 'outdated') return standing;
    const text = differing.has(file)
      ? 'This file is not what was signed.'
      : 'This file is as signed, and others of its model are not.';
    return { state: 'outdated', text: `${standing.text} ${text}` };
  }
}
