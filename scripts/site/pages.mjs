// The pages of the site: every document for users, with its links led to where the site has them.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import MarkdownIt from 'markdown-it';

/** Where what is no page of the site can be read. */
const home = 'https://github.com/weighbridge-dev/weighbridge/blob/main';

/**
 * @typedef {{ file: string, address: string, title: string, tokens: import('markdown-it').Token[], anchors: Map<import('markdown-it').Token, string> }} Page
 * `file` from the root of the repository and `address` from that of the site, both with `/`.
 * @typedef {Page & { body: string }} RenderedPage
 */

// Nothing of a document is taken for HTML: what stands in it is text.
const markdown = new MarkdownIt({ html: false, linkify: false });
markdown.renderer.rules.table_open = () => '<div class="table"><table>\n';
markdown.renderer.rules.table_close = () => '</table></div>\n';

/** @param {string} root of the repository. @returns {Map<string, Page>} by file. */
export function readPages(root) {
  const files = ['README.md', 'CHANGELOG.md', ...markdownIn(root, 'docs')];
  return new Map(files.map((file) => [file, readPage(root, file)]));
}

/** @param {string} root @param {string} file @returns {Page} */
function readPage(root, file) {
  // A comment is for whoever edits the document.
  const text = readFileSync(path.join(root, file), 'utf8').replace(/^<!--[^]*?-->$/gm, '');
  const tokens = markdown.parse(text, {});
  const anchors = new Map();
  const used = new Map();
  let title = '';
  tokens.forEach((token, index) => {
    if (token.type !== 'heading_open') return;
    const inline = tokens[index + 1];
    if (inline === undefined) return;
    const text = textOf(inline);
    if (title === '') title = text;
    const anchor = slug(text);
    const before = used.get(anchor) ?? 0;
    used.set(anchor, before + 1);
    anchors.set(token, before === 0 ? anchor : `${anchor}-${before}`);
  });
  return { file, address: addressOf(file), title, tokens, anchors };
}

/** @param {string} file */
function addressOf(file) {
  if (file === 'README.md') return 'index.html';
  return file
    .replace(/^docs\//, '')
    .replace(/README\.md$/, 'index.md')
    .replace(/\.md$/, '.html')
    .replace(/^CHANGELOG/, 'changelog');
}

/** As GitHub makes them, so that links hold in both places. @param {string} heading */
export const slug = (heading) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');

/** @param {import('markdown-it').Token} inline */
export const textOf = (inline) =>
  (inline.children ?? [])
    .map(({ type, content }) => (['text', 'code_inline'].includes(type) ? content : type.endsWith('break') ? ' ' : ''))
    .join('');

/**
 * @param {Page} page @param {Map<string, Page>} pages @param {string} root
 * @param {string[]} problems links that lead nowhere are added to them.
 * @returns {RenderedPage}
 */
export function renderPage(page, pages, root, problems) {
  for (const token of page.tokens) {
    const anchor = page.anchors.get(token);
    if (anchor !== undefined) token.attrSet('id', anchor);
    withoutStyle(token);
    for (const child of token.children ?? []) {
      const attribute = child.type === 'link_open' ? 'href' : child.type === 'image' ? 'src' : null;
      if (attribute === null) continue;
      const link = String(child.attrGet(attribute));
      const led = lead(link, page, pages, root);
      if (led === null) problems.push(`${page.file}: ${link}`);
      else child.attrSet(attribute, led);
    }
  }
  return { ...page, body: markdown.renderer.render(page.tokens, markdown.options, {}) };
}

/** A column's side stands in a style, which the policy of the site forbids. @param {import('markdown-it').Token} token */
function withoutStyle(token) {
  const side = /^text-align:(\w+)$/.exec(token.attrGet('style') ?? '')?.[1];
  if (side === undefined) return;
  token.attrs = (token.attrs ?? []).filter(([name]) => name !== 'style');
  token.attrSet('class', side);
}

/**
 * Where a link of a page leads on the site.
 * @param {string} link @param {Page} page @param {Map<string, Page>} pages @param {string} root
 * @returns {string | null} null: nowhere.
 */
export function lead(link, page, pages, root) {
  if (/^(?:https?|mailto):/.test(link)) return link;
  const [target = '', fragment] = link.split('#');
  const file =
    target === '' ? page.file : path.posix.normalize(path.posix.join(path.posix.dirname(page.file), decodeURI(target)));
  if (file.startsWith('..')) return null;
  const other = pages.get(file) ?? pages.get(path.posix.join(file, 'README.md'));
  const back = '../'.repeat(page.address.split('/').length - 1);
  if (other !== undefined) {
    if (fragment !== undefined && ![...other.anchors.values()].includes(decodeURIComponent(fragment))) return null;
    return `${target === '' ? '' : `${back}${other.address}`}${fragment === undefined ? '' : `#${fragment}`}`;
  }
  if (!existsSync(path.join(root, file))) return null;
  return file.startsWith('docs/images/') ? `${back}${file.slice('docs/'.length)}` : `${home}/${file}`;
}

/**
 * What the side of every page lists: the pages in the order in which the README names them.
 * @param {Map<string, Page>} pages
 * @returns {{ address: string, title: string }[]}
 */
export function navigation(pages) {
  const start = pages.get('README.md');
  const named = (start?.tokens ?? [])
    .flatMap(({ children }) => children ?? [])
    .filter(({ type }) => type === 'link_open')
    .map((token) => String(token.attrGet('href')).split('#')[0] ?? '');
  return [...new Set(['README.md', ...named, 'CHANGELOG.md'])].flatMap((file) => {
    const page = pages.get(file);
    return page === undefined ? [] : [{ address: page.address, title: page.title }];
  });
}

/** @param {string} root @param {string} folder @returns {string[]} */
function markdownIn(root, folder) {
  return readdirSync(path.join(root, folder), { withFileTypes: true })
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((entry) => {
      const file = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return markdownIn(root, file);
      return entry.name.endsWith('.md') ? [file] : [];
    });
}
