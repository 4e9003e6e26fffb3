import { WeighbridgeError } from '../../errors.ts';
import type { Json } from '../../formats/facts.ts';
import type { PolicyReason } from '../../policy/outcome.ts';
import { readJsonDocument, readPolicyData } from '../../policy/policySet.ts';
import { jsonText, tool } from '../../report/json.ts';
import { emit, exitCodes, type Command } from '../io.ts';
import { choice, file, flag, readArguments, texts } from '../options.ts';
import { outputFile } from '../outputFile.ts';
import { policiesOf, policyPath, withEngine } from './policyArguments.ts';

/** `weighbridge policy eval`. */
export const evalPolicies: Command['run'] = async (args, io) => {
  const { values, positionals } = readArguments('policy', args, {
    input: { type: 'string' },
    package: { type: 'string', multiple: true },
  });
  choice(values, 'format', ['json'], 'json');
  const modules = policiesOf('eval', positionals, io.cwd);
  const data = readPolicyData(policyPath('eval', positionals, io.cwd));
  const input = file(values, 'input', io.cwd);
  if (input === undefined) {
    throw new WeighbridgeError('bad-usage', 'name the document to judge: --input FILE');
  }
  const packages = texts(values, 'package').map((name) => name.replace(/^data\./, ''));
  const output = await outputFile(values, io.cwd, [input]);
  const document = readJsonDocument(input) as Json;
  const outcome = await withEngine(values, async (engine) =>
    engine.evaluate(await engine.compile(modules, packages), document, { data }),
  );
  const message = ({ message: text }: PolicyReason) => text;
  const report = {
    schemaVersion: 1,
    tool,
    allow: outcome.allow,
    deny: outcome.deny.map(message),
    warn: outcome.warn.map(message),
    reasons: outcome.deny.map(placed),
    warnings: outcome.warn.map(placed),
    excepted: outcome.excepted.map(placed),
  };
  if (!flag(values, 'quiet') || output !== undefined) await emit(io, jsonText(report), output);
  return outcome.allow ? exitCodes.ok : exitCodes.findings;
};

const placed = ({ rule, message, package: name, file: policy, line, details }: PolicyReason) => ({
  rule,
  message,
  package: name,
  policy,
  line,
  details,
});
