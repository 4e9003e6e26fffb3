import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseScenario, writeFile } from '../protocol/scenario.ts';

const here = path.dirname(fileURLToPath(import.meta.url));
const server = path.resolve(here, '..', '..', 'dist', 'weighbridge.mjs');

describe("Neovim's language client", () => {
  const workspace = mkdtempSync(path.join(tmpdir(), 'weighbridge-neovim-'));
  after(() => rmSync(workspace, { recursive: true, force: true }));

  it('shows findings of open and closed files, and applies what is offered', { timeout: 300_000 }, async () => {
    for (const block of parseScenario(readFileSync(path.join(here, 'workspace.md'), 'utf8')).given) {
      writeFile(block, workspace);
    }
    const said = await neovim(path.join(here, 'session.lua'));
    assert.equal(said.get('closed'), 'pickle/dangerous-import pickle/prefer-safetensors');
    assert.equal(said.get('open'), 'load/trust-remote-code load/unsafe-checkpoint');
    assert.match(String(said.get('href')), /docs\/rules\/load\/trust-remote-code\.md$/);
    assert.equal(said.get('line'), 2);
    const hover = (said.get('hover') as string[]).join('\n');
    assert.match(hover, /base\.pt · torch-zip · .* · 1 tensor/);
    assert.doesNotMatch(hover, /command:/);
    assert.equal(said.get('fixed'), '  trust_remote_code: false');
    assert.equal(said.get('used'), '  resume_from: models/base.safetensors');
    assert.equal(said.get('written'), 1);
    assert.equal(said.get('policy'), 'rego_type_error');
    assert.match((said.get('field') as string[]).join('\n'), /input\.model\.format.*[^]*The format of all weights/);
    assert.deepEqual(said.get('rewritten'), ['deny contains msg if {', '\tinput.model.format != "onnx"']);
    assert.ok((said.get('binary') as string[]).includes('Convert to safetensors'), String(said.get('binary')));
  });

  /** Runs Neovim without a screen and without anybody's configuration; a failed check in the script is an exit code. */
  function neovim(script: string): Promise<Map<string, unknown>> {
    return new Promise((resolve, reject) => {
      const args = ['--headless', '-u', 'NONE', '-i', 'NONE', '-n', '-c', `luafile ${script}`];
      const env = { ...process.env, WORKSPACE: workspace, SERVER: server, NODE: process.execPath };
      execFile('nvim', args, { env, timeout: 240_000 }, (error, stdout, stderr) => {
        if (error) {
          reject(new Error(`Neovim ended with ${error.code}\n${stdout}\n${stderr}`));
          return;
        }
        const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
        resolve(
          new Map(
            lines
              .map((line) => JSON.parse(line) as { name: string; value: unknown })
              .map(({ name, value }) => [name, value]),
          ),
        );
      });
    });
  }
});
