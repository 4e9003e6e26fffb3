package main

import (
	"context"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/bundle"
	"github.com/open-policy-agent/opa/v1/compile"
	"github.com/open-policy-agent/opa/v1/util"
)

// compilePolicies makes one WebAssembly module of all decisions.
func compilePolicies(request *Request) *Response {
	set := parse(withoutTests(request.Modules))
	response := &Response{Diagnostics: set.diagnostics, Versions: set.versions}
	if set.failed() {
		return response
	}
	response.Packages = packagesOf(set)
	response.Decisions = decisionsIn(set.modules, request.Packages)
	if len(response.Decisions) == 0 {
		return response
	}
	wasm, err := wasmOf(set.modules, response.Decisions)
	if err != nil {
		response.Diagnostics = append(response.Diagnostics, diagnosticsOf(err, "")...)
		return response
	}
	response.Wasm = wasm
	return response
}

func wasmOf(modules map[string]*ast.Module, decisions []Decision) ([]byte, error) {
	entry, err := entryModule(modules, decisions)
	if err != nil {
		return nil, err
	}
	whole := &bundle.Bundle{Data: map[string]any{}}
	whole.Manifest.Init()
	for _, file := range util.KeysSorted(modules) {
		// The bundle is laid out anew for nobody: comments would only be sorted in.
		modules[file].Comments = nil
		whole.Modules = append(whole.Modules, bundle.ModuleFile{URL: file, Path: file, Parsed: modules[file]})
	}
	whole.Modules = append(whole.Modules, bundle.ModuleFile{URL: entryPackage, Path: entryPackage, Parsed: entry})
	compiler := compile.New().
		WithCapabilities(restricted()).
		WithTarget(compile.TargetWasm).
		WithEntrypoints(entryPackage + "/decisions").
		WithRegoVersion(ast.RegoV1).
		WithBundle(whole)
	if err := compiler.Build(context.Background()); err != nil {
		return nil, err
	}
	return compiler.Bundle().WasmModules[0].Raw, nil
}

func withoutTests(modules []Module) []Module {
	kept := []Module{}
	for _, module := range modules {
		if !strings.HasSuffix(module.File, "_test.rego") {
			kept = append(kept, module)
		}
	}
	return kept
}
