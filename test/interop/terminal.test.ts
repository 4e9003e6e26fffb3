// What a person is asked on a terminal, with one that is driven by a program.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { program } from '../cli/weighbridge.ts';
import { startSigstore, type LocalSigstore } from './localSigstore.ts';
import { runPython } from './python.ts';

interface Terminal {
  shown: string;
  code: number;
}

describe('on a terminal', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-terminal-'));
  const at = (name: string): string => path.join(folder, name);
  let sigstore: LocalSigstore;

  const sign = async (question: string, answer: string, ...options: string[]): Promise<Terminal> => {
    const command = [process.execPath, program, 'sign', at('model'), ...options];
    return JSON.parse(await runPython('on_a_terminal.py', [question, answer, ...command])) as Terminal;
  };
  const isSigned = (): boolean => existsSync(at('model/model.sig'));

  before(async () => {
    sigstore = await startSigstore();
    mkdirSync(at('model'));
    writeFileSync(at('model/weights.bin'), 'w');
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const locked = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open sesame' } as const;
    writeFileSync(at('locked.pem'), privateKey.export(locked));
    writeFileSync(at('config.json'), JSON.stringify(sigstore.trustConfig));
  });
  beforeEach(() => rmSync(at('model/model.sig'), { force: true }));
  after(async () => {
    await sigstore.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('the passphrase of a key is asked for, and not shown to whoever looks on', async () => {
    const { shown, code } = await sign('Passphrase of', 'open sesame', '--key', at('locked.pem'));
    assert.equal(code, 0, shown);
    assert.ok(isSigned());
    assert.ok(!shown.includes('sesame'), shown);
  });

  it('a wrong passphrase is told and not repeated', async () => {
    const { shown, code } = await sign('Passphrase of', 'mellon', '--key', at('locked.pem'));
    assert.equal(code, 2);
    assert.match(shown, /cannot be opened with this passphrase/);
    assert.ok(!shown.includes('mellon'), shown);
    assert.ok(!isSigned());
  });

  it('Ctrl-C at the question signs nothing', async () => {
    const { shown, code } = await sign('Passphrase of', '^C', '--key', at('locked.pem'));
    assert.notEqual(code, 0);
    assert.match(shown, /nothing was entered/);
    assert.ok(!isSigned());
  });

  it('progress is shown in bytes, and Ctrl-C ends the hashing of 20 GB at once, without a signature', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeFileSync(at('key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    writeFileSync(at('model/sparse.bin'), '');
    truncateSync(at('model/sparse.bin'), 20e9);
    try {
      const { shown, code } = await sign('/20000 MB', '^C', '--key', at('key.pem'));
      assert.equal(code, 130, shown.slice(-500));
      assert.match(shown, /\d+\/20000 MB {2}sparse\.bin/);
      assert.ok(!isSigned());
    } finally {
      rmSync(at('model/sparse.bin'));
    }
  });

  it('a keyless signature is made only once the person agrees to what the log keeps', async () => {
    const keyless = ['--identity-token', sigstore.provider.token(), '--trust-config', at('config.json')];
    const asked = sigstore.received.length;
    const declined = await sign('Sign? [y/N]', 'n', ...keyless);
    assert.notEqual(declined.code, 0);
    assert.match(declined.shown, /kept for ever.*Nothing was signed/s);
    assert.equal(sigstore.received.length, asked, 'no service was asked');
    assert.ok(!isSigned());
    const agreed = await sign('Sign? [y/N]', 'y', ...keyless);
    assert.equal(agreed.code, 0, agreed.shown);
    assert.ok(isSigned());
  });
});
