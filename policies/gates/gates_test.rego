package weighbridge.gates_test

import data.weighbridge.evidence
import data.weighbridge.gates.dev_to_staging
import data.weighbridge.gates.hotfix
import data.weighbridge.gates.staging_to_production

good := {
	"gate": "staging-to-production",
	"subject": {"id": "dana", "roles": ["ml-engineer"]},
	"model": {
		"format": "safetensors",
		"formats": [{"path": "model.safetensors", "format": "safetensors", "complete": true}],
		"signature_verified": true,
		"aibom_generated": true,
	},
	"findings": [],
	"datasets": [{"name": "reviews", "registered": true, "verified": true}],
	"functional": {"passed": true, "digest_matches": true},
	"backdoor": {"verdict": "clean", "digest_matches": true},
	"robustness": {"clean_accuracy": 0.9, "worst_accuracy": 0.6, "digest_matches": true},
	"regression": {"agreement": 0.99, "digest_matches": true},
	"redteam": {"decision": "pass", "digest_matches": true},
	"dependencies": {"vulnerable": []},
	"change": {"risk": "normal", "reasons": []},
	"approvals": [],
	"audits": [],
}

changed(change) := object.union(good, change)

model(change) := object.union(good, {"model": object.union(good.model, change)})

ids(reasons) := {reason.id | some reason in reasons}

test_good_passes_everywhere if {
	count(dev_to_staging.deny) == 0 with input as good
	count(dev_to_staging.warn) == 0 with input as good
	count(staging_to_production.deny) == 0 with input as good
	count(hotfix.deny) == 0 with input as good
}

test_nothing_at_all_names_every_command if {
	found := dev_to_staging.deny with input as {}
	ids(found) == {"gate/format", "gate/signature", "gate/dataset-provenance", "gate/functional"}
	every reason in found {
		reason.field
		reason.command
	}
	production := staging_to_production.deny with input as {}
	{reason.field | some reason in production} == {
		"model.format", "model.signature_verified", "model.aibom_generated", "datasets",
		"backdoor", "robustness", "regression", "redteam", "dependencies",
	}
	fields := {reason.field | some reason in hotfix.deny} with input as {}
	fields == {"model.signature_verified", "regression"}
}

test_format if {
	ids(dev_to_staging.deny) == {"gate/format"} with input as model({"format": "pickle", "formats": []})
	ids(staging_to_production.deny) == {"gate/format"} with input as model({"format": "mixed", "formats": [
		{"path": "a", "format": "safetensors", "complete": true},
		{"path": "b", "format": "torch-zip", "complete": true},
	]})
	count(dev_to_staging.deny) == 0 with input as model({"format": "mixed", "formats": [
		{"path": "a", "format": "safetensors", "complete": true},
		{"path": "b", "format": "onnx", "complete": true},
	]})
	ids(dev_to_staging.deny) == {"gate/format"} with input as model({"formats": [{"path": "a", "format": "safetensors", "complete": false}]})
}

test_findings if {
	found := [{"path": "a.pt", "message": "runs os.system", "severity": "error"}]
	ids(hotfix.deny) == {"gate/findings"} with input as changed({"findings": found})
	ids(dev_to_staging.deny) == {"gate/findings"} with input as changed({"findings": found})
	ids(staging_to_production.deny) == {"gate/findings"} with input as changed({"findings": found})
	count(hotfix.deny) == 0 with input as changed({"findings": [{"path": "a", "message": "b", "severity": "info"}]})
}

test_signature if {
	ids(hotfix.deny) == {"gate/signature"} with input as model({"signature_verified": false})
	ids(dev_to_staging.deny) == {"gate/signature"} with input as model({"signature_verified": false})
	reasons := staging_to_production.deny with input as model({"signature_verified": false, "signature": {"reason": "The key is another one."}})
	some reason in reasons
	contains(reason.msg, "The key is another one.")
}

test_aibom if {
	ids(staging_to_production.deny) == {"gate/aibom"} with input as model({"aibom_generated": false})
	ids(dev_to_staging.warn) == {"gate/aibom-soon"} with input as model({"aibom_generated": false})
	count(dev_to_staging.deny) == 0 with input as model({"aibom_generated": false})
}

test_datasets if {
	ids(dev_to_staging.deny) == {"gate/dataset-provenance"} with input as changed({"datasets": []})
	ids(dev_to_staging.deny) == {"gate/dataset-provenance"} with input as changed({"datasets": [{"name": "x"}]})
	ids(staging_to_production.deny) == {"gate/dataset-provenance"} with input as changed({"datasets": [{"name": "x", "registered": true, "verified": false}]})
}

