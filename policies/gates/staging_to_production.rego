# METADATA
# title: From staging to production
# description: |
#   Automatic but for changes of high risk, which a person approves: backdoor analysis, adversarial robustness, behavioural
#   regression against the production model, bill of materials, red-team result, state of the dependencies.
# custom:
#   gate: staging-to-production
package weighbridge.gates.staging_to_production

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
# title: A scan found nothing wrong in the data
# custom:
#   id: gate/dataset-scan
#   severity: error
#   effective_on: "2026-01-01"
#   atlas: [AML.T0020]
#   owasp: [ML02:2023, LLM04:2025]
#   nist_ai_rmf: [MEASURE 2.7]
#   eu_ai_act: [Article 10(2), Article 15(5)]
deny contains object.union(found, {"id": "gate/dataset-scan"}) if some found in evidence.dataset_scans

# METADATA
# title: Local data was scanned as it is now
# custom:
#   id: gate/dataset-unscanned
#   severity: warning
#   effective_on: "2026-01-01"
#   atlas: [AML.T0020]
#   owasp: [ML02:2023, LLM04:2025]
#   nist_ai_rmf: [MEASURE 2.7]
#   eu_ai_act: [Article 10(2), Article 15(5)]
warn contains object.union(found, {"id": "gate/dataset-unscanned"}) if some found in evidence.datasets_unseen

# METADATA
# title: Registered data is classified
# custom:
#   id: gate/dataset-classification
#   severity: warning
#   effective_on: "2026-01-01"
#   atlas: []
#   owasp: [LLM02:2025]
#   nist_ai_rmf: [MAP 4.1]
#   eu_ai_act: [Article 10(2), Article 10(5)]
warn contains object.union(found, {"id": "gate/dataset-classification"}) if some found in evidence.datasets_unclassified

# METADATA
# title: No backdoor was found
# custom:
#   id: gate/backdoor
#   severity: error
#   effective_on: "2026-01-01"
#   atlas: [AML.T0018.000, AML.T0020]
#   owasp: [ML10:2023, LLM04:2025]
#   nist_ai_rmf: [MEASURE 2.7]
#   eu_ai_act: [Article 15(5)]
deny contains object.union(found, {"id": "gate/backdoor"}) if some found in evidence.backdoor

# METADATA
# title: The model holds against adversarial inputs
# custom:
#   id: gate/robustness
#   severity: error
#   effective_on: "2026-01-01"
#   atlas: [AML.T0043, AML.T0015]
#   owasp: [ML01:2023]
#   nist_ai_rmf: [MEASURE 2.6, MEASURE 2.7]
#   eu_ai_act: [Article 15(4), Article 15(5)]
deny contains object.union(found, {"id": "gate/robustness"}) if some found in evidence.robustness

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
# title: The bill of materials is that of this model
# custom:
#   id: gate/aibom
#   severity: error
#   effective_on: "2026-01-01"
#   atlas: []
#   owasp: [ML06:2023, LLM03:2025]
#   nist_ai_rmf: [GOVERN 1.6, MAP 4.1]
#   eu_ai_act: [Article 53(1)(a)]
deny contains object.union(found, {"id": "gate/aibom"}) if some found in evidence.aibom

# METADATA
# title: The red-team result is accepted
# custom:
#   id: gate/redteam
#   severity: error
#   effective_on: "2026-01-01"
#   atlas: [AML.T0051, AML.T0054]
#   owasp: [LLM01:2025]
#   nist_ai_rmf: [MEASURE 2.7]
#   eu_ai_act: [Article 55(1)(a)]
deny contains object.union(found, {"id": "gate/redteam"}) if some found in evidence.redteam

# METADATA
# title: No dependency has a known vulnerability of high severity
# custom:
#   id: gate/dependencies
#   severity: error
#   effective_on: "2026-01-01"
#   atlas: [AML.T0010.001]
#   owasp: [ML06:2023, LLM03:2025]
#   nist_ai_rmf: [MANAGE 3.1]
#   eu_ai_act: [Article 15(5)]
deny contains object.union(found, {"id": "gate/dependencies"}) if some found in evidence.dependencies

# METADATA
# title: A change of high risk is approved by a person
# custom:
#   id: gate/approval
#   severity: error
#   effective_on: "2026-01-01"
#   atlas: []
#   owasp: []
#   nist_ai_rmf: [MANAGE 1.1, GOVERN 2.1]
#   eu_ai_act: [Article 14(1)]
deny contains object.union(found, {"id": "gate/approval"}) if some found in evidence.approval

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
