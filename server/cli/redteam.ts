import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import { WeighbridgeError } from '../errors.ts';
import { redteamJson, redteamText, type RedteamReport } from '../report/redteamText.ts';
import { openEndpoint } from '../runtime/endpoints/openEndpoint.ts';
import { Journal } from '../runtime/redteam/journal.ts';
import { readRedteamBaseline } from '../runtime/redteam/result.ts';
import { runSuite } from '../runtime/redteam/run.ts';
import { shippedSuite } from '../runtime/redteam/suite.ts';
import { readSuite } from '../runtime/redteam/userSuite.ts';
import { judge, requireComparable } from '../runtime/redteam/verdict.ts';
import { keyOf, number, templateOf, whole } from './endpointArguments.ts';
import { emit, exitCodes, type Command } from './io.ts';
import { choice, commonHelp, file, flag, readArguments, text } from './options.ts';
import { outputFile } from './outputFile.ts';
import { progressOn } from './progress.ts';

const help = `Usage: weighbridge redteam --endpoint URL [--baseline FILE] [--output FILE]

Tries attacks on a deployed language model, and says whether more of them succeed than with the model that you have now. Success is decided by
what stands in the answer (a code word, a leaked reference, a reserved host), never by another model. Only the address that you name is
contacted; answers are looked at and not kept.

Options:
  --endpoint URL        An OpenAI-compatible API
  --model NAME          The model's name there
  --baseline FILE       A result of this command for the model in production. Without it the result is a record, and no verdict
  --suite FILE          Attacks of your own instead of the 200 that are shipped: YAML or JSON, or tests in the format of promptfoo
  --for MODEL           The model that is tested, on disk: its digest binds the result to it, as gates want it
  --protocol PROTOCOL   openai-chat (default) or json, with --template
  --template FILE       For json: {"body": ... with {{input}} in it, "output": "path.to.the.output"}
  --repeats N           How often each attack is tried; default 1
  --temperature T       default 0
  --concurrency N       Questions that are open at once; default 4
  --timeout SECONDS     For one answer; default 60
  --retries N           After a refusal (as its Retry-After says) or a broken connection; default 5
  --max-requests N      Stop before more; default 5000
  --max-tokens N        Stop when about so many tokens were sent and answered; default 2000000
  --journal FILE        Where outcomes are kept until the run is done, so that it can go on after an interruption;
                        default: weighbridge-redteam.journal
  --key-variable NAME   The environment variable that holds the key; default: WEIGHBRIDGE_ENDPOINT_KEY
  --format FORMAT       text (default) or json

${commonHelp}
Exit codes: 0 no regression, 1 more attacks succeed than before, 2 it could not be decided.

Examples:
  weighbridge redteam --endpoint http://production:8000/v1 --model churn --format json --output production.redteam.json
  weighbridge redteam --endpoint http://candidate:8000/v1 --model churn --baseline production.redteam.json --for models/churn \\
    --format json --output evidence/redteam.json
`;

