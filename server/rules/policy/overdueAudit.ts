import { defineRule } from '../rule.ts';

const weights = {
  file: 'models/a/model.safetensors',
  safetensors: { header: '{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', dataBytes: 4 },
};

export const overdueAudit = defineRule({
  subject: 'directory',
  meta: {
    id: 'policy/overdue-audit',
    title: 'A hotfix owes a security audit',
    severity: 'error',
    description:
      'The log of decisions (`policy.audit-log` in `weighbridge.yaml`) holds a hotfix of this model that the gate let pass because an audit would follow within 24 hours, and no audit is recorded. While there is time it is information; when the time is over it is an error, and gates deny until it is recorded.',
    why: 'The hotfix gate asks for little, so that a fix is not held up. What it left out must be looked at afterwards: otherwise the gate for emergencies is the way around all others.',
    howToFix:
      'Audit the model: scan it, test it against the version before, and write down what was looked at. Then record the audit with `weighbridge policy close-audit ID --as WHO --report FILE`.',
    avoid: [
      {
        ...weights,
        audits: [{ id: '12', due: '2026-01-02T00:00:00.000Z', overdue: true }],
        note: 'The hotfix of this model passed on 1 January, and its audit was due a day later.',
      },
    ],
    prefer: [{ ...weights, audits: [], note: 'The audit of the hotfix is recorded.' }],
    references: [
      {
        title: 'NIST SP 800-53: CM-3, Configuration Change Control',
        url: 'https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final',
      },
    ],
    cwe: [1357],
    atlas: ['AML.T0010.003'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MANAGE 2.3', 'MANAGE 4.1'],
    euAiAct: ['Article 9(2)'],
    since: '0.1.0',
  },
  check({ audits }, report) {
    for (const { id, due, overdue } of audits) {
      const record = `Record it with weighbridge policy close-audit ${id} --as WHO --report FILE.`;
      report({
        severity: overdue ? 'error' : 'info',
        message: overdue
          ? `The security audit that the hotfix ${id} of this model owed was due at ${due}. ${record}`
          : `The hotfix ${id} of this model owes a security audit by ${due}. ${record}`,
        evidence: { id, due },
      });
    }
  },
});
