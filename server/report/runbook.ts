import type { FoundImpact } from '../engine/findImpact.ts';
import { promotionsText, unreadText } from './impactText.ts';
import { printable } from './printable.ts';

export interface IncidentFacts {
  title: string;
  /** RFC 3339. */
  openedAt: string;
  impact: FoundImpact;
}

/** A runbook for an incident in Markdown, filled with what the query reaches: what to stop, what to go back to, what to check. */
export function runbook({ title, openedAt, impact }: IncidentFacts): string {
  const { query, reached, matches } = impact;
  const models = reached.filter(({ kind }) => kind === 'model');
  const promoted = models.filter(({ promotions }) => promotions.length > 0);
  const sections = [
    `# ${text(title)}`,
    `Opened ${openedAt}. What is in doubt: ${code(query)}. Fill in and tick as you go; commit it with the evidence.`,
    section('Scope', [
      matches.length === 0
        ? `No paper names it. That is no proof of absence: models without a bill of materials cannot be found this way.`
        : `It is named in ${matches.map(({ file }) => code(file)).join(', ')}.`,
      ...reached.map(
        ({ path, kind, via, promotions }) =>
          `- **${text(path)}** (${kind === 'dataset' ? 'data' : 'model'})\n${[
            ...via.map(({ says, file }) => `${text(says)} (${code(file)})`),
            ...promotionsText(promotions).map(text),
          ]
            .map((line) => `  - ${line}`)
            .join('\n')}`,
      ),
      ...unreadText(impact).map(text),
    ]),
    section('1. Stop the harm', [
      '- [ ] Owner of the incident, and where it is discussed:',
      ...(promoted.length === 0
        ? ['- [ ] No promotion of what is reached is on record. Check the deployments that no gate has seen.']
        : promoted.flatMap((model) => [
            `- [ ] Take ${code(model.path)} out of traffic, or roll it back:`,
            ...rollback(model),
          ])),
      '- [ ] Revoke keys and tokens that the model, its training job or its endpoint could read.',
    ]),
    section('2. Keep the evidence', [
      '- [ ] Copy the artifacts in doubt to a place that nobody can write to, with their digests:',
      ...reached.map(({ path }) => command(`weighbridge digest ${shell(path)} --format json`)),
      '- [ ] Note the head of the log of decisions:',
      command('weighbridge policy audit'),
      '- [ ] Keep the inference logs since the first promotion, and look into them:',
      command('weighbridge drift log REQUESTS.jsonl'),
    ]),
    section('3. Find out what happened', [
      ...reached.flatMap(({ path, kind }) =>
        kind === 'dataset'
          ? [
              command(`weighbridge dataset verify ${shell(path)}`),
              command(`weighbridge dataset scan ${shell(path)} --baseline ACCEPTED`),
            ]
          : [
              command(`weighbridge scan ${shell(path)}`),
              command(`weighbridge verify ${shell(path)}`),
              command(`weighbridge aibom ${shell(path)} --check`),
            ],
      ),
      '- [ ] Who signed or ingested it, and was that person or job allowed to?',
      '- [ ] What else did the same signer, job or source bring in?',
      command('weighbridge impact SIGNER-OR-SOURCE'),
    ]),
    section('4. Put it right', [
      '- [ ] Replace or remove what is in doubt, train again where it was trained on, sign again, and renew the bill of materials.',
      ...models.flatMap(({ path }) => [command(`weighbridge gate hotfix ${shell(path)}`)]),
      '- [ ] A hotfix owes an audit within 24 hours. Record it when it is done:',
      command('weighbridge policy close-audit ID --as WHO --report FILE'),
    ]),
    section('5. Afterwards', [
      '- [ ] Who must be told: customers, the authority (EU AI Act, Article 73, for serious incidents of high-risk systems), the source.',
      '- [ ] Which rule or gate would have stopped it? Write it, with its test.',
      '- [ ] When was it found, stopped and put right:',
    ]),
  ];
  return `${sections.join('\n\n')}\n`;
}

function section(title: string, lines: readonly string[]): string {
  return `## ${title}\n\n${lines.join('\n')}`;
}

/** The last version that passed a gate before the current one. */
function rollback({ promotions, path }: FoundImpact['reached'][number]): string[] {
  const ordered = [...promotions].sort((a, b) => (a.decidedAt < b.decidedAt ? -1 : 1));
  const current = ordered.at(-1)?.digest ?? null;
  const before = ordered.filter(({ digest }) => digest !== null && digest !== current).at(-1);
  if (!before) return [`  - No earlier version of ${code(path)} is on record: take it out of traffic.`];
  return [
    `  - Last good version: ${code(before.digest ?? '')}, which passed ${text(before.gate)} at ${text(before.decidedAt)}. It is good only if it does not contain what is in doubt: see the scope.`,
  ];
}

/** Text of files and people in Markdown: shown, never obeyed. */
function text(value: string): string {
  return printable(value).replace(/[\\`*_{}[\]()<>#|!]/g, (character) => `\\${character}`);
}

function code(value: string): string {
  const plain = printable(value);
  const longest = Math.max(0, ...(plain.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  return longest > 0 ? `${fence} ${plain} ${fence}` : `${fence}${plain}${fence}`;
}

function command(line: string): string {
  return `  ${code(line)}`;
}

/** A path as a shell takes it: a name from a paper must not become a command. */
function shell(path: string): string {
  return /^[\w./@:+-]+$/.test(path) && !path.startsWith('-') ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
