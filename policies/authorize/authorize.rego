# METADATA
# title: Who may submit which training job
# description: |
#   Three roles. A data scientist reads datasets and submits to dev. An ML engineer submits to staging, and may change training
#   configurations. ML ops promotes to production, and alone may train on production data or fine-tune a production model.
#   What a job does not say is taken for the strictest case.
package weighbridge.authorize

import future.keywords.not

import data.weighbridge.roles

roles_of_subject := {role | some role in input.subject.roles}

# METADATA
# title: The subject has a role
# custom:
#   id: authorize/role
#   severity: error
#   effective_on: "2026-01-01"
#   nist_ai_rmf: [GOVERN 2.1]
#   eu_ai_act: [Article 14(4)]
deny contains {"id": "authorize/role", "msg": sprintf("%s has none of the roles %s. Add them to the file of roles that weighbridge.yaml names", [input.subject.id, concat(", ", sort(roles.known))])} if {
	count(roles_of_subject & roles.known) == 0
}

# METADATA
# title: The job says where it goes
# custom:
#   id: authorize/environment
#   severity: error
#   effective_on: "2026-01-01"
#   nist_ai_rmf: [GOVERN 2.1]
#   eu_ai_act: []
deny contains {"id": "authorize/environment", "msg": sprintf("The job says nothing of its environment that is known: one of %s. Set `environment`", [concat(", ", sort(object.keys(roles.may_submit)))])} if {
	not roles.may_submit[input.job.environment]
}

# METADATA
# title: The role may submit there
# custom:
#   id: authorize/submit
#   severity: error
#   effective_on: "2026-01-01"
#   nist_ai_rmf: [GOVERN 2.1, MANAGE 1.1]
#   eu_ai_act: [Article 14(4)]
deny contains {"id": "authorize/submit", "msg": sprintf("%s may not submit to %s: that needs %s", [input.subject.id, input.job.environment, concat(" or ", sort(allowed))])} if {
	allowed := roles.may_submit[input.job.environment]
	count(roles_of_subject & allowed) == 0
}

# METADATA
# title: The role may train on production data
# custom:
#   id: authorize/production-data
#   severity: error
#   effective_on: "2026-01-01"
#   nist_ai_rmf: [GOVERN 2.1, MAP 4.2]
#   eu_ai_act: [Article 10(5)]
deny contains {"id": "authorize/production-data", "msg": sprintf("%s may not train on production data: that needs %s", [input.subject.id, concat(" or ", sort(roles.may_use_production_data))])} if {
	input.job.uses_production_data == true
	count(roles_of_subject & roles.may_use_production_data) == 0
}

# METADATA
# title: The role may change training configurations
# custom:
#   id: authorize/training-config
#   severity: error
#   effective_on: "2026-01-01"
#   nist_ai_rmf: [GOVERN 2.1]
#   eu_ai_act: []
deny contains {"id": "authorize/training-config", "msg": sprintf("%s may not change the training configuration: that needs %s", [input.subject.id, concat(" or ", sort(roles.may_change_config))])} if {
	input.job.changes_training_config == true
	count(roles_of_subject & roles.may_change_config) == 0
}

# METADATA
# title: The role may fine-tune a production model
# custom:
#   id: authorize/production-model
#   severity: error
#   effective_on: "2026-01-01"
#   nist_ai_rmf: [GOVERN 2.1, MANAGE 1.1]
#   eu_ai_act: [Article 14(4)]
deny contains {"id": "authorize/production-model", "msg": sprintf("%s may not fine-tune a production model: that needs %s", [input.subject.id, concat(" or ", sort(roles.may_fine_tune_production))])} if {
	input.job.fine_tunes_production_model == true
	count(roles_of_subject & roles.may_fine_tune_production) == 0
}

# METADATA
# title: The datasets of the job are registered
# custom:
#   id: authorize/unregistered-dataset
#   severity: error
#   effective_on: "2026-01-01"
#   nist_ai_rmf: [MAP 2.3]
#   eu_ai_act: [Article 10(2)]
deny contains {"id": "authorize/unregistered-dataset", "msg": sprintf("The dataset %s is not registered, or not what was registered: a person must look at it before the job runs", [dataset.name])} if {
	some dataset in input.job.datasets
	dataset.registered == false
}

# METADATA
# title: Regulated data has a classification and a legal ground
# custom:
#   id: authorize/regulated-data
#   severity: error
#   effective_on: "2026-01-01"
#   nist_ai_rmf: [MEASURE 2.10]
#   eu_ai_act: [Article 10(5)]
deny contains {"id": "authorize/regulated-data", "msg": sprintf("The dataset %s holds %s data, and nothing says on what ground it may be used. Set `consent` to the record", [dataset.name, dataset.classification])} if {
	some dataset in input.job.datasets
	dataset.classification in {"personal", "health", "financial"}
	not is_string(dataset.consent)
}
