import { version } from '../engine/build.ts';
import type { DecisionContext } from './decisionRecord.ts';
import type { GateDecision } from './gate.ts';

export const statementPayloadType = 'application/vnd.in-toto+json';

/**
 * A decision as an in-toto statement: SLSA's verification summary (https://slsa.dev/spec/v1.1/verification_summary). It can
 * be signed as it is.
 */
export function verificationSummary(decision: GateDecision, context: DecisionContext): string {
  const { path, digest } = context.model;
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: path, digest: { sha256: (digest ?? '').replace(/^sha256:/, '') } }],
    predicateType: 'https://slsa.dev/verification_summary/v1',
    predicate: {
      verifier: { id: 'https://github.com/weighbridge-dev/weighbridge', version: { weighbridge: version } },
      timeVerified: context.decidedAt.replace(/\.\d+Z$/, 'Z'),
      resourceUri: path,
      policy: { uri: `urn:weighbridge:gate:${decision.gate}`, digest: { sha256: context.policySha256 } },
      inputAttestations: [{ uri: 'urn:weighbridge:evidence', digest: { sha256: context.evidenceSha256 } }],
      verificationResult: decision.decision === 'allow' ? 'PASSED' : 'FAILED',
      verifiedLevels: [`WEIGHBRIDGE_${decision.gate.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_')}`],
    },
  };
  return `${JSON.stringify(statement, null, 2)}\n`;
}
