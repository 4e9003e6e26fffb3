import type { ConfigScalar, PythonCall, PythonString } from './facts.ts';

/** A notebook is read as the Python of its cells, a card (`README.md`) as the YAML at its top. */
export type TextLanguage = 'yaml' | 'json' | 'python' | 'notebook' | 'card';

/** What one text file may cost. */
export const textLimits = {
  /** UTF-16 code units of a file that is still parsed. A syntax tree takes about fifty bytes for each. */
  length: { yaml: 2 << 20, json: 2 << 20, python: 1 << 20, notebook: 16 << 20, card: 2 << 20 },
  /** Mappings and sequences inside one another. */
  depth: 200,
  /** Scalars, or calls and strings, that are kept of one file. */
  facts: 100_000,
  /** Milliseconds that a syntax tree may take. */
  timeMs: 5_000,
} as const;

/** Something that kept a parser from seeing everything. What was parsed before it is kept. */
export interface TextProblem {
  code: 'malformed' | 'limit-length' | 'limit-depth' | 'limit-facts' | 'limit-time';
  /** 1-based, or null when no single place can be named. */
  line: number | null;
  /** One clause for a person, without the file's name. */
  message: string;
}

export interface PythonText {
  language: 'python';
  calls: PythonCall[];
  strings: PythonString[];
  problems: TextProblem[];
}

export type ParsedText = { language: 'yaml' | 'json'; scalars: ConfigScalar[]; problems: TextProblem[] } | PythonText;

const languages: Record<string, TextLanguage> = {
  yaml: 'yaml',
  yml: 'yaml',
  dvc: 'yaml',
  json: 'json',
  jsonc: 'json',
  py: 'python',
  ipynb: 'notebook',
};

/** The language of a text file, by its name; null when no rule reads such files. Folders may stand before the name. */
export function textLanguage(path: string): TextLanguage | null {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1).toLowerCase();
  // A Kitfile (KitOps ModelKit) is YAML without saying so in its name.
  if (name === 'dvc.lock' || name === 'kitfile') return 'yaml';
  if (name === 'readme.md') return 'card';
  const dot = name.lastIndexOf('.');
  return dot < 0 ? null : (languages[name.slice(dot + 1)] ?? null);
}

/**
 * Facts of a text file. A file that does not follow its grammar (a template, an unfinished edit) gives what could be
 * parsed and a problem, never an exception. Each parser is loaded when the first file needs it.
 */
export async function parseText(language: TextLanguage, text: string): Promise<ParsedText> {
  // Editors show a byte order mark as nothing: columns do not count it.
  const content = text.startsWith('\uFEFF') ? text.slice(1) : text;
  if (content.length > textLimits.length[language]) return tooLong(language);
  switch (language) {
    case 'yaml':
      return (await import('./yaml.ts')).parseYaml(content);
    case 'card':
      return (await import('./yaml.ts')).parseYaml(frontMatter(content));
    case 'json':
      return (await import('./json.ts')).parseJson(content);
    case 'python':
      return (await import('./python.ts')).parsePython(content);
    case 'notebook':
      return (await import('./notebook.ts')).parseNotebook(content);
  }
}

/** The YAML between the first two lines of dashes; empty where a text does not begin with one. Places stay what they are. */
export function frontMatter(text: string): string {
  const match = /^---[ \t]*\r?\n[^]*?^---[ \t]*$/m.exec(text.slice(0, textLimits.length.card));
  return match?.index === 0 ? match[0].slice(0, match[0].lastIndexOf('---')) : '';
}

function tooLong(language: TextLanguage): ParsedText {
  const problems: TextProblem[] = [
    { code: 'limit-length', line: null, message: `the text is longer than ${textLimits.length[language]} characters` },
  ];
  if (language === 'python' || language === 'notebook') return { language: 'python', calls: [], strings: [], problems };
  return { language: language === 'json' ? 'json' : 'yaml', scalars: [], problems };
}
