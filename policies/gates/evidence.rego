# METADATA
# title: What the shipped gates look at
# description: |
#   Each set holds what is wrong with one kind of evidence. Evidence that is missing is one problem of its own, which names
#   the command that produces it: a gate never takes silence for a yes.
package weighbridge.evidence

import future.keywords.not

# A problem of missing evidence: the field of the input, and the command that fills it.
missing(field, command) := {
	"msg": sprintf("There is no evidence %s. Produce it with: %s", [field, command]),
	"field": field,
	"command": command,
}

problem(text) := {"msg": text}

# Evidence about another model than this one counts for nothing.
bound(evidence) if evidence.digest_matches == true

other_model(field, command) := {
	"msg": sprintf("The evidence %s is about another model, or an older version of this one. Produce it again with: %s", [field, command]),
	"field": field,
	"command": command,
}

# Loading these runs no code: tensors and nothing else. An ONNX export may stand beside them, for the scans.
main_format := "safetensors"

formats := {entry.format | some entry in input.model.formats}

format contains missing("model.format", "weighbridge scan MODEL") if not is_string(input.model.format)

format contains problem(sprintf("The model is %s, and only safetensors may be promoted. Convert it: weighbridge convert FILE", [input.model.format])) if {
	is_string(input.model.format)
	input.model.format != main_format
	not with_exports
}

with_exports if {
	main_format in formats
	count(formats - {main_format, "onnx"}) == 0
}

format contains problem(sprintf("%s could not be inspected completely. See: weighbridge scan MODEL", [entry.path])) if {
	some entry in input.model.formats
	entry.complete == false
}

findings contains problem(sprintf("%s: %s", [finding.path, finding.message])) if {
	some finding in input.findings
	finding.severity == "error"
}

signature contains missing("model.signature_verified", "weighbridge sign MODEL") if not is_boolean(input.model.signature_verified)

signature contains problem(sprintf("The model has no verified signature: %s", [signature_reason])) if {
	input.model.signature_verified == false
}

default signature_reason := "sign it with weighbridge sign, and name the signer in weighbridge.yaml"

signature_reason := input.model.signature.reason if is_string(input.model.signature.reason)

aibom contains missing("model.aibom_generated", "weighbridge aibom MODEL --out MODEL/aibom.cdx.json") if not is_boolean(input.model.aibom_generated)

aibom contains {
	"msg": "The bill of materials is missing, or not that of this model. Generate it: weighbridge aibom MODEL --out MODEL/aibom.cdx.json",
	"field": "model.aibom",
	"command": "weighbridge aibom MODEL --out MODEL/aibom.cdx.json",
} if {
	input.model.aibom_generated == false
}

dataset_command := "weighbridge dataset register PATH"

datasets contains missing("datasets", dataset_command) if not is_array(input.datasets)

datasets contains missing("datasets", dataset_command) if input.datasets == []

datasets contains problem(sprintf("The dataset %s has no record with a checksum. Register it: weighbridge dataset register PATH", [dataset.name])) if {
	some dataset in input.datasets
	object.get(dataset, "registered", false) != true
}

datasets contains problem(sprintf("The dataset %s is not what was registered. Look at it: weighbridge dataset verify PATH", [dataset.name])) if {
	some dataset in input.datasets
	dataset.verified == false
}

# What a recorded scan found in the data, and what was never looked at.
dataset_scan_command := "weighbridge dataset scan PATH --format json --output evidence/data.json"

dataset_scans contains problem(sprintf("The scan of the dataset %s found %d errors. Look at the rows: weighbridge dataset scan PATH", [dataset.name, dataset.scan_errors])) if {
	some dataset in input.datasets
	dataset.scan_errors > 0
}

datasets_unseen contains problem(sprintf("Nobody recorded a scan of the dataset %s as it is now. Scan it: %s", [dataset.name, dataset_scan_command])) if {
	some dataset in input.datasets
	is_string(object.get(dataset, "path", null))
	object.get(dataset, "scanned", null) != true
}

datasets_unclassified contains problem(sprintf("The record of the dataset %s does not classify it. Say what it is: weighbridge dataset register PATH --update --classification LEVEL", [dataset.name])) if {
	some dataset in input.datasets
	dataset.classified == false
}

functional_command := "your tests, recorded as {\"kind\": \"functional\", \"passed\": true, \"model\": {\"digest\": \"...\"}}"

functional contains missing("functional", functional_command) if not is_object(input.functional)

