package main

import (
	"context"
	"encoding/json"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/util"
)

// evaluate is OPA's own evaluation, which compiled policies are compared with.
func evaluate(request *Request) *Response {
	set := parse(withoutTests(request.Modules))
	response := &Response{Diagnostics: set.diagnostics, Versions: set.versions}
	if set.failed() {
		return response
	}
	query := request.Query
	if query == "" {
		response.Decisions = decisionsIn(set.modules, request.Packages)
		entry, err := entryModule(set.modules, response.Decisions)
		if err != nil {
			response.Diagnostics = append(response.Diagnostics, diagnosticsOf(err, "")...)
			return response
		}
		set.modules[entryPackage] = entry
		query = "data." + entryPackage + ".decisions"
	}
	compiler := newCompiler()
	if compiler.Compile(set.modules); compiler.Failed() {
		response.Diagnostics = append(response.Diagnostics, diagnosticsOf(compiler.Errors, "")...)
		return response
	}
	results, err := evaluateQuery(compiler, query, request)
	if err != nil {
		response.Error = err.Error()
		return response
	}
	if len(request.Inputs) > 0 {
		response.Results = results
	} else {
		response.Result = results[0]
	}
	return response
}

// evaluateQuery gives a result for each input; nil where the query is undefined.
func evaluateQuery(compiler *ast.Compiler, query string, request *Request) ([]any, error) {
	arguments := []func(*rego.Rego){
		rego.Query(query), rego.Compiler(compiler), rego.StrictBuiltinErrors(false),
		rego.Capabilities(restricted()), rego.SetRegoVersion(ast.RegoV1),
	}
	if len(request.Data) > 0 {
		var data map[string]any
		if err := util.UnmarshalJSON(request.Data, &data); err != nil {
			return nil, err
		}
		arguments = append(arguments, rego.Store(inmem.NewFromObject(data)))
	}
	ctx := context.Background()
	prepared, err := rego.New(arguments...).PrepareForEval(ctx)
	if err != nil {
		return nil, err
	}
	inputs := request.Inputs
	if len(inputs) == 0 {
		inputs = []json.RawMessage{request.Input}
	}
	all := []any{}
	for _, raw := range inputs {
		options := []rego.EvalOption{}
		if len(raw) > 0 {
			var input any
			if err := util.UnmarshalJSON(raw, &input); err != nil {
				return nil, err
			}
			options = append(options, rego.EvalInput(input))
		}
		results, err := prepared.Eval(ctx, options...)
		if err != nil {
			return nil, err
		}
		if len(results) == 0 {
			all = append(all, nil)
		} else {
			all = append(all, results[0].Expressions[0].Value)
		}
	}
	return all, nil
}
