package weighbridge.authorize_test

import data.weighbridge.authorize

decide(role, job) := {reason.id | some reason in reasons} if {
	reasons := authorize.deny with input as {"subject": {"id": "someone", "roles": [role]}, "job": job}
}

test_who_may_submit_where if {
	decide("data-scientist", {"environment": "dev"}) == set()
	decide("data-scientist", {"environment": "staging"}) == {"authorize/submit"}
	decide("data-scientist", {"environment": "production"}) == {"authorize/submit"}
	decide("ml-engineer", {"environment": "staging"}) == set()
	decide("ml-engineer", {"environment": "production"}) == {"authorize/submit"}
	decide("ml-ops", {"environment": "production"}) == set()
}

test_without_a_role_nothing_is_allowed if {
	decide("visitor", {"environment": "dev"}) == {"authorize/role", "authorize/submit"}
}

test_the_environment_must_be_said if {
	decide("ml-ops", {}) == {"authorize/environment"}
	decide("ml-ops", {"environment": "moon"}) == {"authorize/environment"}
}

test_production_data if {
	job := {"environment": "dev", "uses_production_data": true}
	decide("data-scientist", job) == {"authorize/production-data"}
	decide("ml-engineer", job) == {"authorize/production-data"}
	decide("ml-ops", job) == set()
}

test_training_configs if {
	job := {"environment": "dev", "changes_training_config": true}
	decide("data-scientist", job) == {"authorize/training-config"}
	decide("ml-engineer", job) == set()
}

test_production_models if {
	job := {"environment": "dev", "fine_tunes_production_model": true}
	decide("ml-engineer", job) == {"authorize/production-model"}
	decide("ml-ops", job) == set()
}

test_datasets if {
	decide("ml-ops", {"environment": "dev", "datasets": [{"name": "a", "registered": false}]}) == {"authorize/unregistered-dataset"}
	decide("ml-ops", {"environment": "dev", "datasets": [{"name": "a", "registered": true}]}) == set()
}

with_health_data(dataset) := {
	"environment": "dev",
	"datasets": [object.union({"name": "a", "registered": true, "classification": "health"}, dataset)],
}

test_regulated_data if {
	decide("ml-ops", with_health_data({})) == {"authorize/regulated-data"}
	decide("ml-ops", with_health_data({"consent": "DPIA-7"})) == set()
}
