# METADATA
# title: What each role may do
package weighbridge.roles

known := {"data-scientist", "ml-engineer", "ml-ops"}

may_submit := {
	"dev": {"data-scientist", "ml-engineer", "ml-ops"},
	"staging": {"ml-engineer", "ml-ops"},
	"production": {"ml-ops"},
}

may_use_production_data := {"ml-ops"}

may_change_config := {"ml-engineer", "ml-ops"}

may_fine_tune_production := {"ml-ops"}
