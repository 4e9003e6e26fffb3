import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Json } from '../../formats/facts.ts';
import type { GateDecision, GateRule } from '../../policy/gate.ts';
import type { PolicyReason } from '../../policy/outcome.ts';
import { shippedFolder } from '../../policy/shippedPolicies.ts';
import { fieldsOf, listOf, textOf } from '../../policy/yamlDocument.ts';
import { count } from '../../report/printable.ts';
import { uriOfPath } from '../address.ts';
import type { Folder } from '../folder.ts';
import type { Evaluated } from './gateEvaluations.ts';
import type { GateRow, GateState } from './protocol.ts';

/** Absolute path of a policy by the name that it has in decisions. */
export function policyPath(folder: Folder, file: string): string {
  const shipped = /^weighbridge:(.+)$/.exec(file)?.[1];
  return shipped === undefined ? path.join(folder.path, file) : path.join(shippedFolder(), shipped);
}

export const notEvaluated = (uri: string, gate: string): GateState => ({
  gate,
  uri,
  state: 'not-evaluated',
  text: 'Not evaluated yet.',
  rows: [],
  obligations: [],
});

/** An evaluation as a view shows it. */
export function gateStateOf({ folder, model, gate, decision, evidence, failure }: Evaluated): GateState {
  const uri = uriOfPath(model);
  if (decision === null) {
    const text = `Nothing could be decided, so nothing is allowed: ${failure ?? 'unknown'}`;
    return { ...notEvaluated(uri, gate), state: 'failed', text };
  }
  const rows = decision.rules.map((rule) => rowOf(rule, decision, { folder, model, evidence }));
  return {
    gate,
    uri,
    state: decision.decision,
    text: textFor(decision),
    rows,
    obligations: decision.obligations.map(({ text, due }) => ({ text, due })),
  };
}

export function textFor({ decision, rules }: GateDecision): string {
  const unmet = rules.filter(({ state }) => state === 'not-met' || state === 'no-evidence').length;
  if (decision === 'deny') return `Denied: ${unmet} of ${count(rules.length, 'rule')} not met.`;
  return `Allowed: ${count(rules.length, 'rule')} asked.`;
}

interface About {
  folder: Folder;
  model: string;
  evidence: Record<string, Json>;
}

function rowOf(rule: GateRule, decision: GateDecision, about: About): GateRow {
  const isOf = ({ file, line }: PolicyReason) => file === rule.policy && line === rule.line;
  const denied = decision.deny.filter(isOf);
  const said = [
    ...denied,
    ...decision.excepted.map(({ reason }) => reason).filter(isOf),
    ...decision.warn.filter(isOf),
  ];
  return {
    id: rule.id,
    title: rule.title ?? `${rule.id} (${path.posix.basename(rule.policy)}, line ${rule.line})`,
    state: rule.state,
    messages: said.map(({ message }) => message),
    policyUri: uriOfPath(policyPath(about.folder, rule.policy)),
    line: rule.line,
    missing: said.flatMap(({ details }) => {
      const field = textOf(details['field']);
      return field === null ? [] : [{ field, command: textOf(details['command']) ?? '' }];
    }),
    evidenceUri: evidenceOf(rule.id, about),
  };
}

/** The file that a shipped rule judges: a record, the signature, the bill of materials, or the worst of the model's files. */
function evidenceOf(id: string, { folder, model, evidence }: About): string | null {
  const name = id.replace(/^gate\//, '');
  const known = fieldsOf(evidence['model']);
  const isFolder = statSync(model, { throwIfNoEntry: false })?.isDirectory() === true;
  const inModel = (file: string) => path.join(isFolder ? model : path.dirname(model), file);
  const aibom = textOf(fieldsOf(known['aibom'])['path']);
  const at = (file: string | null): string | null => (file !== null && existsSync(file) ? uriOfPath(file) : null);
  switch (name) {
    case 'signature':
      return at(isFolder ? inModel('model.sig') : `${model}.sig`);
    case 'aibom':
    case 'aibom-soon':
      return at(aibom === null ? null : inModel(aibom));
    case 'dataset-provenance': {
      const records = listOf(evidence['datasets']).map((each) => textOf(fieldsOf(each)['record']));
      return at(inBase(folder, records.find((record) => record !== null) ?? null)) ?? at(aibom && inModel(aibom));
    }
    case 'format':
      return at(inBase(folder, textOf(fieldsOf(listOf(known['formats'])[0])['path'])));
    case 'findings': {
      const worst = listOf(evidence['findings'])
        .map(fieldsOf)
        .find(({ severity }) => severity === 'error');
      return at(inBase(folder, textOf(worst?.['path'])));
    }
    default:
      return at(inBase(folder, textOf(fieldsOf(evidence[name])['file'])));
  }
}

function inBase(folder: Folder, relative: string | null): string | null {
  return relative === null ? null : folder.absolute(relative);
}
