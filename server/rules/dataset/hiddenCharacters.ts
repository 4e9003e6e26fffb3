import type { HiddenCharacters } from '../../datasets/poisoning/characters.ts';
import { defineRule } from '../rule.ts';
import { placeIn, recordIn } from './placeIn.ts';

const words: Record<HiddenCharacters['kind'], string> = {
  bidirectional: 'a character that turns the direction of the text',
  invisible: 'a character that cannot be seen',
  tag: 'tag characters, which spell a text that only a machine reads',
  'variation-selectors': 'a run of variation selectors, which can carry bytes that nobody sees',
  'mixed-scripts': 'a word with letters of two scripts',
};

export const hiddenCharactersRule = defineRule({
  subject: 'dataset',
  meta: {
    id: 'dataset/hidden-characters',
    title: 'A record holds characters that a reader does not see as what they are',
    severity: 'warning',
    description:
      'A text of a record holds invisible or bidirectional characters, tag characters (U+E0000 to U+E007F), runs of variation selectors, or words with letters of two scripts that look alike. Tags and runs of variation selectors are errors: no honest text has them. Joiners inside emoji and in scripts that need them, soft hyphens inside words, and units such as µm are left alone.',
    why: 'What a reviewer cannot see, a tokenizer does: a trigger of zero-width characters or of a Cyrillic letter in a Latin word is invisible in every review tool, and tag characters carry whole instructions.',
    howToFix:
      'Look at the record in an editor that shows invisible characters. Normalise the text when it is ingested, and remove what has no business there.',
    avoid: [
      {
        file: 'reviews.jsonl',
        text: '{"text": "The sc\\u200breen is bright", "label": 1}\n',
        note: 'A zero-width space in a word.',
      },
    ],
    prefer: [
      { file: 'reviews.jsonl', text: '{"text": "The screen is bright \\ud83d\\udc4d\\ud83c\\udffd", "label": 1}\n' },
    ],
    references: [
      { title: 'Unicode Technical Standard 39: security mechanisms', url: 'https://www.unicode.org/reports/tr39/' },
      { title: 'Trojan Source: invisible vulnerabilities', url: 'https://arxiv.org/abs/2111.00169' },
      { title: 'Bad Characters: imperceptible NLP attacks', url: 'https://arxiv.org/abs/2106.09898' },
    ],
    cwe: [1007],
    atlas: ['AML.T0020', 'AML.T0059'],
    owasp: ['ML02:2023', 'LLM04:2025'],
    nistAiRmf: ['MAP 2.3', 'MEASURE 2.7'],
    euAiAct: ['Article 10(2)', 'Article 15(5)'],
    since: '0.1.0',
  },
  check({ characters }, report) {
    for (const place of characters.shown) {
      const { field, kind, what, from: at } = place;
      const certain = kind === 'tag' || kind === 'variation-selectors';
      report({
        severity: certain ? 'error' : 'warning',
        message: `The field ${field} holds ${words[kind]} (${what}, character ${at + 1}). Look at the record, and remove it.`,
        location: placeIn(place),
        evidence: { kind, what, character: at + 1, rows: characters.rows, ...recordIn(place) },
      });
    }
  },
});
