// What the search knows: each heading of each page, with the text below it.
import { textOf } from './pages.mjs';

/**
 * @param {import('./pages.mjs').RenderedPage} page
 * @returns {{ id: string, page: string, heading: string, text: string }[]} `id` is the address from the root of the site.
 */
export function sectionsOf(page) {
  const sections = [{ id: page.address, page: page.title, heading: page.title, text: '' }];
  page.tokens.forEach((token, index) => {
    const anchor = page.anchors.get(token);
    const before = page.tokens[index - 1];
    if (anchor !== undefined && token.tag !== 'h1') {
      const inline = page.tokens[index + 1];
      sections.push({
        id: `${page.address}#${anchor}`,
        page: page.title,
        heading: inline === undefined ? '' : textOf(inline),
        text: '',
      });
    } else if (token.type === 'inline' && before?.type !== 'heading_open') add(textOf(token));
    else if (token.type === 'fence') add(token.content);
  });
  return sections;

  /** @param {string} text */
  function add(text) {
    const last = sections.at(-1);
    if (last !== undefined) last.text += `${last.text && ' '}${text.replace(/\s+/g, ' ').trim()}`;
  }
}
