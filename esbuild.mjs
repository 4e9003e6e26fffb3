// Bundles every program of Weighbridge into dist/:
//   client.cjs                   the VS Code extension (CommonJS, the one module that imports `vscode`)
//   inspector.js, inspector.css  the Model Inspector's webview
//   server.mjs                   the language server
//   cli.mjs                      the `weighbridge` command
//   worker.mjs                   the inspection worker
// The three Node programs share chunks, so that a command loads only what it uses.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = path.dirname(fileURLToPath(import.meta.url));
const at = (...parts) => path.join(root, ...parts);
const production = !process.argv.includes('--dev');
const manifest = JSON.parse(readFileSync(at('package.json'), 'utf8'));

/** A digest over everything that can change a scan's result: the cache is keyed by it. */
function sourceDigest() {
  const hash = createHash('sha256');
  const visit = (folder) => {
    for (const name of readdirSync(folder).sort()) {
      const full = path.join(folder, name);
      if (statSync(full).isDirectory()) visit(full);
      else if (!name.endsWith('.test.ts'))
        hash.update(path.relative(root, full).replaceAll('\\', '/')).update(readFileSync(full));
    }
  };
  visit(at('server'));
  hash.update(readFileSync(at('package-lock.json')));
  return hash.digest('hex').slice(0, 16);
}

rmSync(at('dist'), { recursive: true, force: true });
mkdirSync(at('dist'), { recursive: true });

const common = {
  absWorkingDir: root,
  bundle: true,
  target: 'node20',
  platform: 'node',
  mainFields: ['module', 'main'],
  sourcemap: production ? false : 'linked',
  legalComments: 'none',
  logLevel: 'warning',
  define: {
    WEIGHBRIDGE_VERSION: JSON.stringify(manifest.version),
    WEIGHBRIDGE_BUILD: JSON.stringify(sourceDigest()),
  },
};

await Promise.all([
  build({
    ...common,
    entryPoints: { cli: 'server/cli/main.ts', server: 'server/lsp/main.ts', worker: 'server/engine/worker.ts' },
    outdir: 'dist',
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunk-[hash]',
    format: 'esm',
    splitting: true,
    minifySyntax: production,
    minifyWhitespace: production,
    keepNames: false,
    // CommonJS dependencies call require() for Node's own modules.
    banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
  }),
  build({
    ...common,
    entryPoints: { client: 'client/extension.ts' },
    outdir: 'dist',
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    external: ['vscode'],
    minify: production,
  }),
  build({
    ...common,
    entryPoints: { inspector: 'client/inspector/webview/main.ts' },
    outdir: 'dist',
    platform: 'browser',
    target: 'es2022',
    format: 'iife',
    minify: production,
  }),
]);

const require = createRequire(import.meta.url);
const wasm = [
  [require.resolve('web-tree-sitter/web-tree-sitter.wasm'), 'web-tree-sitter.wasm'],
  [
    path.join(path.dirname(require.resolve('tree-sitter-python/package.json')), 'tree-sitter-python.wasm'),
    'tree-sitter-python.wasm',
  ],
];
for (const [from, name] of wasm) if (existsSync(from)) copyFileSync(from, at('dist', name));

// npm links this file as the `weighbridge` command.
writeFileSync(at('dist', 'weighbridge.mjs'), "#!/usr/bin/env node\nawait import('./cli.mjs');\n");
chmodSync(at('dist', 'weighbridge.mjs'), 0o755);
