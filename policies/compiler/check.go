package main

import "github.com/open-policy-agent/opa/v1/ast"

// check parses and type-checks, without tests being run or code being made.
func check(request *Request) *Response {
	set := parse(request.Modules)
	response := &Response{Diagnostics: set.diagnostics, Versions: set.versions}
	// The files that parse are checked even while another does not: a person is typing there.
	if len(set.modules) > 0 {
		compiler := newCompiler()
		if compiler.Compile(set.modules); compiler.Failed() {
			response.Diagnostics = append(response.Diagnostics, diagnosticsOf(compiler.Errors, "")...)
		}
	}
	return response
}

func newCompiler() *ast.Compiler {
	return ast.NewCompiler().WithCapabilities(restricted())
}
