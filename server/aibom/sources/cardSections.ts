import type { Draft } from '../draft.ts';
import { licenceNamed } from '../licence/licenceNames.ts';
import type { Consideration, Origin } from '../record.ts';
import { type CardSection, isPlaceholder, listedValues } from './cardText.ts';

/** Headings of the Hub's template and of older cards, with the field that they fill. */
const headings: [RegExp, Consideration][] = [
  [/^(?:intended |primary |target )?(?:intended )?users$/i, 'users'],
  [/out[- ]of[- ]scope|limitation|known issues|failure modes/i, 'technicalLimitations'],
  [/trade-?offs?/i, 'performanceTradeoffs'],
  [/ethic|bias|risk|safety|fairness|misuse/i, 'ethicalConsiderations'],
  [/^(?:primary )?(?:intended |direct |downstream )uses?\b|^(?:primary )?uses?(?: cases?)?$/i, 'useCases'],
];

/** Characters of a section that are taken over. */
const longestSection = 4_000;

export function readCardSections(file: string, sections: readonly CardSection[], draft: Draft): void {
  for (const { heading, text } of sections) {
    const from: Origin = { file, at: heading === '' ? 'text' : `section: ${heading}`, technique: 'manifest-analysis' };
    if (isPlaceholder(text)) continue;
    const prose = proseOf(text);
    for (const [pattern, group] of headings) if (pattern.test(heading)) draft.consider(group, prose, from);
    if (/^(?:model )?(?:description|summary|overview|introduction|model details)$/i.test(heading))
      draft.set('description', firstParagraph(prose), from);
    if (/hyper-?parameters/i.test(heading)) readHyperparameters(text, draft, from);
    if (/framework versions|^software$/i.test(heading)) readFrameworkVersions(text, draft, from);
    if (/environmental/i.test(heading)) {
      for (const { name, value } of listedValues(text)) {
        draft.environment.push({ value: { name: name.toLowerCase().replace(/\s+/g, '-'), value }, origin: from });
      }
    }
    readDetails(text, draft, from);
  }
}

/** The bullets of "Model Details": `- **Developed by:** ...`. */
function readDetails(text: string, draft: Draft, origin: Origin): void {
  for (const { name, value } of listedValues(text)) {
    const link = /\((https?:\/\/[^\s)]{1,500})\)|(https?:\/\/[^\s)>\]]{1,500})/.exec(value);
    const url = link?.[1] ?? link?.[2];
    const plain = withoutLinks(value);
    if (/^(?:developed|created|published) by$/i.test(name)) draft.set('supplier', plain, origin);
    else if (/^authors?$/i.test(name)) draft.authors.push({ value: plain, origin });
    else if (/^licen[cs]e$/i.test(name)) draft.declaredLicences.push({ value: licenceNamed(plain), origin });
    else if (/^(?:fine-?tuned|quantized|trained) from(?: model)?$|^base model$/i.test(name)) {
      const hub = /huggingface\.co\/([\w.-]+\/[\w.-]+)/.exec(value)?.[1];
      const written = hub ?? (/^[\w.-]+(?:\/[\w.-]+)?$/.test(plain) ? plain : undefined);
      if (written !== undefined) draft.baseModel({ name: written }, origin);
    } else if (/^repository$/i.test(name) && url !== undefined) draft.reference({ type: 'vcs', url, origin });
    else if (/^(?:paper|demo|documentation)$/i.test(name) && url !== undefined)
      draft.reference({ type: 'documentation', url, comment: name, origin });
    else if (/use policy/i.test(name) && url !== undefined)
      draft.reference({ type: 'documentation', url, comment: 'Usage policy', origin });
    else if (/^release date$/i.test(name)) draft.set('released', isoDate(plain), origin);
  }
}

/** As the Trainer of transformers writes it: `- learning_rate: 2e-05`. */
function readHyperparameters(text: string, draft: Draft, origin: Origin): void {
  for (const { name, value } of listedValues(text)) {
    const key = name.trim();
    if (/^[\w .()/-]{1,80}$/.test(key)) draft.hyperparameter(key.replace(/\s+/g, '_'), withoutLinks(value), origin);
  }
}

/** `- Transformers 4.40.2`, `- Pytorch 2.1.0+cu121`, `- PEFT 0.10.0`. */
function readFrameworkVersions(text: string, draft: Draft, origin: Origin): void {
  for (const line of text.split('\n').slice(0, 200)) {
    const found = /^\s*[-*]\s+\**([A-Za-z][\w. -]{1,40}?)\**\s*:?\s+v?(\d+(?:\.[\w+!-]+)*)\s*$/.exec(line);
    if (found) draft.library({ name: packageNamed(found[1] ?? ''), version: found[2] ?? '', origin });
  }
}

/** The name of the Python package behind a framework's name. */
export function packageNamed(name: string): string {
  const key = name.trim().toLowerCase().replace(/\s+/g, '-');
  return (
    { pytorch: 'torch', 'scikit-learn': 'scikit-learn', sklearn: 'scikit-learn', onnxruntime: 'onnxruntime' }[key] ??
    key
  );
}

/** Text without tables, code, images and HTML, as far as a person would read it aloud. */
function proseOf(text: string): string {
  const kept: string[] = [];
  let fenced = false;
  for (const line of text.slice(0, 4 * longestSection).split('\n')) {
    if (/^ {0,3}(?:```|~~~)/.test(line)) fenced = !fenced;
    else if (!fenced && !/^\s*\|/.test(line) && !/^\s*(?:!\[|<)/.test(line)) kept.push(line.trimEnd());
  }
  const prose = kept.join('\n').trim();
  return isPlaceholder(prose) ? '' : prose.slice(0, longestSection);
}

const firstParagraph = (text: string): string =>
  (text.split(/\n\s*\n/).find((each) => !/^\s*[-*]\s/.test(each) && !isPlaceholder(each)) ?? '')
    .replace(/\s*\n\s*/g, ' ')
    .trim();

const withoutLinks = (text: string): string =>
  text
    .replace(/\[([^\]]{0,500})\]\([^)]{0,1000}\)/g, '$1')
    .replace(/[*_]{2,}/g, '')
    .trim();

/** A day as ISO 8601 with time; undefined when it is written in another way. */
export function isoDate(text: string): string | undefined {
  const day = /^(\d{4}-\d{2}-\d{2})(?:[T ].*)?$/.exec(text.trim());
  if (!day) return undefined;
  const date = new Date(text.trim().length === 10 ? `${day[1]}T00:00:00Z` : text.trim());
  return Number.isNaN(date.getTime()) ? undefined : `${date.toISOString().slice(0, 19)}Z`;
}
