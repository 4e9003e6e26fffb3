// Bundles the Node programs. They share chunks, so that a command loads only what it uses; the chunks are CommonJS,
// because V8's compiled code can be kept beside those (server/start/startProgram.ts), and not beside ES modules.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { build, transform } from 'esbuild';

/**
 * Writes `programs/` with the chunks, `startProgram.cjs`, and two doors to each program: `NAME.cjs`, which starts faster, and
 * `NAME.mjs`. A program must not await at its top level.
 * @param {import('esbuild').BuildOptions} options common to all bundles; `outdir` is where the doors stand.
 * @param {Record<string, string>} entryPoints the programs' sources, by name.
 * @returns {Promise<import('esbuild').Metafile>} what they were made from.
 */
export async function buildPrograms(options, entryPoints) {
  const { outdir, define, minifySyntax, minifyWhitespace, sourcemap, target } = options;
  mkdirSync(path.join(outdir, 'programs'), { recursive: true });
  const { outputFiles, metafile } = await build({
    ...options,
    // As if all stood in `outdir`: files beside the programs are found from there.
    define: { ...define, 'import.meta.url': 'bundleUrl' },
    entryPoints,
    // Its ES module names a variable of its own `require`.
    alias: { 'web-tree-sitter': createRequire(import.meta.url).resolve('web-tree-sitter') },
    // The CycloneDX library does without them where XML is neither written nor validated.
    external: ['xmlbuilder2', 'libxmljs2'],
    chunkNames: 'chunk-[hash]',
    // Only ES modules can be split.
    format: 'esm',
    splitting: true,
    sourcemap: sourcemap && 'inline',
    charset: 'ascii',
    write: false,
    metafile: true,
  });
  for (const { path: file, text } of outputFiles) {
    const { code } = await transform(text, {
      format: 'cjs',
      platform: 'node',
      target,
      supported: { 'dynamic-import': false },
      minifySyntax,
      minifyWhitespace,
      sourcemap: sourcemap && 'inline',
      sourcefile: path.basename(file),
      charset: 'ascii',
      logLevel: 'warning',
    });
    writeFileSync(path.join(outdir, 'programs', path.basename(file)), code);
  }
  await build({
    ...options,
    entryPoints: { startProgram: 'server/start/startProgram.ts' },
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
  });
  for (const name of Object.keys(entryPoints)) {
    const start = `require('./startProgram.cjs').startProgram('${name}.js');\n`;
    writeFileSync(path.join(outdir, `${name}.cjs`), start);
    const require = "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\n";
    writeFileSync(path.join(outdir, `${name}.mjs`), `${require}${start}`);
  }
  return metafile;
}

/**
 * Lets the command scan a folder, and keeps what V8 has compiled by then beside the programs. It helps the Node that
 * builds, and does not harm another one.
 */
export function keepCompiledCode(outdir, folder) {
  const program = `
    const { codeFile, compiledCode, startProgram } = require(${JSON.stringify(path.join(outdir, 'startProgram.cjs'))});
    process.on('exit', () => require('node:fs').writeFileSync(codeFile, compiledCode()));
    process.argv.splice(1, Infinity, 'weighbridge', 'scan', ${JSON.stringify(folder)}, '--no-cache', '--fail-on', 'never');
    startProgram('cli.js');`;
  const { status } = spawnSync(process.execPath, ['--eval', program], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) console.error(`The command that was built cannot scan ${folder}: it exits with code ${status}.`);
}
