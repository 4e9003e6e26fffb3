import type { ComplianceFacts, ResultKind } from '../../engine/complianceFacts.ts';
import type { Finding } from '../../rules/finding.ts';
import { count } from '../printable.ts';

/** `met`: what can be seen fulfils it. `not-met`: something contradicts it. `unseen`: a repository does not show it. */
export type ControlState = 'met' | 'not-met' | 'unseen';

export interface Judged {
  state: ControlState;
  /** What the state rests on, a sentence each. */
  evidence: string[];
  /** What to do next; null where nothing is. */
  next: string | null;
}

/** One of the twelve controls of the enterprise checklist. */
export interface Control {
  id: string;
  title: string;
  /** Rules that speak of it. */
  rules: RegExp;
  judge(facts: ComplianceFacts, open: readonly Finding[]): Judged;
}

const formatsThatRunCode = /^(?:pickle|torch|joblib|npz-objects|keras|hdf5|dill)/;

export const controls: readonly Control[] = [
  {
    id: 'dataset-provenance',
    title: 'Provenance of every dataset, with checksums',
    rules:
      /^dataset\/(?:unregistered|hash|no-hash|weak-hash|size|stale|mutable|record|invalid-record|mlflow|lfs|licence|expired|unreadable)/,
    judge({ registers }, open) {
      const evidence = [`${count(registers.length, 'record')} of data${listed(registers)}.`, ...told(open)];
      if (open.some(isProblem)) return { state: 'not-met', evidence, next: 'weighbridge dataset verify .' };
      if (registers.length === 0) return { state: 'unseen', evidence, next: 'weighbridge dataset register PATH' };
      return { state: 'met', evidence, next: null };
    },
  },
  {
    id: 'outlier-detection',
    title: 'Outlier detection when data comes in',
    rules: /^dataset\/(?:injected|dense|isolated|label-shift|near-duplicate|trigger|hidden|instruction|marked)/,
    judge(facts, open) {
      const scans = resultsOf(facts, 'dataset-scan');
      const evidence = [
        ...scans,
        ...(facts.reviews.length > 0 ? [`Reviewed rows are kept in ${facts.reviews.join(', ')}.`] : []),
        ...told(open),
      ];
      const next = 'weighbridge dataset scan DATA --baseline ACCEPTED --format json --output evidence/data.json';
      if (open.some(isProblem)) return { state: 'not-met', evidence, next };
      if (scans.length === 0) return { state: 'unseen', evidence: ['No result of a scan of data is kept.'], next };
      return { state: 'met', evidence, next: null };
    },
  },
  {
    id: 'least-privilege',
    title: 'Least-privilege roles on jobs and data',
    rules: /^(?:job|access|ci)\//,
    judge({ rolesFile }, open) {
      const evidence = [
        rolesFile === null ? 'No file says who has which role.' : `Roles are kept in ${rolesFile}.`,
        ...told(open),
      ];
      if (open.some(isProblem))
        return { state: 'not-met', evidence, next: 'See the findings, and set policy.roles in weighbridge.yaml.' };
      if (rolesFile === null)
        return { state: 'unseen', evidence, next: 'weighbridge authorize --job FILE --as SUBJECT' };
      return { state: 'met', evidence, next: null };
    },
  },
  {
    id: 'safetensors-only',
    title: 'All weights in SafeTensors, pickle blocked by policy',
    rules: /^(?:pickle|torch|torchscript|load|numpy|keras)\//,
    judge({ report, decisions }, open) {
      const running = report.artifacts.filter(({ format }) => formatsThatRunCode.test(format));
      const evidence = [
        `${count(report.artifacts.length, 'model file')}, of which ${running.length} can run code when loaded${listed(running.map(({ path }) => path))}.`,
        decisions.length > 0 ? 'Gates decide on the format.' : 'No decision of a gate is on record.',
        ...told(open),
      ];
      if (running.length > 0 || open.some(isProblem))
        return { state: 'not-met', evidence, next: 'weighbridge convert FILE' };
      if (report.artifacts.length === 0) return { state: 'unseen', evidence, next: null };
      return { state: 'met', evidence, next: null };
    },
  },
  {
    id: 'signing',
    title: 'Every model signed by its training job',
    rules: /^(?:signing\/|model\/unsigned)/,
    judge({ report }, open) {
      const unsigned = open.filter(({ ruleId }) => ruleId === 'model/unsigned');
      const evidence = [
        `${count(unsigned.length, 'model')} without a signature${listed(unsigned.map(({ path }) => path))}.`,
        ...told(open),
      ];
      if (open.length > 0) return { state: 'not-met', evidence, next: 'weighbridge sign MODEL --sigstore' };
      if (report.artifacts.length === 0) return { state: 'unseen', evidence: ['There is no model here.'], next: null };
      return { state: 'met', evidence, next: null };
    },
  },
  {
    id: 'gates',
    title: 'Gates that decide by policy: signing, format, bill of materials',
    rules: /^(?:gate|policy)\//,
    judge({ decisions, logProblem, openAudits }, open) {
      const overdue = openAudits.filter((audit) => audit.overdue);
      const evidence = [
        ...decisions.map(({ gate, allowed, denied }) => `${gate}: ${allowed} allowed, ${denied} denied.`),
        ...(logProblem === null ? [] : [`The log of decisions is damaged: ${logProblem}.`]),
        ...openAudits.map(
          ({ model, due, overdue: late }) =>
            `The hotfix of ${model} owes an audit by ${due}${late ? ', which has passed' : ''}.`,
        ),
        ...told(open),
      ];
      if (logProblem !== null || overdue.length > 0 || open.some(isProblem))
        return { state: 'not-met', evidence, next: 'weighbridge policy audit' };
      if (decisions.length === 0)
        return {
          state: 'unseen',
          evidence: ['No decision of a gate is on record.'],
          next: 'weighbridge gate dev-to-staging MODEL',
        };
      return { state: 'met', evidence, next: null };
    },
  },
  {
    id: 'aibom',
    title: 'A bill of materials for every production model',
    rules: /^(?:aibom\/|model\/no-aibom)/,
    judge({ aiboms, report }, open) {
      const missing = open.filter(({ ruleId }) => ruleId === 'model/no-aibom');
      const evidence = [
        `${count(aiboms.length, 'bill')} of materials${listed(aiboms.map(({ file }) => file))}; ${count(missing.length, 'model')} without one.`,
        ...told(open),
      ];
      if (open.length > 0)
        return { state: 'not-met', evidence, next: 'weighbridge aibom MODEL --out MODEL/model.cdx.json' };
      if (report.artifacts.length === 0) return { state: 'unseen', evidence, next: null };
      return { state: 'met', evidence, next: null };
    },
  },
  {
    id: 'backdoors',
    title: 'Backdoor detection or red-teaming before production',
    rules: /^(?:backdoor|scans)\//,
    judge(facts, open) {
      const results = [
        ...resultsOf(facts, 'backdoor'),
        ...resultsOf(facts, 'redteam'),
        ...resultsOf(facts, 'robustness'),
        ...resultsOf(facts, 'regression'),
      ];
      const bad = facts.results.some(
        ({ kind, verdict }) =>
          (kind === 'backdoor' && verdict === 'backdoor') || (kind === 'redteam' && verdict === 'fail'),
      );
      const done = facts.results.some(
        ({ kind, verdict }) =>
          (kind === 'backdoor' && verdict === 'clean') || (kind === 'redteam' && verdict === 'pass'),
      );
      if (bad || open.some(isProblem))
        return {
          state: 'not-met',
          evidence: [...results, ...told(open)],
          next: 'Do not promote the models that these results are about.',
        };
      if (!done) {
        return {
          state: 'unseen',
          evidence: results.length > 0 ? results : ['No result is kept.'],
          next: 'weighbridge backdoor MODEL.onnx --samples FILE --format json --output evidence/backdoor.json',
        };
      }
      return { state: 'met', evidence: results, next: null };
    },
  },
  {
    id: 'endpoints',
    title: 'Authentication, rate limits and input checks at endpoints',
    rules: /^endpoint\//,
    judge: (_, open) =>
      open.some(isProblem)
        ? { state: 'not-met', evidence: told(open), next: 'See the findings: each offers a fix.' }
        : {
            state: 'unseen',
            evidence: [
              'No finding about an endpoint. Whether all of them are configured here, a repository does not show.',
            ],
            next: null,
          },
  },
  {
    id: 'request-logs',
    title: 'Structured request logs that can be searched for anomalies',
    rules: /^log\//,
    judge: (_, open) => ({
      state: 'unseen',
      evidence: ['Logs are not kept in a repository.', ...told(open)],
      next: 'weighbridge drift log REQUESTS.jsonl',
    }),
  },
  {
    id: 'drift',
    title: 'Drift watched all the time',
    rules: /^(?:drift|monitoring|canary)\//,
    judge(facts, open) {
      const baselines = resultsOf(facts, 'drift-baseline');
      const { driftAlerts } = facts;
      const evidence = [
        ...baselines,
        ...(driftAlerts.length > 0 ? [`Alerts on drift stand in ${driftAlerts.join(', ')}.`] : []),
        ...told(open),
      ];
      if (open.some(isProblem)) return { state: 'not-met', evidence, next: 'See the findings.' };
      if (baselines.length > 0 && driftAlerts.length > 0) return { state: 'met', evidence, next: null };
      return {
        state: 'unseen',
        evidence: evidence.length > 0 ? evidence : ['No baseline and no alert is kept.'],
        next:
          baselines.length === 0
            ? 'weighbridge drift record --endpoint URL --probes FILE --out FILE'
            : 'weighbridge drift rules --model NAME --out FILE',
      };
    },
  },
  {
    id: 'incident-runbook',
    title: 'A runbook for rollback and supply-chain incidents',
    rules: /^incident\//,
    judge: ({ runbooks }) =>
      runbooks.length > 0
        ? { state: 'met', evidence: [`${count(runbooks.length, 'runbook')}${listed(runbooks)}.`], next: null }
        : { state: 'unseen', evidence: ['No runbook is kept here.'], next: 'weighbridge incident new QUERY' },
  },
];

const isProblem = ({ severity }: Finding): boolean => severity !== 'info';

function told(open: readonly Finding[]): string[] {
  const problems = open.filter(isProblem);
  if (problems.length === 0) return [];
  const rules = [...new Set(problems.map(({ ruleId }) => ruleId))].sort();
  return [
    `${count(problems.length, 'open finding')}: ${rules.slice(0, 6).join(', ')}${rules.length > 6 ? ` and ${rules.length - 6} more rules` : ''}.`,
  ];
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return '';
  return ` (${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''})`;
}

function resultsOf({ results }: ComplianceFacts, kind: ResultKind): string[] {
  const words: Record<ResultKind, string> = {
    'dataset-scan': 'Scan of data',
    backdoor: 'Backdoor scan',
    robustness: 'Robustness',
    regression: 'Regression',
    redteam: 'Red-teaming',
    'drift-baseline': 'Baseline of drift',
  };
  return results
    .filter((result) => result.kind === kind)
    .map(({ file, verdict }) => `${words[kind]}: ${verdict} (${file}).`);
}
