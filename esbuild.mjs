// Bundles every program of Weighbridge into dist/:
//   client.cjs                   the VS Code extension (CommonJS, the one module that imports `vscode`)
//   inspector.js, inspector.css  the Model Inspector's webview
//   signature.js, signature.css  the signature page's
//   aibom.js, aibom.css          the view of a bill of materials
//   dataset.js, dataset.css      the page of a scan for poisoning
//   weighbridge.cjs, .mjs        the `weighbridge` command
//   NAME.cjs, NAME.mjs           what starts the programs: cli, the language server, the inspection worker,
//                                policyCompiler (the process that compiles policies with policy-compiler.wasm: Go,
//                                policies/compiler), policyEvaluator (the thread that evaluates them), scanner (the
//                                process that runs a model) and fetcher (the thread that fetches remote sources)
//   fleet.cjs                    fleets and `serve`, with the clients of their databases: not part of the extension
//   packages.txt                 what packages of node_modules they were made from: for bills of materials
//   third-party-notices.txt      the licences of those packages and of what is linked into the compiler of policies
//   programs/                    the programs themselves, in chunks that they share (scripts/programs.mjs)
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
import { packageList } from './scripts/bundledPackages.mjs';
import { noticesOfPackages, noticesText } from './scripts/notices.mjs';
import { buildPolicyCompiler } from './scripts/policyCompiler.mjs';
import { buildPrograms, keepCompiledCode } from './scripts/programs.mjs';
import { ruleDigestsPlugin } from './scripts/ruleDigests.mjs';

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

const [programs, fleet, client, webviews] = await Promise.all([
  buildPrograms(
    { ...common, outdir: at('dist'), minifySyntax: production, minifyWhitespace: production },
    {
      cli: 'server/cli/main.ts',
      server: 'server/lsp/main.ts',
      worker: 'server/engine/worker.ts',
      hasher: 'server/signing/hashing/worker.ts',
      datasetScanner: 'server/engine/datasetProgram.ts',
      policyCompiler: 'server/policy/compiler/program.ts',
      policyEvaluator: 'server/policy/evaluation/program.ts',
      scanner: 'server/scans/process/program.ts',
      fetcher: 'server/sources/program.ts',
    },
  ),
  build({
    ...common,
    entryPoints: { fleet: 'server/cli/fleet/programs.ts' },
    outdir: at('dist'),
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    metafile: true,
    // Native code, and what BullMQ and pg would use if it were there.
    external: ['@photostructure/sqlite', 'pg-native', 'redis', 'bullmq-otel', 'xmlbuilder2', 'libxmljs2'],
    define: { ...common.define, 'import.meta.url': 'bundleUrl' },
    banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
    alias: { 'web-tree-sitter': createRequire(import.meta.url).resolve('web-tree-sitter') },
    plugins: [ruleDigestsPlugin(root, common)],
    // Where the sources run unbundled, and this is a bundle.
    logOverride: { 'empty-import-meta': 'silent' },
    minifySyntax: production,
    minifyWhitespace: production,
  }),
  build({
    ...common,
    entryPoints: { client: 'client/extension.ts' },
    outdir: 'dist',
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    external: ['vscode'],
    metafile: true,
    minify: production,
  }),
  build({
    ...common,
    entryPoints: {
      inspector: 'client/inspector/webview/main.ts',
      signature: 'client/signing/webview/main.ts',
      dataset: 'client/datasets/webview/main.ts',
      aibom: 'client/aibom/webview/main.ts',
      scan: 'client/scans/webview/main.ts',
    },
    outdir: 'dist',
    platform: 'browser',
    target: 'es2022',
    format: 'iife',
    metafile: true,
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
const copied = wasm.map(([file]) => path.relative(root, file));
const packages = packageList(
  { extension: [programs, client.metafile, webviews.metafile], fleet: [fleet.metafile] },
  copied,
);
writeFileSync(at('dist', 'packages.txt'), packages);

// CycloneDX' own schemas, by which bills of materials are validated.
const cyclonedx = path.join(
  path.dirname(require.resolve('@cyclonedx/cyclonedx-library/package.json')),
  'res',
  'schema',
);
mkdirSync(at('dist', 'schemas'));
for (const name of ['bom-1.4', 'bom-1.5', 'bom-1.6', 'bom-1.7', 'spdx', 'jsf-0.82', 'cryptography-defs']) {
  const file = `${name}.SNAPSHOT.schema.json`;
  copyFileSync(path.join(cyclonedx, file), at('dist', 'schemas', file));
}

// The shipped policies; their tests stay behind.
for (const folder of ['gates', 'authorize']) {
  mkdirSync(at('dist', 'policies', folder), { recursive: true });
  for (const name of readdirSync(at('policies', folder))) {
    if (!name.endsWith('_test.rego')) copyFileSync(at('policies', folder, name), at('dist', 'policies', folder, name));
  }
}

const compiler = buildPolicyCompiler(root);
// With a target, ONNX Runtime goes along.
const runtime = ['onnxruntime-node', 'onnxruntime-common'].map((name) => `node_modules/${name}`);
const folders = packages
  .trimEnd()
  .split('\n')
  .map((line) => line.slice(line.indexOf(' ') + 1));
writeFileSync(
  at('dist', 'third-party-notices.txt'),
  noticesText([
    ...noticesOfPackages(root, [...folders, ...runtime, 'node_modules/@cyclonedx/cyclonedx-library']),
    ...('file' in compiler ? compiler.notices : []),
  ]),
);
if ('file' in compiler) copyFileSync(compiler.file, at('dist', 'policy-compiler.wasm'));
else {
  // Everything else is built and works; a build for others must not pass for a whole one.
  console.error(compiler.problem);
  if (!process.argv.includes('--without-policies')) process.exitCode = 1;
}

// npm links the first as the `weighbridge` command.
writeFileSync(at('dist', 'weighbridge.cjs'), "#!/usr/bin/env node\nrequire('./cli.cjs');\n");
writeFileSync(at('dist', 'weighbridge.mjs'), "#!/usr/bin/env node\nimport './cli.mjs';\n");
for (const name of ['weighbridge.cjs', 'weighbridge.mjs']) chmodSync(at('dist', name), 0o755);
keepCompiledCode(at('dist'), at('examples'));
