import { commandOf } from './actions.ts';
import { commonHelp } from './options.ts';

const help = `Usage: weighbridge policy eval DIR --input FILE [--package NAME]
       weighbridge policy check DIR
       weighbridge policy test DIR [--coverage] [--threshold PERCENT] [--run REGEX]
       weighbridge policy format DIR [--write] [--to-v1]
       weighbridge policy build DIR [--out FILE]
       weighbridge policy audit [FILE] [--head HASH]
       weighbridge policy close-audit ID --as WHO --report FILE

Works with policies in Rego, the language of Open Policy Agent. Nothing needs to be installed: the compiler is in this program.
Policies have neither network, environment, randomness nor clock; the time comes in their input.

  eval    Evaluates only these policies on a JSON document: {"allow", "deny", "warn"}. Exit code 1 when anything is denied
  check   Finds errors, and policies that are still written in Rego v0. Formats: text, json, sarif
  test    Runs the rules named test_...; --threshold fails when fewer lines are covered. Formats: text, json, junit
  format  Names files that are not laid out as usual, and lays them out with --write; --to-v1 rewrites Rego v0
  build   Writes a bundle with the compiled policy (policy.wasm), which other hosts of OPA policies can load
  audit   Verifies the chain of an audit log of decisions (default: that of weighbridge.yaml), and that it holds the entry HASH
  close-audit  Records the security audit that a hotfix owed

${commonHelp}
Examples:
  weighbridge policy eval policies --input evidence.json --package mlsecops.deployment
  weighbridge policy test policies --coverage --threshold 100
  weighbridge policy format policies --write --to-v1
`;

export const policy = commandOf(help, 'say what to do with the policies', {
  eval: async () => (await import('./policy/eval.ts')).evalPolicies,
  check: async () => (await import('./policy/check.ts')).checkPolicies,
  test: async () => (await import('./policy/test.ts')).testPolicies,
  format: async () => (await import('./policy/format.ts')).formatPolicies,
  build: async () => (await import('./policy/build.ts')).buildPolicies,
  audit: async () => (await import('./policy/audit.ts')).auditLog,
  'close-audit': async () => (await import('./policy/closeAudit.ts')).closeAudit,
});
