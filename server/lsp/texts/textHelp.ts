import {
  CompletionItemKind,
  MarkupKind,
  type CodeLens,
  type CompletionItem,
  type CompletionParams,
  type Hover,
  type HoverParams,
} from 'vscode-languageserver/node';
import { controlNames, controlTitles, type ControlState, type Endpoint } from '../../posture/facts.ts';
import { printable } from '../../report/printable.ts';
import { rulePageUrl } from '../../rules/page.ts';
import { isConfigOrCode, textLanguage } from '../../formats/text/parse.ts';
import { pathOfUri } from '../address.ts';
import type { ServerContext } from '../context.ts';
import { escapeMarkdown } from '../markdown.ts';
import { keyAt, valueAt, type HelpedKey } from './keyHelp.ts';

const words: Readonly<Record<ControlState, string>> = {
  enforced: 'enforced',
  'not-enforced': 'present, not enforced',
  delegated: 'delegated',
  'not-visible': 'not visible here',
};

/** The ways into models that an open text opens. */
async function endpointsOf(uri: string, context: ServerContext): Promise<Endpoint[]> {
  const path = pathOfUri(uri);
  const document = path === null ? undefined : context.documents.get(path);
  if (path === null || !document || !isConfigOrCode(path)) return [];
  return context.folders.of(path).scanner.bufferPosture(path, document.getText());
}

/** One lens a way into a model: how much protects it. */
export async function postureLenses(uri: string, context: ServerContext): Promise<CodeLens[]> {
  return (await endpointsOf(uri, context)).map((endpoint) => ({
    range: {
      start: { line: endpoint.range.line - 1, character: 0 },
      end: { line: endpoint.range.line - 1, character: 0 },
    },
    // Nothing happens at a click: the hover on the line tells the rest.
    command: { title: titleOf(endpoint), command: '' },
  }));
}

function titleOf({ controls, product }: Endpoint): string {
  const holding = controlNames.filter((name) => controls[name].state === 'enforced').length;
  const broken = controlNames
    .filter((name) => controls[name].state === 'not-enforced')
    .map((name) => controlTitles[name]);
  const auth = controls.authentication.state === 'not-visible' ? ['no authentication visible here'] : [];
  const rest = [...broken.map((each) => `${each} not enforced`), ...auth];
  return [`${product}: ${holding} of ${controlNames.length} controls enforced`, ...rest].join(' · ');
}

/** On a way into a model: the table of what protects it. On a key: what to know of it. */
export async function textHover(params: HoverParams, context: ServerContext): Promise<Hover | null> {
  const { line, character } = params.position;
  const open = context.documents.at(params.textDocument.uri);
  if (!open || !isConfigOrCode(open.path)) return null;
  const written = open.document
    .getText({ start: { line, character: 0 }, end: { line: line + 1, character: 0 } })
    .replace(/\r?\n$/, '');
  const key = keyAt(written, character, isCode(open.path));
  const inMarkdown = context.session.showsMarkdown;
  if (key) {
    return {
      range: { start: { line, character: key.start }, end: { line, character: key.end } },
      contents: inMarkdown
        ? { kind: MarkupKind.Markdown, value: keyMarkdown(key) }
        : {
            kind: MarkupKind.PlainText,
            value: `${key.key}: ${key.risk}${key.safe.length > 0 ? ` Safe: ${key.safe.join(', ')}.` : ''}`,
          },
    };
  }
  const endpoint = (await endpointsOf(params.textDocument.uri, context)).find(({ range }) => range.line - 1 === line);
  if (!endpoint) return null;
  return {
    contents: inMarkdown
      ? { kind: MarkupKind.Markdown, value: postureMarkdown(endpoint) }
      : { kind: MarkupKind.PlainText, value: posturePlain(endpoint) },
  };
}

/** In Python, and in the cells of a notebook. */
function isCode(path: string): boolean {
  const language = textLanguage(path);
  return language === 'python' || language === 'notebook';
}

function keyMarkdown({ key, risk, safe, rules }: HelpedKey): string {
  const values = safe.length > 0 ? `\n\nSafe: ${safe.map((each) => `\`${each}\``).join(', ')}` : '';
  const pages = rules.map((rule) => `[${rule}](${rulePageUrl(rule)})`).join(' · ');
  return `**${escapeMarkdown(key)}**: ${escapeMarkdown(risk)}${values}${pages && `\n\n${pages}`}`;
}

/** Names come from files that nobody vouches for: none of it may become markup. */
function postureMarkdown(endpoint: Endpoint): string {
  const rows = controlNames.map((name) => {
    const { state, says, range } = endpoint.controls[name];
    const why =
      says === '' ? '' : `${escapeMarkdown(says).replaceAll('|', '\\|')}${range ? ` (line ${range.line})` : ''}`;
    return `| ${controlTitles[name]} | ${words[state]} | ${why} |`;
  });
  const head = `**${escapeMarkdown(`${endpoint.product} ${endpoint.name}`)}**`;
  const whole = endpoint.complete ? '' : '\n\nOther files may add to this.';
  return `${head}\n\n| | | |\n| --- | --- | --- |\n${rows.join('\n')}${whole}`;
}

function posturePlain(endpoint: Endpoint): string {
  const rows = controlNames.map((name) => {
    const { state, says } = endpoint.controls[name];
    return `${controlTitles[name]}: ${words[state]}${says === '' ? '' : ` (${says})`}`;
  });
  return printable(`${endpoint.product} ${endpoint.name}`) + '\n' + rows.map(printable).join('\n');
}

/** Safe values for the key whose value is being written. */
export function valueCompletion(params: CompletionParams, context: ServerContext): CompletionItem[] {
  const { line, character } = params.position;
  const open = context.documents.at(params.textDocument.uri);
  if (!open || !isConfigOrCode(open.path)) return [];
  const written = open.document.getText({ start: { line, character: 0 }, end: { line, character } });
  const found = valueAt(written, character, isCode(open.path));
  if (!found) return [];
  return found.help.safe.map((value, index) => ({
    label: value,
    kind: CompletionItemKind.Value,
    detail: found.help.rules.join(', '),
    documentation: found.help.risk,
    sortText: `0${index}`,
    textEdit: {
      range: { start: { line, character: character - found.typed.length }, end: { line, character } },
      newText: inQuotes(value, found.typed),
    },
  }));
}

/** Behind a quote that stands there already; the editor has put the one that closes it, too. */
function inQuotes(value: string, typed: string): string {
  const quote = /^["']/.exec(typed)?.[0] ?? '';
  return quote + (quote === '' ? value : value.replaceAll('"', ''));
}
