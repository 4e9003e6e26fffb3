import path from 'node:path';
import { MarkupKind, type CancellationToken, type Hover, type HoverParams } from 'vscode-languageserver/node';
import type { FileInspection } from '../engine/fileWork.ts';
import { bytesInWords, count, printable } from '../report/printable.ts';
import type { Finding } from '../rules/finding.ts';
import { relativePath, uriOfPath } from './address.ts';
import type { ServerContext } from './context.ts';
import type { Folder } from './folder.ts';
import type { Inspector } from './inspector.ts';
import { escapeMarkdown } from './markdown.ts';
import { namedArtifact, type NamedArtifact } from './namedArtifact.ts';
import { pathsAt } from './namedPath.ts';
import { tensorCount, verdict, worstOf } from './verdict.ts';

/** Sentences about what a file does that a hover has room for. */
const sentencesShown = 3;

/** What a hover says, before it is put into the client's kind of text. */
interface Content {
  verdict: string;
  facts: string;
  sentences: string[];
  more: number;
  /** What the link opens; null for a directory. */
  uri: string | null;
}

/** On a path to a model, in any text: may I load it, what is it, and what would it run. */
export async function hover(
  { textDocument, position }: HoverParams,
  token: CancellationToken,
  context: ServerContext,
  inspector: Inspector,
): Promise<Hover | null> {
  const open = context.documents.at(textDocument.uri);
  if (!open) return null;
  const { path: from, document } = open;
  const start = { line: position.line, character: 0 };
  const line = document.getText({ start, end: { line: position.line + 1, character: 0 } }).replace(/\r?\n$/, '');
  const folder = context.folders.of(from);
  for (const named of pathsAt(line, position.character)) {
    const artifact = namedArtifact(folder, from, named);
    if (!artifact) continue;
    const content = await describe(artifact, folder, inspector);
    if (content === null || token.isCancellationRequested) return null;
    return {
      range: {
        start: { line: position.line, character: named.start },
        end: { line: position.line, character: named.end },
      },
      contents: context.session.showsMarkdown
        ? { kind: MarkupKind.Markdown, value: markdown(content, context.session.hasCommand('weighbridge.inspect')) }
        : { kind: MarkupKind.PlainText, value: plainText(content) },
    };
  }
  return null;
}

async function describe(artifact: NamedArtifact, folder: Folder, inspector: Inspector): Promise<Content | null> {
  if (artifact.kind === 'directory') return describeDirectory(artifact.path, folder);
  const inspected = await inspector.inspection(artifact.path);
  const { parts, format } = inspected.inspection;
  if (format === 'text' || format === 'unknown' || format === 'empty') return null;
  const findings = inspector.findings(artifact.path, inspected);
  return {
    verdict: verdict(parts, findings, inspected.summary.complete).text,
    facts: factsOf(inspected),
    ...sentences(findings),
    uri: uriOfPath(artifact.path),
  };
}

function describeDirectory(directory: string, folder: Folder): Content {
  const below = folder.artifactsBelow(directory);
  const findings = below.flatMap((result) => result.findings);
  const dangerous = below.filter((result) => worstOf(result.findings) === 'error').length;
  const partial = below.some((result) => result.artifact?.complete === false);
  const words = {
    error: `Do not load from this folder: ${count(dangerous, 'file')} in it ${dangerous === 1 ? 'is' : 'are'} dangerous.`,
    warning: 'Look before you load from this folder.',
    none: partial
      ? 'Nothing dangerous was found, but part of it could not be read.'
      : 'Nothing dangerous was found in this folder.',
  };
  const formats = [...new Set(below.map((result) => result.artifact?.format ?? ''))].sort();
  return {
    verdict: words[worstOf(findings) ?? 'none'],
    facts: [relativePath(folder.path, directory), count(below.length, 'model file'), formats.join(', ')].join(' · '),
    ...sentences(findings),
    uri: null,
  };
}

function factsOf({ summary, inspection }: FileInspection): string {
  const tensors = tensorCount(inspection.parts);
  const parts = [path.posix.basename(summary.path), inspection.format, bytesInWords(inspection.size)];
  if (tensors > 0) parts.push(count(tensors, 'tensor'));
  return parts.join(' · ');
}

/** What happens when it is loaded: only what a person has to act on. */
function sentences(findings: readonly Finding[]): { sentences: string[]; more: number } {
  const serious = (['error', 'warning'] as const).flatMap((severity) =>
    findings.filter((each) => each.severity === severity),
  );
  const said = [...new Set(serious.map(({ message }) => message))];
  return { sentences: said.slice(0, sentencesShown), more: Math.max(0, said.length - sentencesShown) };
}

function plainText({ verdict, facts, sentences, more }: Content): string {
  const rows = [verdict, facts, ...sentences.map((each) => `- ${each}`)];
  if (more > 0) rows.push(`- and ${more} more`);
  return rows.map(printable).join('\n');
}

/** Names and messages come from files that nobody vouches for: none of it may become markup. */
function markdown({ verdict, facts, sentences, more, uri }: Content, canInspect: boolean): string {
  const rows = [`**${escapeMarkdown(verdict)}**`, escapeMarkdown(facts)];
  const points = sentences.map((each) => `- ${escapeMarkdown(each)}`);
  if (more > 0) points.push(`- and ${more} more`);
  if (points.length > 0) rows.push(points.join('\n'));
  if (uri !== null && canInspect) {
    const argument = encodeURIComponent(JSON.stringify([uri])).replace(/[()]/g, (sign) =>
      sign === '(' ? '%28' : '%29',
    );
    rows.push(`[Open in the Model Inspector](command:weighbridge.inspect?${argument})`);
  }
  return rows.join('\n\n');
}
