// `npm run generate`: writes everything that is made from the sources and kept in the repository. With --check it
// writes nothing, and fails when the tree is not what would be written.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { register } from 'tsx/esm/api';
import { inWords, localisedTexts } from './localisation.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const unregister = register();
const { rules } = await import('../server/rules/index.ts');
const { ruleIndex, rulePage } = await import('../server/report/rulePage.ts');
const { settingsPage } = await import('../server/report/settingsPage.ts');
const { configurationSchema } = await import('../server/engine/configurationSchema.ts');
const { provenanceSchema } = await import('../server/datasets/record/schema.ts');
const { evidenceSchema } = await import('../server/policy/evidence/schema.ts');
const { requestLogSchema } = await import('../server/runtime/requestLog/schema.ts');
const { contributedTools, contributedWords } = await import('../server/cli/mcp/contribution.ts');
await unregister();

const manifest = JSON.parse(readFileSync(at('package.json'), 'utf8'));
manifest.contributes.languageModelTools = contributedTools();
const words = { ...written('package.nls.json', 'tools.'), ...contributedWords() };

/** What the tree must hold, by path from the root. @type {Map<string, string>} */
const wanted = new Map([
  ['docs/rules/README.md', ruleIndex(rules)],
  ...rules.map((rule) => [`docs/rules/${rule.meta.id}.md`, rulePage(rule)]),
  ['docs/settings.md', settingsPage(inWords(manifest.contributes.configuration.properties, words))],
  ['package.json', json(manifest)],
  ['package.nls.json', json(words)],
  ['l10n/bundle.l10n.json', json(localisedTexts(root))],
  ['evidence.schema.json', json(evidenceSchema())],
  ['provenance.schema.json', json(provenanceSchema())],
  ['request-log.schema.json', json(requestLogSchema())],
  ['weighbridge.schema.json', json(configurationSchema())],
]);

const stale = [...wanted].filter(([file, text]) => !existsSync(at(file)) || readFileSync(at(file), 'utf8') !== text);
const left = pagesIn('docs/rules').filter((file) => !wanted.has(file));

if (process.argv.includes('--check')) {
  for (const [file] of stale) console.error(`${file} is not what its source says`);
  for (const file of left) console.error(`${file} belongs to no rule`);
  if (stale.length + left.length > 0) {
    console.error('Run `npm run generate` and commit the result.');
    process.exitCode = 1;
  }
} else {
  for (const [file, text] of stale) {
    mkdirSync(path.dirname(at(file)), { recursive: true });
    writeFileSync(at(file), text);
  }
  for (const file of left) rmSync(at(file));
  console.log(`${wanted.size} generated files: ${stale.length} written, ${left.length} removed.`);
}

function json(value) {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** What a person wrote into a file beside what is generated, which begins with a prefix. */
function written(file, prefix) {
  const all = Object.entries(JSON.parse(readFileSync(at(file), 'utf8')));
  return Object.fromEntries(all.filter(([key]) => !key.startsWith(prefix)));
}

function at(file) {
  return path.join(root, ...file.split('/'));
}

/** Files below a folder, by path from the root with `/`. */
function pagesIn(folder) {
  if (!existsSync(at(folder))) return [];
  return readdirSync(at(folder), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? pagesIn(`${folder}/${entry.name}`) : [`${folder}/${entry.name}`],
  );
}
