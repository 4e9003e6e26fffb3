# METADATA
# title: Hotfix
# description: |
#   The floor for a fix that cannot wait: signature, findings and behavioural regression. A security audit is due within 24
#   hours; a later gate of the same repository denies when it is overdue.
# custom:
#   gate: hotfix
package weighbridge.gates.hotfix

import data.weighbridge.evidence

# METADATA
# title: The model is signed by someone who is trusted
# custom:
#   id: gate/signature
#   severity: error
#   effective_on: "2026-01-01"
#   atlas: [AML.T0010.003, AML.T0058]
#   owasp: [ML06:2023, LLM03:2025]
#   nist_ai_rmf: [MEASURE 2.7, MANAGE 3.1]
#   eu_ai_act: [Article 15(5)]
deny contains object.union(found, {"id": "gate/signature"}) if some found in evidence.signature

# METADATA
# title: The scan found nothing dangerous
# custom:
#   id: gate/findings
#   severity: error
#   effective_on: "2026-01-01"
#   atlas: [AML.T0018.002]
#   owasp: [ML06:2023, ML10:2023]
#   nist_ai_rmf: [MEASURE 2.7, MANAGE 3.2]
#   eu_ai_act: [Article 15(5)]
deny contains object.union(found, {"id": "gate/findings"}) if some found in evidence.findings

# METADATA
# title: The model behaves as the one in production
# custom:
#   id: gate/regression
#   severity: error
#   effective_on: "2026-01-01"
#   atlas: [AML.T0018]
#   owasp: [ML08:2023, ML10:2023]
#   nist_ai_rmf: [MEASURE 2.3, MANAGE 2.4]
#   eu_ai_act: [Article 15(1)]
deny contains object.union(found, {"id": "gate/regression"}) if some found in evidence.regression

# METADATA
# title: No audit of a hotfix is overdue
# custom:
#   id: gate/audit-overdue
#   severity: error
#   effective_on: "2026-01-01"
#   atlas: []
#   owasp: []
#   nist_ai_rmf: [MANAGE 4.1]
#   eu_ai_act: []
deny contains object.union(found, {"id": "gate/audit-overdue"}) if some found in evidence.audits

# METADATA
# title: A security audit follows within 24 hours
# custom:
#   id: gate/audit-due
obligations contains {"kind": "audit", "id": "gate/audit-due", "within_hours": 24, "text": "security audit of the hotfix"}
