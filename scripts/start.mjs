// `npm start`: from a bare clone to a real VS Code with Weighbridge in the browser.
//
//   --no-editor       ends after the scan
//   --port N          serves on this port; default: a free one
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { repository, run, stopChildrenOnSignals } from './processes.mjs';
import { buildBundles, installPackages, requireNode20 } from './setUp.mjs';

requireNode20();
const { editor, port } = options();
const forgetSignals = stopChildrenOnSignals();

if (!(await installPackages()) || !(await buildBundles())) process.exit(1);

console.log('\n$ weighbridge scan examples\n');
const scan = await run(process.execPath, ['dist/weighbridge.mjs', 'scan', 'examples']);
// The examples hold dangerous files on purpose: 1 is what a scan of them ends with.
if (scan.code !== 1) {
  console.error(`The scan of examples/ ended with exit code ${scan.code}; it should find errors and end with 1.`);
  process.exit(1);
}
if (!editor) process.exit(0);
forgetSignals();

await serveEditor();

/** Serves VS Code on a copy of the examples until Ctrl-C. */
async function serveEditor() {
  const scratch = mkdtempSync(path.join(tmpdir(), 'weighbridge-start-'));
  /** @type {import('../test/editor/codeServer.mjs').RunningCodeServer | undefined} */
  let server;
  let stopping = false;
  const stop = async (code) => {
    if (stopping) return;
    stopping = true;
    await server?.stop();
    rmSync(scratch, { recursive: true, force: true });
    process.exit(code);
  };
  process.on('SIGINT', () => void stop(0));
  process.on('SIGTERM', () => void stop(0));
  process.on('SIGHUP', () => void stop(0));

  // code-server is talkative: what it says is only shown when it fails.
  /** @type {string[]} */
  const lines = [];
  const report = (line) => {
    if (line.startsWith('installing')) console.log(`${line} ...`);
    else lines.push(line);
    if (lines.length > 20) lines.shift();
  };

  try {
    const vsix = path.join(scratch, 'weighbridge.vsix');
    const packaged = await run(process.execPath, ['scripts/package.mjs', '--no-build', '--out', vsix], { quiet: true });
    if (packaged.code !== 0) throw new Error(`The extension could not be packaged.\n${packaged.output.trim()}`);

    const { installExtensions, startCodeServer } = await import('../test/editor/codeServer.mjs');
    const extensions = path.join(scratch, 'extensions');
    await installExtensions([vsix], extensions, report);
    const workspace = path.join(scratch, 'churn');
    cpSync(path.join(repository, 'examples'), workspace, { recursive: true });
    server = await startCodeServer({ extensions, port, log: report });
    console.log(`
VS Code with Weighbridge on a copy of examples/ (quick fixes change the copy, not your clone):

    ${server.addressOf(workspace)}

Ctrl-C stops it.`);
  } catch (error) {
    console.error(`VS Code could not be started: ${error instanceof Error ? error.message : String(error)}`);
    for (const line of lines) console.error(`    ${line}`);
    await stop(1);
  }
}

function options() {
  try {
    // `npm start -- --no-editor`
    const { values } = parseArgs({ options: { 'no-editor': { type: 'boolean' }, port: { type: 'string' } } });
    const port = values.port === undefined ? undefined : Number(values.port);
    if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65536)) {
      throw new Error(`--port ${values.port} is no port`);
    }
    return { editor: !values['no-editor'], port };
  } catch (error) {
    console.error(`npm start: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(2);
  }
}
