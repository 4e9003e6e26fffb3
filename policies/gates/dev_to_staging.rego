# METADATA
# title: From development to staging
# description: Fully automatic. Format, signature, provenance of the datasets, functional checks.
# custom:
#   gate: dev-to-staging
package weighbridge.gates.dev_to_staging

import data.weighbridge.evidence

# METADATA
# title: The model is in a format that runs no code
# custom:
#   id: gate/format
#   severity: error
#   effective_on: "2026-01-01"
#   atlas: [AML.T0011.000, AML.T0010.003]
#   owasp: [ML06:2023, LLM03:2025]
#   nist_ai_rmf: [MEASURE 2.7]
#   eu_ai_act: [Article 15(5)]
deny contains object.union(found, {"id": "gate/format"}) if some found in evidence.format

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
# title: Every dataset has a record, and is what was recorded
# custom:
#   id: gate/dataset-provenance
#   severity: error
#   effective_on: "2026-01-01"
#   atlas: [AML.T0010.002, AML.T0020]
#   owasp: [ML02:2023, LLM04:2025]
#   nist_ai_rmf: [MAP 2.3, MAP 4.1]
#   eu_ai_act: [Article 10(2), Annex XI 1.2(c)]
deny contains object.union(found, {"id": "gate/dataset-provenance"}) if some found in evidence.datasets

# METADATA
# title: The functional checks passed
# custom:
#   id: gate/functional
#   severity: error
#   effective_on: "2026-01-01"
#   atlas: []
#   owasp: []
#   nist_ai_rmf: [MEASURE 2.1, MEASURE 2.3]
#   eu_ai_act: [Article 9(6), Article 15(1)]
deny contains object.union(found, {"id": "gate/functional"}) if some found in evidence.functional

# METADATA
# title: A bill of materials will be needed in production
# custom:
#   id: gate/aibom-soon
#   severity: warning
#   effective_on: "2026-01-01"
#   atlas: []
#   owasp: [ML06:2023]
#   nist_ai_rmf: [GOVERN 1.6]
#   eu_ai_act: [Article 53(1)(a)]
warn contains object.union(found, {"id": "gate/aibom-soon"}) if some found in evidence.aibom

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