functional contains other_model("functional", functional_command) if {
	is_object(input.functional)
	not bound(input.functional)
}

functional contains problem("The functional checks failed. Mend the model, and run them again") if input.functional.passed == false

functional contains problem("The functional checks do not say whether they passed") if {
	is_object(input.functional)
	not is_boolean(input.functional.passed)
}

backdoor_command := "weighbridge backdoor MODEL.onnx --samples FILE --format json --output evidence/backdoor.json"

backdoor contains missing("backdoor", backdoor_command) if not is_object(input.backdoor)

backdoor contains other_model("backdoor", backdoor_command) if {
	is_object(input.backdoor)
	not bound(input.backdoor)
}

backdoor contains problem(sprintf("The backdoor analysis says: %v", [object.get(input.backdoor, "verdict", "nothing")])) if {
	is_object(input.backdoor)
	object.get(input.backdoor, "verdict", "") != "clean"
}

robustness_command := "weighbridge robustness MODEL.onnx --samples FILE --format json --output evidence/robustness.json"

# The share of its accuracy that a model must keep under the weakest attack.
least_kept := 0.5

robustness contains missing("robustness", robustness_command) if not is_object(input.robustness)

robustness contains other_model("robustness", robustness_command) if {
	is_object(input.robustness)
	not bound(input.robustness)
}

robustness contains problem(sprintf("Under attack the accuracy falls from %v to %v, below half of it", [input.robustness.clean_accuracy, input.robustness.worst_accuracy])) if {
	accuracies
	input.robustness.worst_accuracy < input.robustness.clean_accuracy * least_kept
}

robustness contains problem("The robustness evidence names no accuracy") if {
	is_object(input.robustness)
	not accuracies
}

accuracies if {
	is_number(input.robustness.clean_accuracy)
	is_number(input.robustness.worst_accuracy)
}

regression_command := "weighbridge regress CANDIDATE.onnx PRODUCTION.onnx --samples FILE --format json --output evidence/regression.json"

# The share of samples on which candidate and production model must agree.
least_agreement := 0.95

regression contains missing("regression", regression_command) if not is_object(input.regression)

regression contains other_model("regression", regression_command) if {
	is_object(input.regression)
	not bound(input.regression)
}

regression contains problem(sprintf("Candidate and production model agree on a share of %v, and %v is the least", [input.regression.agreement, least_agreement])) if {
	is_number(input.regression.agreement)
	input.regression.agreement < least_agreement
}

regression contains problem("The regression evidence names no agreement") if {
	is_object(input.regression)
	not is_number(input.regression.agreement)
}

redteam_command := "weighbridge redteam --format json --output evidence/redteam.json"

redteam contains missing("redteam", redteam_command) if not is_object(input.redteam)

redteam contains other_model("redteam", redteam_command) if {
	is_object(input.redteam)
	not bound(input.redteam)
}

redteam contains problem(sprintf("The red-team result is %v", [object.get(input.redteam, "decision", "undecided")])) if {
	is_object(input.redteam)
	not object.get(input.redteam, "decision", "") in {"pass", "allow", "accept"}
}

dependency_command := "pip-audit --format json --output evidence/dependencies.json"

dependencies contains missing("dependencies", dependency_command) if not is_object(input.dependencies)

dependencies contains problem(sprintf("The dependency %s has the known vulnerability %s. Update it", [entry.name, entry.id])) if {
	some entry in input.dependencies.vulnerable
	object.get(entry, "severity", "high") in {"critical", "high"}
}

dependencies contains problem("The dependency evidence has no list of vulnerable packages") if {
	is_object(input.dependencies)
	not is_array(input.dependencies.vulnerable)
}

# A change that a person must look at.
high_risk if input.change.risk == "high"

approved if {
	some approval in input.approvals
	approval.gate == input.gate
	approval.valid == true
	"ml-ops" in approval.roles
	approval.approver != object.get(object.get(input, "subject", {}), "id", "")
}

approval contains {
	"msg": sprintf("The change is of high risk (%s), and no ML ops person other than the submitter has approved it. Record an approval: see docs/gates.md", [concat("; ", input.change.reasons)]),
	"field": "approvals",
	"command": "a file in the folder of approvals",
} if {
	high_risk
	not approved
}

audits contains problem(sprintf("The security audit of the hotfix %s was due on %s, and is not recorded. Record it: weighbridge policy close-audit %s --as WHO --report FILE", [audit.id, audit.due, audit.id])) if {
	some audit in input.audits
	audit.overdue == true
}
