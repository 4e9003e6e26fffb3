import type { Json } from '../../formats/facts.ts';

/** One Rego source. */
export interface PolicyModule {
  /** The name that diagnostics show. */
  file: string;
  text: string;
}

/** A complaint about a place; lines and columns count from 1, columns in bytes of UTF-8, the end exclusive. */
export interface PolicyDiagnostic {
  file: string;
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
  /** OPA's code, such as `rego_parse_error`; `rego_v0` where the source is written in Rego v0. */
  code: string;
  message: string;
  severity: 'error' | 'warning';
}

/** A document that a gate asks for: `deny`, `deny_<id>`, `violation`, `warn`, `exception`, `allow`, `obligations`. */
export interface PolicyDecision {
  package: string;
  name: string;
  /** Under which its value stands in the result of an evaluation. */
  key: string;
  /** The rules that it is made of, each of which has a value of its own in the result. */
  rules: PolicyDecisionRule[];
}

export interface PolicyDecisionRule {
  key: string;
  file: string;
  line: number;
  endLine: number;
  annotations?: PolicyAnnotations;
}

/** OPA's annotations (`# METADATA`), as far as they are used. */
export interface PolicyAnnotations {
  scope: string;
  title?: string;
  description?: string;
  custom?: Record<string, Json>;
}

export interface PolicyRuleFacts {
  name: string;
  line: number;
  endLine: number;
  test?: boolean;
  annotations?: PolicyAnnotations;
}

/** What stands in one file. */
export interface PolicyFileFacts {
  file: string;
  package: string;
  annotations?: PolicyAnnotations;
  rules: PolicyRuleFacts[];
  /** References to the input, such as `input.model.format`. */
  inputPaths: string[];
}

export interface PolicyTestResult {
  file: string;
  line: number;
  package: string;
  name: string;
  outcome: 'passed' | 'failed' | 'skipped' | 'error';
  message?: string;
  output?: string;
  failedLine?: number;
  durationMs: number;
}

export interface PolicyCoverage {
  percent: number;
  /** Ranges of lines, both ends included. */
  files: Record<string, { percent: number; covered: [number, number][]; notCovered: [number, number][] }>;
}

export interface PolicyBuiltin {
  name: string;
  description: string;
  signature: string;
}

export type CompilerOperation =
  'version' | 'builtins' | 'check' | 'compile' | 'format' | 'rewrite' | 'inspect' | 'test' | 'evaluate';

/** See policies/compiler/main.go, which reads it. */
export interface CompilerRequest {
  operation: CompilerOperation;
  modules?: readonly PolicyModule[];
  packages?: readonly string[];
  input?: Json;
  /** Evaluated one after the other instead of `input`. */
  inputs?: readonly Json[];
  data?: Json;
  query?: string;
  filter?: string;
}

/** See policies/compiler/main.go, which writes it. */
export interface CompilerResponse {
  diagnostics: PolicyDiagnostic[];
  /** By file: the Rego version that it is written in. */
  versions?: Record<string, 0 | 1>;
  /** The compiled policy, base64. */
  wasm?: string;
  decisions?: PolicyDecision[];
  packages?: PolicyFileFacts[];
  text?: string;
  tests?: PolicyTestResult[];
  coverage?: PolicyCoverage;
  result?: Json;
  results?: Json[];
  builtins?: PolicyBuiltin[];
  opa?: string;
  error?: string;
}

/** From the parent to the process of the compiler. */
export interface CompilerJob {
  id: number;
  request: CompilerRequest;
  /** Milliseconds after which the process ends itself, should nobody be left to end it. */
  timeoutMs: number;
}

/** Back again: a response, or why the compiler ended without one. */
export type CompilerReply = { id: number; response: CompilerResponse } | { id: number; failure: string };