test_dataset_scans if {
	seen := {"name": "x", "registered": true, "verified": true, "path": "data/x.csv", "scanned": true, "scan_errors": 0, "classified": true}
	count(staging_to_production.deny) == 0 with input as changed({"datasets": [seen]})
	count(staging_to_production.warn) == 0 with input as changed({"datasets": [seen]})
	ids(staging_to_production.deny) == {"gate/dataset-scan"} with input as changed({"datasets": [object.union(seen, {"scan_errors": 2})]})
	ids(staging_to_production.warn) == {"gate/dataset-unscanned"} with input as changed({"datasets": [object.union(seen, {"scanned": false, "scan_errors": null})]})
	ids(staging_to_production.warn) == {"gate/dataset-unscanned"} with input as changed({"datasets": [object.union(seen, {"scanned": null, "scan_errors": null})]})
	ids(staging_to_production.warn) == {"gate/dataset-classification"} with input as changed({"datasets": [object.union(seen, {"classified": false})]})
}

test_functional if {
	ids(dev_to_staging.deny) == {"gate/functional"} with input as changed({"functional": {"passed": false, "digest_matches": true}})
	ids(dev_to_staging.deny) == {"gate/functional"} with input as changed({"functional": {"passed": true, "digest_matches": false}})
	ids(dev_to_staging.deny) == {"gate/functional"} with input as changed({"functional": {"passed": "yes", "digest_matches": true}})
}

test_backdoor if {
	ids(staging_to_production.deny) == {"gate/backdoor"} with input as changed({"backdoor": {"verdict": "backdoor", "digest_matches": true}})
	ids(staging_to_production.deny) == {"gate/backdoor"} with input as changed({"backdoor": {"verdict": "inconclusive", "digest_matches": true}})
	ids(staging_to_production.deny) == {"gate/backdoor"} with input as changed({"backdoor": {"verdict": "clean", "digest_matches": null}})
}

test_robustness if {
	ids(staging_to_production.deny) == {"gate/robustness"} with input as changed({"robustness": {"worst_accuracy": 0.1}})
	ids(staging_to_production.deny) == {"gate/robustness"} with input as changed({"robustness": {"digest_matches": false}})
	ids(staging_to_production.deny) == {"gate/robustness"} with input as changed({"robustness": {"clean_accuracy": "high"}})
}

test_regression if {
	ids(hotfix.deny) == {"gate/regression"} with input as changed({"regression": {"agreement": 0.9}})
	ids(staging_to_production.deny) == {"gate/regression"} with input as changed({"regression": {"digest_matches": false}})
	ids(hotfix.deny) == {"gate/regression"} with input as changed({"regression": {"agreement": "much"}})
}

test_redteam if {
	ids(staging_to_production.deny) == {"gate/redteam"} with input as changed({"redteam": {"decision": "fail"}})
	ids(staging_to_production.deny) == {"gate/redteam"} with input as changed({"redteam": {"digest_matches": false}})
}

test_dependencies if {
	ids(staging_to_production.deny) == {"gate/dependencies"} with input as changed({"dependencies": {"vulnerable": [{"name": "torch", "id": "CVE-2025-32434", "severity": "critical"}]}})
	ids(staging_to_production.deny) == {"gate/dependencies"} with input as changed({"dependencies": {"vulnerable": [{"name": "torch", "id": "X-1"}]}})
	count(staging_to_production.deny) == 0 with input as changed({"dependencies": {"vulnerable": [{"name": "torch", "id": "X-1", "severity": "low"}]}})
	ids(staging_to_production.deny) == {"gate/dependencies"} with input as changed({"dependencies": {"vulnerable": null}})
}

risky := {"change": {"risk": "high", "reasons": ["the architecture changed"]}}

approval(change) := object.union(risky, {"approvals": [object.union(
	{"gate": "staging-to-production", "approver": "omar", "roles": ["ml-ops"], "valid": true},
	change,
)]})

test_approval if {
	ids(staging_to_production.deny) == {"gate/approval"} with input as changed(risky)
	count(staging_to_production.deny) == 0 with input as changed(approval({}))
	ids(staging_to_production.deny) == {"gate/approval"} with input as changed(approval({"valid": false}))
	ids(staging_to_production.deny) == {"gate/approval"} with input as changed(approval({"gate": "hotfix"}))
	ids(staging_to_production.deny) == {"gate/approval"} with input as changed(approval({"approver": "dana"}))
	ids(staging_to_production.deny) == {"gate/approval"} with input as changed(approval({"roles": ["data-scientist"]}))
}

test_audits if {
	overdue := {"audits": [{"id": "7", "due": "2026-03-02T12:00:00Z", "overdue": true}]}
	ids(hotfix.deny) == {"gate/audit-overdue"} with input as changed(overdue)
	ids(dev_to_staging.deny) == {"gate/audit-overdue"} with input as changed(overdue)
	ids(staging_to_production.deny) == {"gate/audit-overdue"} with input as changed(overdue)
	count(hotfix.deny) == 0 with input as changed({"audits": [{"id": "7", "due": "2026-03-02T12:00:00Z", "overdue": false}]})
}

test_a_hotfix_owes_an_audit if {
	some obligation in hotfix.obligations
	obligation.within_hours == 24
}

test_every_problem_has_a_message if {
	every name in ["format", "signature", "aibom", "datasets", "dataset_scans", "datasets_unseen", "datasets_unclassified", "functional", "backdoor", "robustness", "regression", "redteam", "dependencies"] {
		every found in evidence[name] {
			found.msg
		}
	}
}
