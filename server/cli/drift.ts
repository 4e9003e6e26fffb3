import { commandOf } from './actions.ts';
import { commonHelp } from './options.ts';

const help = `Usage: weighbridge drift record --endpoint URL --probes FILE --out FILE
       weighbridge drift check  --endpoint URL --probes FILE --baseline FILE [--metrics FILE]
       weighbridge drift serve  --endpoint URL --probes FILE --baseline FILE --port N
       weighbridge drift canary BASELINE-URL CANDIDATE-URL --probes FILE
       weighbridge drift rules  --model NAME [--out FILE]
       weighbridge drift log    FILE.jsonl [--window SECONDS]

Asks a deployed model a fixed set of probes, and says whether its answers still are what they were. Only the addresses that you name
are contacted.

  record  Writes how the model answers now: the baseline
  check   Asks again and compares; exit code 1 when the answers have drifted
  serve   Checks again and again, and shows the results to Prometheus
  canary  Compares two live deployments; exit code 0 promote, 1 roll back, 3 hold
  rules   Writes alert rules for Prometheus, and unit tests for them
  log     Looks into an inference log: rates that leap, answers that repeat, violations in bursts

Options:
  --endpoint URL        What is asked: a deployed model
  --onnx FILE           What is asked instead: an ONNX file, run on this machine (--provider as for weighbridge backdoor)
  --probes FILE         JSON Lines: a probe a line, {"id": ..., "input": ...} or the input itself
  --protocol PROTOCOL   openai-chat (default), openai-embeddings, kserve-v2 or json
  --model NAME          The model's name, where the protocol has one; the label of metrics
  --template FILE       For json: {"body": ... with {{input}} in it, "output": "path.to.the.output"}
  --system FILE         For openai-chat: a system prompt
  --key-variable NAME   The environment variable that holds the key; default: WEIGHBRIDGE_ENDPOINT_KEY
  --repeats N           record: how often each probe is asked, to learn how stable answers are; default 2
  --concurrency N       Questions that are open at once; default 4
  --timeout SECONDS     For one answer; default 60
  --retries N           After a refusal or a broken connection; default 3
  --level P             Chance of a false alarm over all looks there will be; default 0.01
  --look N              The number of this look; default: counted beside the baseline
  --metrics FILE        check: writes OpenMetrics
  --interval SECONDS    serve, rules: between two looks; default 300
  --window SECONDS      log: of requests that are counted together; default 60
  --host HOST           serve: where to listen; default 127.0.0.1
  --out FILE            record, rules: what is written (rules: FILE and FILE with _test before its ending)
  --format FORMAT       text (default) or json

${commonHelp}
Examples:
  weighbridge drift record --endpoint http://127.0.0.1:8000/v1 --model churn --probes probes.jsonl --out churn.baseline.json
  weighbridge drift check --endpoint http://127.0.0.1:8000/v1 --model churn --probes probes.jsonl --baseline churn.baseline.json
  weighbridge drift log /var/log/gateway/requests.jsonl
  weighbridge drift canary http://stable:8000/v1 http://canary:8000/v1 --probes probes.jsonl
`;

export const drift = commandOf(help, 'say what to do', {
  record: async () => (await import('./drift/record.ts')).record,
  check: async () => (await import('./drift/check.ts')).check,
  serve: async () => (await import('./drift/serve.ts')).serve,
  canary: async () => (await import('./drift/canary.ts')).canary,
  log: async () => (await import('./drift/log.ts')).log,
  rules: async () => (await import('./drift/rules.ts')).rules,
});
