// What stands around every page.

/** Scripts and styles come from the site alone, and none stands in a page. */
const policy =
  "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; base-uri 'none'; form-action 'none'";

/**
 * @param {import('./pages.mjs').RenderedPage} page
 * @param {{ address: string, title: string }[]} menu
 */
export function layout(page, menu) {
  const root = '../'.repeat(page.address.split('/').length - 1);
  const title = page.address === 'index.html' ? page.title : `${page.title} - Weighbridge`;
  const rows = menu.map(({ address, title: name }) => {
    const current = address === page.address ? ' aria-current="page"' : '';
    return `<li><a href="${root}${address}"${current}>${escaped(name)}</a></li>`;
  });
  return `<!doctype html>
<html lang="en" data-root="${root}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<link rel="icon" href="${root}icon.png">
<link rel="stylesheet" href="${root}site.css">
<script src="${root}search.js" defer></script>
</head>
<body>
<a class="skip" href="#content">Skip to the text</a>
<header>
<a class="name" href="${root}index.html"><img src="${root}icon.png" alt="" width="28" height="28">Weighbridge</a>
<div class="search">
<input id="search" type="search" placeholder="Search ( / )" aria-label="Search the documentation" aria-controls="found" autocomplete="off">
<ul id="found" hidden></ul>
<p id="told" role="status"></p>
</div>
</header>
<nav aria-label="Pages"><ul>
${rows.join('\n')}
</ul></nav>
<main id="content">
${page.body}</main>
</body>
</html>
`;
}

/** @param {string} text */
const escaped = (text) =>
  text.replace(/[&<>"]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[character] ?? '');
