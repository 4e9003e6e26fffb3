// `npm run site [-- --out FOLDER]`: the documentation as a static site, which needs no server and asks nothing of the network.
//
// Every link is followed while it is written: one that leads nowhere ends the build, and names the page and the line's text.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { repository } from './processes.mjs';
import { layout } from './site/layout.mjs';
import { navigation, readPages, renderPage } from './site/pages.mjs';
import { sectionsOf } from './site/sections.mjs';

const { values } = parseArgs({ options: { out: { type: 'string' } } });
const out = path.resolve(values.out ?? path.join(repository, 'site'));

const pages = readPages(repository);
// Before links are led to where the site has them.
const menu = navigation(pages);
const problems = [];
const rendered = [...pages.values()].map((page) => renderPage(page, pages, repository, problems));
if (problems.length > 0) {
  for (const problem of problems) console.error(problem);
  console.error(`${problems.length} links lead nowhere: nothing was written.`);
  process.exit(1);
}

rmSync(out, { recursive: true, force: true });
for (const page of rendered) write(page.address, layout(page, menu));
cpSync(path.join(repository, 'docs', 'images'), path.join(out, 'images'), { recursive: true });
cpSync(path.join(repository, 'media', 'icon.png'), path.join(out, 'icon.png'));
cpSync(path.join(repository, 'scripts', 'site', 'site.css'), path.join(out, 'site.css'));
// Under the addresses that their $id gives them.
for (const name of readdirSync(repository).filter((each) => each.endsWith('.schema.json'))) {
  const text = readFileSync(path.join(repository, name), 'utf8');
  write(`schemas/${path.posix.basename(JSON.parse(text).$id)}`, text);
}
await build({
  entryPoints: [path.join(repository, 'scripts', 'site', 'search.mjs')],
  outfile: path.join(out, 'search.js'),
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2022',
  charset: 'ascii',
  logLevel: 'warning',
  define: { SECTIONS: JSON.stringify(rendered.flatMap(sectionsOf)) },
});
console.log(`${rendered.length} pages in ${path.relative(process.cwd(), out) || '.'}: open index.html.`);

/** @param {string} address @param {string} text */
function write(address, text) {
  const file = path.join(out, ...address.split('/'));
  if (!existsSync(path.dirname(file))) mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}
