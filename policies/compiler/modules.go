package main

import (
	"errors"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// Diagnostic is a complaint about a place in a source; lines and columns count from 1, columns in bytes.
type Diagnostic struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
	EndLine  int    `json:"endLine"`
	EndCol   int    `json:"endColumn"`
	Code     string `json:"code"`
	Message  string `json:"message"`
	Severity string `json:"severity"`
}

const codeV0 = "rego_v0"

// parsed is a set of modules, each in the version that it is written in.
type parsed struct {
	modules     map[string]*ast.Module
	versions    map[string]int
	diagnostics []Diagnostic
}

func (p *parsed) failed() bool {
	for _, diagnostic := range p.diagnostics {
		if diagnostic.Severity == "error" {
			return true
		}
	}
	return false
}

func options(version ast.RegoVersion) ast.ParserOptions {
	return ast.ParserOptions{
		RegoVersion: version, ProcessAnnotation: true, Capabilities: restricted(), AllFutureKeywords: version == ast.RegoV1,
	}
}

// parse reads every module as Rego v1, and as v0 where that fails and v0 does not.
func parse(sources []Module) *parsed {
	result := &parsed{modules: map[string]*ast.Module{}, versions: map[string]int{}}
	for _, source := range sources {
		module, version, diagnostics := parseOne(source)
		result.diagnostics = append(result.diagnostics, diagnostics...)
		if module != nil {
			result.modules[source.File] = module
			result.versions[source.File] = version
		}
	}
	return result
}

func parseOne(source Module) (*ast.Module, int, []Diagnostic) {
	module, err := ast.ParseModuleWithOpts(source.File, source.Text, options(ast.RegoV1))
	if err == nil && module != nil {
		return module, 1, nil
	}
	if err == nil {
		return nil, 1, []Diagnostic{{File: source.File, Line: 1, Column: 1, EndLine: 1, EndCol: 1,
			Code: "rego_parse_error", Message: "the file is empty: a policy begins with its package", Severity: "error"}}
	}
	old, oldErr := ast.ParseModuleWithOpts(source.File, source.Text, options(ast.RegoV0))
	if oldErr == nil && old != nil {
		// The head of what v1 refuses is where the reader should look.
		place := diagnosticsOf(err, source.File)[0]
		place.Code, place.Severity = codeV0, "warning"
		place.Message = "This policy is written in Rego v0, which is read as it stands. Rewrite it to v1."
		return old, 0, []Diagnostic{place}
	}
	if needsOnlyKeywords(err) {
		return nil, 0, diagnosticsOf(oldErr, source.File)
	}
	return nil, 1, diagnosticsOf(err, source.File)
}

// needsOnlyKeywords tells whether v1 complains of nothing but the keywords that v0 does not have.
func needsOnlyKeywords(err error) bool {
	var errs ast.Errors
	if !errors.As(err, &errs) {
		return false
	}
	for _, each := range errs {
		if !strings.Contains(each.Message, "keyword is required") {
			return false
		}
	}
	return true
}

func diagnosticsOf(err error, file string) []Diagnostic {
	var errs ast.Errors
	if !errors.As(err, &errs) {
		return []Diagnostic{{File: file, Line: 1, Column: 1, EndLine: 1, EndCol: 1,
			Code: "rego_error", Message: err.Error(), Severity: "error"}}
	}
	diagnostics := []Diagnostic{}
	for _, each := range errs {
		diagnostic := Diagnostic{File: file, Line: 1, Column: 1, EndLine: 1, EndCol: 1,
			Code: each.Code, Message: each.Message, Severity: "error"}
		if at := each.Location; at != nil {
			if at.File != "" {
				diagnostic.File = at.File
			}
			diagnostic.Line, diagnostic.Column = max(at.Row, 1), max(at.Col, 1)
			diagnostic.EndLine, diagnostic.EndCol = endOf(at)
		}
		diagnostics = append(diagnostics, diagnostic)
	}
	return diagnostics
}

// endOf is the place behind the text of a location.
func endOf(at *ast.Location) (line, column int) {
	text := strings.TrimRight(string(at.Text), "\n")
	line = max(at.Row, 1)
	if breaks := strings.Count(text, "\n"); breaks > 0 {
		return line + breaks, len(text) - strings.LastIndexByte(text, '\n')
	}
	return line, max(at.Col, 1) + len(text)
}
