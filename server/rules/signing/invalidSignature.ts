import type { Difference } from '../../signing/contract.ts';
import type { CheckedSignature } from '../directory.ts';
import type { RelatedPlace } from '../finding.ts';
import { defineRule, type Report } from '../rule.ts';
import { files, listed, signerOf } from './words.ts';
import { signedExample, signingSpecification } from './signedExample.ts';

const shown = 1000;
const relatedAtMost = 50;

export const invalidSignature = defineRule({
  subject: 'directory',
  meta: {
    id: 'signing/invalid-signature',
    title: 'The signature does not hold, or the files are not those that were signed',
    severity: 'error',
    description:
      'A model signature was verified by the trust policy, and it fails: the cryptography does not hold, the statement in it is no proper one, or files changed or went since they were signed. Every such file is listed. A signature file that cannot be read at all is a warning, unless the policy demands a signature.',
    why: 'A signature that fails is what tampering looks like: somebody who could write to the folder put other weights in place of those that were signed.',
    howToFix:
      'Do not load the model. Get it again from where it was signed, and verify it. If you changed the files yourself, look at every difference, then sign the model again.',
    avoid: [
      signedExample(
        {
          stance: 'stated',
          result: {
            verified: false,
            failure: 'differences',
            reason: 'one file is not what was signed',
            differences: [{ path: 'model.safetensors', kind: 'changed' }],
          },
        },
        'The signature is by a trusted key, and `model.safetensors` has another digest than the one that was signed.',
      ),
    ],
    prefer: [
      signedExample(
        { stance: 'stated', result: {} },
        'The signature is by a trusted key, and every file is as signed.',
      ),
    ],
    references: [signingSpecification],
    cwe: [345, 347, 494],
    atlas: ['AML.T0010.003', 'AML.T0058'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7', 'MANAGE 3.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check({ path, signing: { signature, stance } }, report) {
    if (signature?.model !== path) return;
    const { failure, differences } = signature.result;
    const found = differences.filter(({ kind }) => kind !== 'extra');
    if (failure === 'differences') {
      if (found.length > 0) report(ofDifferences(signature, found));
    } else if (failure !== null && failure !== 'untrusted' && failure !== 'unsigned') {
      report({
        message: `${words[failure]}. ${signature.result.reason ?? 'No reason is known.'} Do not load the model until its signature is verified.`,
        ...(failure === 'malformed' && stance !== 'required' ? { severity: 'warning' as const } : {}),
        evidence: { failure, signature: signature.file },
        fixes: ['verify-again', 'sign-model'],
      });
    }
  },
});

const words = {
  malformed: 'The signature file cannot be read',
  'invalid-signature': 'The signature does not hold',
  'invalid-statement': 'The signature holds, and what was signed is no proper statement about a model',
  'unreadable-model': 'The signature cannot be verified',
  'changed-while-hashing': 'The signature could not be verified, as the model changed meanwhile',
};

function ofDifferences(signature: CheckedSignature, found: readonly Difference[]): Report {
  const named = (kind: Difference['kind']) => found.filter((each) => each.kind === kind).map(({ path }) => path);
  const [changed, missing] = [named('changed'), named('missing')];
  const parts = [];
  if (changed.length > 0) parts.push(`${listed(changed)} ${changed.length === 1 ? 'is' : 'are'} not what was signed`);
  if (missing.length > 0) parts.push(`${listed(missing)} ${missing.length === 1 ? 'is' : 'are'} missing`);
  return {
    message: `Changed since ${signerOf(signature)} signed it: ${parts.join(', and ')} (${files(found.length)} of ${signature.result.coverage.files.length.toLocaleString('en')}). Do not load it; get the signed files again, or sign anew if the change is yours.`,
    evidence: {
      failure: 'differences',
      signature: signature.file,
      signer: signature.result.signer,
      differences: found.slice(0, shown).map(({ path, kind }) => ({ path, kind })),
      count: found.length,
    },
    fixes: ['verify-again', 'sign-model'],
    related: changed.slice(0, relatedAtMost).map((path): RelatedPlace => {
      return { path: `${signature.model}/${path}`, message: 'not what was signed' };
    }),
  };
}
