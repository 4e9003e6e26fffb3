// `npm run generate`: writes everything that is made from the sources and kept in the repository. With --check it
// writes nothing, and fails when the tree is not what would be written.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { register } from 'tsx/esm/api';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const unregister = register();
const { rules } = await import('../server/rules/index.ts');
const { ruleIndex, rulePage } = await import('../server/report/rulePage.ts');
const { settingsPage } = await import('../server/report/settingsPage.ts');
const { configurationSchema } = await import('../server/engine/configurationSchema.ts');
const { provenanceSchema } = await import('../server/datasets/record/schema.ts');
const { evidenceSchema } = await import('../server/policy/evidence/schema.ts');
const { requestLogSchema } = await import('../server/runtime/requestLog/schema.ts');
await unregister();

const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));

/** What the tree must hold, by path from the root. @type {Map<string, string>} */
const wanted = new Map([
  ['docs/rules/README.md', ruleIndex(rules)],
  ...rules.map((rule) => [`docs/rules/${rule.meta.id}.md`, rulePage(rule)]),
  ['docs/settings.md', settingsPage(manifest.contributes?.configuration?.properties ?? {})],
  ['evidence.schema.json', `${JSON.stringify(evidenceSchema(), null, 2)}\n`],
  ['provenance.schema.json', `${JSON.stringify(provenanceSchema(), null, 2)}\n`],
  ['request-log.schema.json', `${JSON.stringify(requestLogSchema(), null, 2)}\n`],
  ['weighbridge.schema.json', `${JSON.stringify(configurationSchema(), null, 2)}\n`],
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
