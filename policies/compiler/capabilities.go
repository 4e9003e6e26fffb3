package main

import (
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/version"
)

// BuiltinFacts is one function that policies may call.
type BuiltinFacts struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	// Signature is the type as OPA prints it, such as (string, string) => boolean.
	Signature string `json:"signature"`
}

// A decision must be the same tomorrow and on another machine, so policies get neither network, environment, randomness
// nor clock: the time comes in the input. The rest of this list is what the host of compiled policies does not offer:
// signatures and certificates are verified by Weighbridge itself before a policy sees the result.
var excluded = []string{
	"http.send", "opa.runtime", "net.lookup_ip_addr", "rand.intn", "time.now_ns", "uuid.*", "trace",
	"io.jwt.*", "crypto.x509.*", "crypto.parse_private_keys", "crypto.hmac.*", "providers.aws.*", "graphql.*",
	"rego.parse_module", "json.match_schema", "json.verify_schema", "json.patch", "json.marshal_with_options",
	"strings.render_template", "regex.globs_match", "regex.template_match", "glob.quote_meta", "graph.reachable_paths",
	"net.cidr_contains_matches", "net.cidr_expand", "net.cidr_merge", "net.cidr_is_valid", "numbers.range_step",
	"units.*", "uri.*", "urlquery.*", "yaml.*", "base64url.encode_no_pad", "time.parse_ns", "internal.test_case",
}

func isExcluded(name string) bool {
	return slices.ContainsFunc(excluded, func(pattern string) bool {
		if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
			return strings.HasPrefix(name, prefix)
		}
		return name == pattern
	})
}

// restricted gives the capabilities that every policy is compiled with.
func restricted() *ast.Capabilities {
	all := ast.CapabilitiesForThisVersion()
	all.Builtins = slices.DeleteFunc(slices.Clone(all.Builtins), func(builtin *ast.Builtin) bool {
		return isExcluded(builtin.Name)
	})
	all.AllowNet = []string{}
	return all
}

func opaVersion(*Request) *Response { return &Response{Opa: version.Version} }

func builtins(*Request) *Response {
	facts := []BuiltinFacts{}
	for _, builtin := range restricted().Builtins {
		if builtin.Infix == "" && !strings.HasPrefix(builtin.Name, "internal.") && !builtin.IsDeprecated() {
			facts = append(facts, BuiltinFacts{builtin.Name, builtin.Description, builtin.Decl.String()})
		}
	}
	return &Response{Builtins: facts, Opa: version.Version}
}