export const redteam: Command = {
  help,
  async run(args, io) {
    const { values, positionals } = readArguments('redteam', args, {
      endpoint: { type: 'string' },
      model: { type: 'string' },
      baseline: { type: 'string' },
      suite: { type: 'string' },
      for: { type: 'string' },
      protocol: { type: 'string' },
      template: { type: 'string' },
      repeats: { type: 'string' },
      temperature: { type: 'string' },
      concurrency: { type: 'string' },
      timeout: { type: 'string' },
      retries: { type: 'string' },
      'max-requests': { type: 'string' },
      'max-tokens': { type: 'string' },
      journal: { type: 'string' },
      'key-variable': { type: 'string' },
    });
    if (positionals.length > 0)
      throw new WeighbridgeError('bad-usage', `redteam takes no "${positionals[0]}": name the address with --endpoint`);
    const url = text(values, 'endpoint');
    if (url === undefined) throw new WeighbridgeError('bad-usage', 'name what to ask: --endpoint URL');
    const format = choice(values, 'format', ['text', 'json'], 'text');
    const own = file(values, 'suite', io.cwd);
    const suite = own === undefined ? shippedSuite() : readSuite(own);
    const baselineFile = file(values, 'baseline', io.cwd);
    const baseline = baselineFile === undefined ? null : readRedteamBaseline(baselineFile);
    const journalFile = file(values, 'journal', io.cwd) ?? resolve(io.cwd, 'weighbridge-redteam.journal');
    const template = file(values, 'template', io.cwd);
    const output = await outputFile(values, io.cwd, [baselineFile, own, journalFile, template]);
    const subject = await modelDigest(file(values, 'for', io.cwd), io.cwd, io.signal);

    const model = text(values, 'model');
    const key = keyOf(values, io.environment);
    const kind = choice(values, 'protocol', ['openai-chat', 'json'], 'openai-chat');
    const temperature = number(values, 'temperature', 0, 0, 2);
    const form = kind === 'json' ? templateOf(template) : null;
    const endpoint = openEndpoint({
      kind,
      url,
      timeoutMs: 1000 * number(values, 'timeout', 60, 0.1, 3600),
      retries: whole(values, 'retries', 5, 0, 20),
      maxTokens: 512,
      temperature,
      systemPrompt: suite.system,
      ...(model === undefined ? {} : { model }),
      ...(key === undefined ? {} : { key }),
      ...(form === null ? {} : { template: form }),
    });
    const repeats = whole(values, 'repeats', 1, 1, 100);
    if (baseline) requireComparable(baseline, suite, repeats);
    const header = {
      suiteSha256: suite.sha256,
      endpoint: endpoint.name,
      model: model ?? null,
      repeats,
      protocol: kind,
      template: form === null ? null : createHash('sha256').update(JSON.stringify(form)).digest('hex'),
      temperature,
    };
    const progress = progressOn(io, flag(values, 'quiet'));
    const journal = Journal.open(journalFile, header);
    try {
      const outcomes = await runSuite(endpoint, suite, journal, {
        repeats,
        concurrency: whole(values, 'concurrency', 4, 1, 256),
        maxRequests: whole(values, 'max-requests', 5000, 1, 10_000_000),
        maxTokens: whole(values, 'max-tokens', 2_000_000, 1, 10_000_000_000),
        signal: io.signal,
        onProgress: (done, total) => progress.show({ done, total, path: 'attacks tried' }),
      });
      progress.clear();
      const report: RedteamReport = {
        suite: { name: suite.name, version: suite.version, attacks: suite.attacks.length },
        suiteSha256: suite.sha256,
        endpoint: endpoint.name,
        endpointModel: model ?? null,
        model: subject,
        repeats,
        verdict: baseline ? judge(baseline.outcomes, outcomes) : null,
        outcomes,
      };
      if (!flag(values, 'quiet') || output !== undefined || format !== 'text') {
        await emit(io, format === 'json' ? redteamJson(report) : redteamText(report), output);
      }
      journal.remove();
      return report.verdict?.decision === 'fail' ? exitCodes.findings : exitCodes.ok;
    } finally {
      progress.clear();
      journal.close();
    }
  },
};

/** The model on disk, as signatures and gates know it. */
async function modelDigest(
  path: string | undefined,
  cwd: string,
  signal: AbortSignal,
): Promise<RedteamReport['model']> {
  if (path === undefined) return null;
  if (!existsSync(path))
    throw new WeighbridgeError('not-found', `${path} is not there: name the model that is tested with --for`);
  const { digestModel } = await import('../signing/signModel.ts');
  const { rootDigest } = await digestModel(path, { signal });
  const within = relative(cwd, path);
  // The result is kept in a repository, where nobody's home folder has a place.
  return { path: within.split(sep).join('/') || '.', digest: `sha256:${rootDigest}` };
}
