package mlsecops.deployment_test

import rego.v1

import data.mlsecops.deployment

good := {"model": {"signature_verified": true, "format": "safetensors", "aibom_generated": true}}

with_model(changes) := {"model": object.union(good.model, changes)}

test_good_model_is_not_denied if {
	count(deployment.deny) == 0 with input as good
}

test_unsigned_model_is_denied if {
	deployment.deny == {"Model must have a verified cryptographic signature before promotion"} with input as with_model({"signature_verified": false})
}

test_pickle_is_denied if {
	deployment.deny == {"Model must be stored as safetensors, not torch-zip"} with input as with_model({"format": "torch-zip"})
}

test_model_without_aibom_is_denied if {
	deployment.deny == {"Model must have an AI bill of materials (AIBOM) before promotion"} with input as with_model({"aibom_generated": false})
}
