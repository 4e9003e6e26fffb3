// Digests of each rule's code with all that it calls: a fleet scans again only what a changed rule reads. Bundling leaves out comments,
// types and what is not called, so that only what can change a result changes a digest.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

const target = /server[\\/]fleet[\\/]ruleDigests\.ts$/;

/**
 * Puts the digests where `server/fleet/ruleDigests.ts` stands in the sources.
 * @param {string} root
 * @param {import('esbuild').BuildOptions} options common to all bundles.
 * @returns {import('esbuild').Plugin}
 */
export function ruleDigestsPlugin(root, options) {
  return {
    name: 'rule-digests',
    setup(builder) {
      builder.onLoad({ filter: target }, async () => ({
        contents: await moduleOf(root, options),
        resolveDir: path.join(root, 'server/fleet'),
        loader: 'ts',
      }));
    },
  };
}

/** @param {string} root @param {import('esbuild').BuildOptions} options */
async function moduleOf(root, options) {
  const imported = (/** @type {string} */ file) =>
    [...readFileSync(path.join(root, 'server/rules', file), 'utf8').matchAll(/from '\.\/([^']+)'/g)].map(
      ([, name = '']) => name,
    );
  // The index joins lists, and each rule of a list stands in the folder of its area.
  const lists = imported('index.ts').filter((file) => file.endsWith('Rules.ts'));
  const files = [...new Set(lists.flatMap(imported))].filter((file) => file.includes('/'));
  const entries = [...files.map((file) => `server/rules/${file}`), 'server/formats/inspect.ts'];
  const { outputFiles } = await build({
    ...options,
    absWorkingDir: root,
    entryPoints: entries,
    outdir: path.join(root, 'dist', 'digests'),
    outbase: root,
    format: 'esm',
    minifySyntax: true,
    minifyWhitespace: true,
    sourcemap: false,
    // What the build itself is called changes no result.
    define: { WEIGHBRIDGE_VERSION: '""', WEIGHBRIDGE_BUILD: '""' },
    external: ['xmlbuilder2', 'libxmljs2', 'onnxruntime-node'],
    write: false,
    logLevel: 'error',
  });
  const digestOf = (/** @type {string} */ entry) => {
    const output = outputFiles.find(({ path: file }) =>
      file.endsWith(path.join('dist', 'digests', entry.replace(/\.ts$/, '.js'))),
    );
    if (!output) throw new Error(`no bundle of ${entry}`);
    return createHash('sha256').update(output.contents).digest('hex').slice(0, 32);
  };
  return `
import { rules } from '../rules/index.ts';
${files.map((file, at) => `import * as rules${at} from '../rules/${file}';`).join('\n')}
const digests: [object, string][] = [${files.map((file, at) => `[rules${at}, '${digestOf(`server/rules/${file}`)}']`).join(', ')}];
export const ruleDigests = Object.fromEntries(
  digests.flatMap(([module, digest]) => Object.values(module).flat().flatMap((rule: any) => (rule?.meta?.id ? [[rule.meta.id, digest]] : []))),
);
// A rule without a digest would never be seen to change.
for (const { meta } of rules) if (!(meta.id in ruleDigests)) throw new Error(\`no digest of the rule \${meta.id}\`);
export const readersDigest = '${digestOf('server/formats/inspect.ts')}';
`;
}
