package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/util"
)

// Decision is a document that a gate asks for: conftest's deny, deny_<id>, violation, warn and exception; allow; and
// obligations, which say what has to follow.
type Decision struct {
	Package string `json:"package"`
	Name    string `json:"name"`
	// Key is under which its value stands in the result.
	Key string `json:"key"`
	// Rules are those that the document is made of, each of which is asked by itself, too: that tells which rule gave a reason.
	Rules []DecisionRule `json:"rules"`
}

// DecisionRule is one rule of a decision; lines count from 1.
type DecisionRule struct {
	Key         string           `json:"key"`
	File        string           `json:"file"`
	Line        int              `json:"line"`
	EndLine     int              `json:"endLine"`
	Annotations *ast.Annotations `json:"annotations,omitempty"`

	name string
}

var decisionName = regexp.MustCompile(`^(deny|violation|warn)(_[A-Za-z0-9_]+)?$|^(exception|allow|obligations)$`)

const entryPackage = "weighbridge_entry"

// decisionsIn finds the decisions of the packages, sorted, and adds a copy of each of their rules under a name of its
// own to its module. Rules of tests and functions are no decisions.
func decisionsIn(modules map[string]*ast.Module, packages []string) []Decision {
	found := map[string]*Decision{}
	count := 0
	for _, file := range util.KeysSorted(modules) {
		module := modules[file]
		packageName := nameOf(module)
		if len(packages) > 0 && !slices.Contains(packages, packageName) {
			continue
		}
		annotations := annotationsByLine(module)
		copies := []*ast.Rule{}
		for _, rule := range module.Rules {
			name := ruleName(rule)
			if !decisionName.MatchString(name) || len(rule.Head.Args) > 0 {
				continue
			}
			key := packageName + "/" + name
			decision, ok := found[key]
			if !ok {
				decision = &Decision{Package: packageName, Name: name, Key: key, Rules: []DecisionRule{}}
				found[key] = decision
			}
			if rule.Default {
				continue
			}
			alone := fmt.Sprintf("weighbridge_rule_%d", count)
			count++
			copies = append(copies, renamed(rule, alone))
			end, _ := endOf(rule.Location)
			decision.Rules = append(decision.Rules, DecisionRule{
				Key: fmt.Sprintf("%s#%d", key, len(decision.Rules)), File: file, Line: rule.Location.Row, EndLine: end,
				Annotations: annotations[rule.Location.Row-1], name: alone,
			})
		}
		module.Rules = append(module.Rules, copies...)
	}
	decisions := []Decision{}
	for _, key := range util.KeysSorted(found) {
		decisions = append(decisions, *found[key])
	}
	return decisions
}

func ruleName(rule *ast.Rule) string {
	if ref := rule.Head.Ref(); len(ref) > 0 {
		if name, ok := ref[0].Value.(ast.Var); ok {
			return string(name)
		}
	}
	return ""
}

func renamed(rule *ast.Rule, name string) *ast.Rule {
	alone := rule.Copy()
	for each := alone; each != nil; each = each.Else {
		if ref := each.Head.Ref(); len(ref) > 0 {
			each.Head.Reference = ref.Copy()
			each.Head.Reference[0].Value = ast.Var(name)
		}
		each.Head.Name = ast.Var(name)
	}
	return alone
}

// nameOf is the dotted name of a package, without `data`.
func nameOf(module *ast.Module) string {
	parts := []string{}
	for _, term := range module.Package.Path[1:] {
		text, _ := term.Value.(ast.String)
		parts = append(parts, string(text))
	}
	return strings.Join(parts, ".")
}

// entryModule asks everything at once: one object, with a key for each decision and each rule that is defined.
func entryModule(modules map[string]*ast.Module, decisions []Decision) (*ast.Module, error) {
	paths := map[string]ast.Ref{}
	for _, module := range modules {
		paths[nameOf(module)] = module.Package.Path
	}
	var text strings.Builder
	fmt.Fprintf(&text, "package %s\n", entryPackage)
	for _, decision := range decisions {
		path := paths[decision.Package]
		fmt.Fprintf(&text, "decisions[%q] := %s[%q]\n", decision.Key, path, decision.Name)
		for _, rule := range decision.Rules {
			fmt.Fprintf(&text, "decisions[%q] := %s[%q]\n", rule.Key, path, rule.name)
		}
	}
	return ast.ParseModuleWithOpts(entryPackage+".rego", text.String(), ast.ParserOptions{RegoVersion: ast.RegoV1})
}
