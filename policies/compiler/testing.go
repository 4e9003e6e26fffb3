package main

import (
	"context"
	"maps"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/cover"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/tester"
	"github.com/open-policy-agent/opa/v1/util"
)

// TestResult is one `test_` rule.
type TestResult struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Package string `json:"package"`
	Name    string `json:"name"`
	// Outcome is passed, failed, skipped or error.
	Outcome    string  `json:"outcome"`
	Message    string  `json:"message,omitempty"`
	Output     string  `json:"output,omitempty"`
	FailedLine int     `json:"failedLine,omitempty"`
	DurationMs float64 `json:"durationMs"`
}

// CoverageReport tells which lines the tests evaluated; test files are left out.
type CoverageReport struct {
	// Percent is of all lines of all files.
	Percent float64                 `json:"percent"`
	Files   map[string]FileCoverage `json:"files"`
}

// FileCoverage has ranges of lines, both ends included, counted from 1.
type FileCoverage struct {
	Percent    float64  `json:"percent"`
	Covered    [][2]int `json:"covered"`
	NotCovered [][2]int `json:"notCovered"`
}

func runTests(request *Request) *Response {
	set := parse(request.Modules)
	response := &Response{Diagnostics: set.diagnostics, Versions: set.versions, Tests: []TestResult{}}
	if set.failed() {
		return response
	}
	data := map[string]any{}
	if len(request.Data) > 0 {
		if err := util.UnmarshalJSON(request.Data, &data); err != nil {
			return &Response{Error: "data: " + err.Error()}
		}
	}
	ctx := context.Background()
	store := inmem.NewFromObject(data)
	transaction, err := store.NewTransaction(ctx, storage.WriteParams)
	if err != nil {
		return &Response{Error: err.Error()}
	}
	defer store.Abort(ctx, transaction)
	coverage := cover.New()
	results, err := tester.NewRunner().
		SetCompiler(newCompiler().WithEnablePrintStatements(true)).
		SetStore(store).
		CapturePrintOutput(true).
		RaiseBuiltinErrors(true).
		SetParallel(1).
		SetTimeout(30*time.Second).
		SetModules(set.modules).
		SetCoverageQueryTracer(coverage).
		Filter(request.Filter).
		RunTests(ctx, transaction)
	if err != nil {
		response.Diagnostics = append(response.Diagnostics, diagnosticsOf(err, "")...)
		return response
	}
	for result := range results {
		response.Tests = append(response.Tests, describe(result))
	}
	sort.Slice(response.Tests, func(i, j int) bool {
		a, b := response.Tests[i], response.Tests[j]
		return a.File < b.File || (a.File == b.File && a.Line < b.Line)
	})
	response.Coverage = coverageOf(coverage.Report(set.modules))
	return response
}

func describe(result *tester.Result) TestResult {
	test := TestResult{
		File: result.Location.File, Line: result.Location.Row, Name: result.Name, Output: string(result.Output),
		Package:    strings.TrimPrefix(result.Package, "data."),
		DurationMs: float64(result.Duration.Microseconds()) / 1000,
	}
	switch {
	case result.Skip:
		test.Outcome = "skipped"
	case result.Error != nil:
		test.Outcome, test.Message = "error", result.Error.Error()
	case result.Fail:
		test.Outcome = "failed"
		if result.FailedAt != nil && result.FailedAt.Location != nil {
			test.FailedLine = result.FailedAt.Location.Row
			test.Message = strings.TrimSpace(string(result.FailedAt.Location.Text))
		}
	default:
		test.Outcome = "passed"
	}
	return test
}

func coverageOf(report cover.Report) *CoverageReport {
	all := &CoverageReport{Files: map[string]FileCoverage{}}
	covered, total := 0, 0
	for file, facts := range report.Files {
		if strings.HasSuffix(file, "_test.rego") {
			continue
		}
		// A line of several expressions is covered when all of them are.
		missed := linesIn(facts.NotCovered)
		hit := linesIn(facts.Covered)
		maps.DeleteFunc(hit, func(line int, _ bool) bool { return missed[line] })
		one := FileCoverage{Covered: ranges(hit), NotCovered: ranges(missed)}
		one.Percent = percent(len(hit), len(hit)+len(missed))
		covered, total = covered+len(hit), total+len(hit)+len(missed)
		all.Files[file] = one
	}
	all.Percent = percent(covered, total)
	return all
}

func linesIn(given []cover.Range) map[int]bool {
	lines := map[int]bool{}
	for _, each := range given {
		for line := each.Start.Row; line <= each.End.Row; line++ {
			lines[line] = true
		}
	}
	return lines
}

// ranges joins lines that follow one another.
func ranges(lines map[int]bool) [][2]int {
	result := [][2]int{}
	for _, line := range slices.Sorted(maps.Keys(lines)) {
		if last := len(result) - 1; last >= 0 && result[last][1] == line-1 {
			result[last][1] = line
		} else {
			result = append(result, [2]int{line, line})
		}
	}
	return result
}

func percent(part, whole int) float64 {
	if whole == 0 {
		return 100
	}
	return float64(int(float64(part)/float64(whole)*10000)) / 100
}
