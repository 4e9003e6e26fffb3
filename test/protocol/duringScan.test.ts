import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { assemblePickle } from '../../server/formats/pickle/assembler.fixture.ts';
import { LanguageClient } from './languageClient.ts';

const files = 3000;

describe('a long scan', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-long-scan-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('shows what it finds while it runs, not at its end', { timeout: 120_000 }, async () => {
    const pickle = assemblePickle("PROTO 2\nGLOBAL os system\nBINUNICODE 'echo hi'\nTUPLE1\nREDUCE\nSTOP\n");
    for (let index = 0; index < files; index++) writeFileSync(path.join(folder, `${index}.pkl`), pickle);
    const { client } = await LanguageClient.start({
      capabilities: {},
      initializationOptions: { settings: { scan: { onOpen: false } } },
      folders: [folder],
    });
    try {
      const command = 'weighbridge.server.scanWorkspace';
      const outcome = await client.request('workspace/executeCommand', { command, workDoneToken: 'scan' });
      assert.equal((outcome as { artifacts: number }).artifacts, files);
      const first = client.heard.findIndex(({ method }) => method === 'textDocument/publishDiagnostics');
      const saidLater = client.heard
        .slice(first)
        .map(({ params }) => (params as { value?: { kind: string; percentage?: number } }).value)
        .filter((value) => value?.kind === 'report' && (value.percentage ?? 100) < 90);
      assert.notEqual(first, -1);
      assert.ok(saidLater.length > 0, 'the scan went on after the first findings came');
      await client.stop();
    } catch (error) {
      client.kill();
      throw error;
    }
  });
});
