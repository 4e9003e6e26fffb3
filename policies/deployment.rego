# METADATA
# title: What any model must have before it is promoted
# description: |
#   The first policy that anyone writes. It judges the evidence of one model: the formats, the signature and the bill of
#   materials that were found beside it.
package mlsecops.deployment

import rego.v1

# METADATA
# description: Nobody can tell who made an unsigned model, or whether it was changed since.
deny contains msg if {
	input.model.signature_verified == false
	msg := "Model must have a verified cryptographic signature before promotion"
}

# METADATA
# description: Every other format of weights can run code when it is loaded.
deny contains msg if {
	input.model.format != "safetensors"
	msg := sprintf("Model must be stored as safetensors, not %s", [input.model.format])
}

# METADATA
# description: Without a bill of materials nobody can tell which models an incident reaches.
deny contains msg if {
	input.model.aibom_generated == false
	msg := "Model must have an AI bill of materials (AIBOM) before promotion"
}
