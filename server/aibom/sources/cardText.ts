/** A model card taken apart: the front matter, and the text below each heading. */
export interface CardText {
  /** YAML between the `---` lines; empty when there is none. */
  frontMatter: string;
  /** Where the front matter's YAML begins, in characters. */
  frontMatterStart: number;
  sections: CardSection[];
}

export interface CardSection {
  /** Without marks; empty for what stands above the first heading. */
  heading: string;
  level: number;
  /** Own text, without that of the headings below it. */
  text: string;
}

/** Characters of a card that are read. */
const longestCard = 2_000_000;
const mostSections = 2_000;
const longestValue = 1_000;

export function cardText(content: string): CardText {
  const text = content.slice(0, longestCard).replace(/^\uFEFF/, '');
  const opening = /^---[ \t]*\r?\n/.exec(text)?.[0];
  if (opening === undefined) return { frontMatter: '', frontMatterStart: 0, sections: sectionsOf(text) };
  const closing = /^(?:---|\.\.\.)[ \t]*$/m;
  const rest = text.slice(opening.length);
  const end = closing.exec(rest);
  if (!end) return { frontMatter: '', frontMatterStart: 0, sections: sectionsOf(text) };
  return {
    frontMatter: rest.slice(0, end.index),
    frontMatterStart: opening.length,
    sections: sectionsOf(rest.slice(end.index + end[0].length)),
  };
}

/** Splits at headings (`## Name`, or underlined with `===` or `---`); those in fenced code are none. */
function sectionsOf(text: string): CardSection[] {
  const sections: CardSection[] = [];
  let lines: string[] = [];
  let heading = '';
  let level = 0;
  let fence: string | null = null;
  const finish = () => {
    if (sections.length < mostSections)
      sections.push({ heading, level, text: withoutComments(lines.join('\n')).trim() });
    lines = [];
  };
  for (const line of text.split(/\r?\n/)) {
    const mark = /^ {0,3}(```+|~~~+)/.exec(line)?.[1];
    if (mark !== undefined) {
      if (fence === null) fence = mark;
      else if (mark.startsWith(fence)) fence = null;
    }
    const marked = fence === null ? /^ {0,3}(#{1,6})[ \t]+(\S.*)$/.exec(line) : null;
    const previous = lines.at(-1);
    const underline =
      fence === null && previous !== undefined && /\S/.test(previous) && !/^[-*>|#]/.test(previous.trim());
    if (marked) {
      finish();
      heading = plainHeading(marked[2] ?? '');
      level = marked[1]?.length ?? 1;
    } else if (underline && /^ {0,3}={3,}[ \t]*$/.test(line)) {
      const title = lines.pop() ?? '';
      finish();
      heading = plainHeading(title);
      level = 1;
    } else {
      lines.push(line);
    }
  }
  finish();
  return sections;
}

/** Comments are notes of the card's template, and for nobody's eyes. */
function withoutComments(text: string): string {
  let result = '';
  let from = 0;
  for (;;) {
    const start = text.indexOf('<!--', from);
    if (start < 0) return result + text.slice(from);
    result += text.slice(from, start);
    const end = text.indexOf('-->', start);
    if (end < 0) return result;
    from = end + 3;
  }
}

const plainHeading = (heading: string): string =>
  heading
    .slice(0, 1_000)
    .replace(/[*_`]+/g, '')
    .replace(/[ \t]#+[ \t]*$/, '')
    .replace(/\[optional\]/i, '')
    .replace(/[^\p{L}\p{N}\s,&/()'-]/gu, '')
    .trim()
    .slice(0, 200);

/** `- name: value` and `- **Name:** value` lines of a section; also `* name = value`. */
export function listedValues(text: string): { name: string; value: string }[] {
  const found: { name: string; value: string }[] = [];
  for (const line of text.split('\n').slice(0, 2_000)) {
    if (line.length > 5_000) continue;
    const item = /^\s*[-*+]\s+(?:\*\*)?([^:*=]{1,100}?)(?:\*\*)?\s*(?::(?:\*\*)?|=)\s*(\S.*)$/.exec(line);
    if (!item) continue;
    const name = (item[1] ?? '')
      .replace(/\[optional\]/gi, '')
      .replace(/[`_*]{2,}|`/g, '')
      .trim();
    const value = (item[2] ?? '')
      .replace(/^\*\*\s*/, '')
      .replace(/`/g, '')
      .trim();
    if (name !== '' && !isPlaceholder(value)) found.push({ name, value: value.slice(0, longestValue) });
  }
  return found;
}

/** What the templates of the Hub write where nobody has written anything yet. */
export function isPlaceholder(text: string): boolean {
  if (text.length > 200) return false;
  return /^(?:\[?more information needed\]?\.?|\{\{.*\}\}|n\/?a|tbd|todo|-+|\s*)$/i.test(
    text.replace(/[*_\s]+$/g, '').trim(),
  );
}

/** Code blocks of a language, in order. */
export function fencedBlocks(text: string, language: RegExp): string[] {
  const blocks: string[] = [];
  let open: string[] | null = null;
  let wanted = false;
  for (const line of text.split('\n')) {
    const mark = /^ {0,3}(?:```+|~~~+)\s*(\S*)/.exec(line);
    if (mark && open === null) {
      open = [];
      wanted = language.test(mark[1] ?? '');
    } else if (mark && open !== null) {
      if (wanted) blocks.push(open.join('\n'));
      open = null;
    } else open?.push(line);
  }
  return blocks;
}
