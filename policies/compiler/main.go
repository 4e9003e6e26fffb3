// Command compiler is Weighbridge's Rego compiler: OPA's own compiler, checker, formatter, test runner and evaluator
// behind one JSON request on standard input and one JSON response on standard output. It is built for WASI and runs
// inside Weighbridge, so nobody needs `opa`. It reads no file, no environment and no clock on behalf of a policy.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
)

// Module is one Rego source text.
type Module struct {
	File string `json:"file"`
	Text string `json:"text"`
}

// Request is what the host asks for; fields that an operation does not need are ignored.
type Request struct {
	Operation string   `json:"operation"`
	Modules   []Module `json:"modules"`
	// Packages whose decisions are wanted, as dotted names; all packages with decisions when empty.
	Packages []string `json:"packages"`
	// Input and Data are JSON documents, for evaluate and test.
	Input json.RawMessage `json:"input"`
	// Inputs are evaluated one after the other instead of Input (evaluate only).
	Inputs []json.RawMessage `json:"inputs"`
	Data   json.RawMessage   `json:"data"`
	// Query is evaluated instead of the decisions (evaluate only).
	Query string `json:"query"`
	// Filter is a regular expression over `package.test_name` (test only).
	Filter string `json:"filter"`
}

// Response has the fields of its operation, and diagnostics always.
type Response struct {
	Diagnostics []Diagnostic `json:"diagnostics"`
	// Versions tells by file which Rego version the text is written in: 0 or 1.
	Versions map[string]int `json:"versions,omitempty"`
	// Wasm is the compiled policy, base64 as encoding/json writes bytes.
	Wasm []byte `json:"wasm,omitempty"`
	// Decisions are the deny, warn, violation and exception rules that were found, in the order of the result's keys.
	Decisions []Decision     `json:"decisions,omitempty"`
	Packages  []PackageFacts `json:"packages,omitempty"`
	// Text is a formatted or rewritten source.
	Text     *string         `json:"text,omitempty"`
	Tests    []TestResult    `json:"tests,omitempty"`
	Coverage *CoverageReport `json:"coverage,omitempty"`
	// Result is what evaluation came to; null when the query is undefined.
	Result any `json:"result,omitempty"`
	// Results are those of Inputs, in their order.
	Results []any `json:"results,omitempty"`
	// Builtins are the names that policies may call.
	Builtins []BuiltinFacts `json:"builtins,omitempty"`
	// Opa is the version of the compiler.
	Opa string `json:"opa,omitempty"`
	// Error is set when the request itself is wrong.
	Error string `json:"error,omitempty"`
}

var operations = map[string]func(*Request) *Response{
	"version":  opaVersion,
	"builtins": builtins,
	"check":    check,
	"compile":  compilePolicies,
	"format":   formatModule,
	"rewrite":  rewriteModule,
	"inspect":  inspect,
	"test":     runTests,
	"evaluate": evaluate,
}

func main() {
	// A short life in bounded memory: collect late, but before the host's limit.
	debug.SetGCPercent(400)
	debug.SetMemoryLimit(600 << 20)
	response := answer()
	if response.Diagnostics == nil {
		response.Diagnostics = []Diagnostic{}
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(response); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func answer() *Response {
	var request Request
	if err := json.NewDecoder(os.Stdin).Decode(&request); err != nil {
		return &Response{Error: "the request is not JSON: " + err.Error()}
	}
	operation, ok := operations[request.Operation]
	if !ok {
		return &Response{Error: fmt.Sprintf("there is no operation %q", request.Operation)}
	}
	return operation(&request)
}
