import { defineRule } from '../rule.ts';
import { files, listed } from './words.ts';
import { signedExample, signingSpecification } from './signedExample.ts';

const shown = 1000;

export const filesOutsideSignature = defineRule({
  subject: 'directory',
  meta: {
    id: 'signing/files-outside-signature',
    title: 'Files stand beside a signed model that its signature does not cover',
    severity: 'warning',
    description:
      'The signature holds, and the folder has files that it does not name: they came after the signing. Paths that the signature itself leaves out (its ignored paths, and `.git*` at the top) are reported as information when something stands there.',
    why: 'A loader reads whatever stands in the folder: a configuration, a tokenizer, a script of model code. What the signature does not cover can be added or changed without breaking it.',
    howToFix:
      'Look at every file that is named. Remove what does not belong there, or sign the model again so that the signature covers it.',
    avoid: [
      signedExample(
        {
          stance: 'stated',
          result: {
            verified: false,
            failure: 'differences',
            reason: 'one file is not signed',
            differences: [{ path: 'modeling_a.py', kind: 'extra' }],
            coverage: { files: [], ignored: [], signedIgnorePaths: [], unsigned: ['modeling_a.py'] },
          },
        },
        'The signature holds, and `modeling_a.py` was put beside the model after the signing.',
      ),
    ],
    prefer: [signedExample({ stance: 'stated', result: {} }, 'Every file of the folder is covered by the signature.')],
    references: [signingSpecification],
    cwe: [345, 353],
    atlas: ['AML.T0010.003', 'AML.T0058'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7', 'MANAGE 3.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check({ path, signing: { signature, stance } }, report) {
    if (signature?.model !== path || !signature.result.signatureHolds) return;
    const { unsigned, ignored } = signature.result.coverage;
    if (unsigned.length > 0) {
      report({
        message: `${files(unsigned.length)} here ${unsigned.length === 1 ? 'is' : 'are'} not covered by the signature: ${listed(unsigned)}. Look at what came after the signing; remove it, or sign the model again.`,
        ...(stance === 'required' ? { severity: 'error' as const } : {}),
        evidence: { signature: signature.file, unsigned: unsigned.slice(0, shown), count: unsigned.length },
        fixes: ['sign-model', 'verify-again'],
      });
    }
    if (ignored.length > 0) {
      report({
        message: `The signature leaves out ${listed(ignored)}: what stands there may change without breaking it. Do not load anything from there.`,
        severity: 'info',
        evidence: { signature: signature.file, ignored: ignored.slice(0, shown), count: ignored.length },
      });
    }
  },
});
