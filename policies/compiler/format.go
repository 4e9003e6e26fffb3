package main

import (
	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/format"
)

// formatModule lays out the first module in its own version.
func formatModule(request *Request) *Response {
	return layOut(request, func(version int) (ast.RegoVersion, bool) {
		if version == 0 {
			return ast.RegoV0, false
		}
		return ast.RegoV1, false
	})
}

// rewriteModule writes the first module in Rego v1.
func rewriteModule(request *Request) *Response {
	return layOut(request, func(int) (ast.RegoVersion, bool) { return ast.RegoV1, true })
}

func layOut(request *Request, target func(version int) (ast.RegoVersion, bool)) *Response {
	if len(request.Modules) != 1 {
		return &Response{Error: "format takes one module"}
	}
	source := request.Modules[0]
	set := parse(request.Modules)
	response := &Response{Diagnostics: set.diagnostics, Versions: set.versions}
	if set.failed() {
		return response
	}
	version, dropImports := target(set.versions[source.File])
	parser := options(ast.RegoV1)
	if set.versions[source.File] == 0 {
		parser = options(ast.RegoV0)
	}
	text, err := format.SourceWithOpts(source.File, []byte(source.Text), format.Opts{
		RegoVersion: version, ParserOptions: &parser, DropRedundantDirectiveImports: dropImports,
	})
	if err != nil {
		response.Diagnostics = append(response.Diagnostics, diagnosticsOf(err, source.File)...)
		return response
	}
	result := string(text)
	response.Text = &result
	return response
}
