import {
  CompletionItemKind,
  MarkupKind,
  type CompletionItem,
  type Hover,
  type MarkupContent,
  type Position,
} from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Json } from '../../formats/facts.ts';
import { evidenceSchema, type Schema } from '../../policy/evidence/schema.ts';
import { schemaAt, typeInWords, valuesAt, type Step } from '../../policy/evidence/schemaPath.ts';
import { printable } from '../../report/printable.ts';
import { escapeMarkdown } from '../markdown.ts';
import { rangeBetween } from './regoPlaces.ts';
import { InputNames, referencesIn, typedBefore } from './regoText.ts';

/** A model's evidence, as hovers and completions show it. */
export interface ShownModel {
  /** How the model is called. */
  label: string;
  /** Null while it is being gathered. */
  evidence: Record<string, Json> | null;
}

/** A value that is longer, in characters of JSON, is cut. */
const longestValue = 600;

/** On a path of the input: what the field is, and what it is for the current model. */
export function inputHover(
  document: TextDocument,
  position: Position,
  model: ShownModel | null,
  markdown: boolean,
): Hover | null {
  const text = document.getText();
  const offset = document.offsetAt(position);
  const reference = referencesIn(text).find(({ start, end }) => start <= offset && offset <= end);
  if (!reference) return null;
  const index = reference.segments.findIndex(({ end }) => offset <= end);
  const segments = reference.segments.slice(0, index + 1);
  const steps = new InputNames(text).stepsOf({ ...reference, segments });
  if (steps === null) return null;
  const schema = schemaAt(evidenceSchema(), steps);
  if (schema === null || schema === 'unknown') return null;
  const end = segments.at(-1)?.end ?? reference.end;
  return {
    range: rangeBetween(document, reference.start, end),
    contents: contentOf(steps, schema, model, markdown),
  };
}

/** Fields that the evidence has where a path of the input is typed. */
export function inputCompletions(
  document: TextDocument,
  position: Position,
  model: ShownModel | null,
  markdown: boolean,
): CompletionItem[] {
  const text = document.getText();
  const typed = typedBefore(text, document.offsetAt(position));
  const steps = typed && new InputNames(text).stepsOf(typed.reference);
  if (!steps) return [];
  const schema = schemaAt(evidenceSchema(), steps);
  if (schema === null || schema === 'unknown') return [];
  const properties = (schema['properties'] ?? {}) as Record<string, Schema>;
  return Object.entries(properties).map(([name, property]) => ({
    label: name,
    kind: 'properties' in property ? CompletionItemKind.Struct : CompletionItemKind.Field,
    detail: typeInWords(property),
    documentation: contentOf([...steps, name], property, model, markdown),
  }));
}

function contentOf(steps: readonly Step[], schema: Schema, model: ShownModel | null, markdown: boolean): MarkupContent {
  const path = steps.reduce<string>((before, step) => before + (step === null ? '[_]' : `.${step}`), 'input');
  const type = typeInWords(schema);
  const description = typeof schema['description'] === 'string' ? schema['description'] : '';
  const value = model === null ? null : valueInWords(model, steps);
  if (!markdown) {
    const rows = [`${path}: ${type}`, description, ...(value === null ? [] : [`${value.label}: ${value.text}`])];
    return { kind: MarkupKind.PlainText, value: rows.filter((row) => row !== '').join('\n') };
  }
  const rows = [`**\`${path}\`** · ${escapeMarkdown(type)}`, escapeMarkdown(description)];
  if (value !== null) rows.push(`${escapeMarkdown(value.label)}:`, value.isJson ? fenced(value.text) : value.text);
  return { kind: MarkupKind.Markdown, value: rows.filter((row) => row !== '').join('\n\n') };
}

function valueInWords({ label, evidence }: ShownModel, steps: readonly Step[]) {
  if (evidence === null) {
    return { label, text: 'its evidence is being gathered; look again in a moment.', isJson: false };
  }
  const values = valuesAt(evidence, steps);
  const isList = steps.includes(null);
  if (values.length === 0 && !isList) return { label, text: 'nothing: this evidence is missing.', isJson: false };
  const json = JSON.stringify(isList ? values : values[0], null, 2);
  const cut = json.length > longestValue ? `${json.slice(0, longestValue)}\n...` : json;
  return { label, text: cut.split('\n').map(printable).join('\n'), isJson: true };
}

/** Values come from files that nobody vouches for: no run of backticks in them ends the fence. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}json\n${text}\n${fence}`;
}
