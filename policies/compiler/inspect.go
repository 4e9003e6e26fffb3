package main

import (
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/util"
)

// PackageFacts is one module's view of its package.
type PackageFacts struct {
	File        string           `json:"file"`
	Package     string           `json:"package"`
	Annotations *ast.Annotations `json:"annotations,omitempty"`
	Rules       []RuleFacts      `json:"rules"`
	// InputPaths are the ground beginnings of references to the input, such as input.model.format.
	InputPaths []string `json:"inputPaths"`
}

// RuleFacts is one rule with its place; lines count from 1.
type RuleFacts struct {
	Name        string           `json:"name"`
	Line        int              `json:"line"`
	EndLine     int              `json:"endLine"`
	Test        bool             `json:"test,omitempty"`
	Annotations *ast.Annotations `json:"annotations,omitempty"`
}

func inspect(request *Request) *Response {
	set := parse(request.Modules)
	return &Response{Diagnostics: set.diagnostics, Versions: set.versions, Packages: packagesOf(set)}
}

func packagesOf(set *parsed) []PackageFacts {
	all := []PackageFacts{}
	for _, file := range util.KeysSorted(set.modules) {
		module := set.modules[file]
		facts := PackageFacts{File: file, Package: nameOf(module), Rules: []RuleFacts{}, InputPaths: inputPaths(module)}
		for _, annotation := range module.Annotations {
			if annotation.Scope == "package" || annotation.Scope == "subpackages" {
				facts.Annotations = annotation
			}
		}
		annotations := annotationsByLine(module)
		for _, rule := range module.Rules {
			name := ruleName(rule)
			end, _ := endOf(rule.Location)
			facts.Rules = append(facts.Rules, RuleFacts{
				Name: name, Line: rule.Location.Row, EndLine: end,
				Test: strings.HasPrefix(name, "test_"), Annotations: annotations[rule.Location.Row-1],
			})
		}
		all = append(all, facts)
	}
	return all
}

// annotationsByLine gives the annotations of rules by the last line of their comment, which stands right above the rule.
func annotationsByLine(module *ast.Module) map[int]*ast.Annotations {
	at := map[int]*ast.Annotations{}
	for _, annotation := range module.Annotations {
		if annotation.Scope == "rule" || annotation.Scope == "document" {
			at[annotation.EndLoc().Row] = annotation
		}
	}
	return at
}

func inputPaths(module *ast.Module) []string {
	paths := map[string]bool{}
	ast.WalkRefs(module, func(ref ast.Ref) bool {
		if ref.HasPrefix(ast.InputRootRef) && len(ref) > 1 {
			if text := ref.GroundPrefix(); len(text) > 1 {
				paths[text.String()] = true
			}
		}
		return false
	})
	return util.KeysSorted(paths)
}
