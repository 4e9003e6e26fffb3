import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { issueChain, newKeys, type TestCertificate } from '../../server/signing/certificates.fixture.ts';
import type { BundleSigner, SigningDialect, Trust } from '../../server/signing/contract.ts';
import { certificateSigner, keySigner, signingKey } from '../../server/signing/signers.ts';
import { writeFiles } from '../../server/signing/signedModel.fixture.ts';
import { signModel } from '../../server/signing/signModel.ts';
import { verifyModel } from '../../server/signing/verifyModel.ts';
import { runPython } from './python.ts';

/** What the reference and we may see differently: order, dots, colons, Unicode, empty and nested files. */
const files = {
  'weights.safetensors': Buffer.alloc(5000, 7),
  'a/b': 'nested',
  'a-b': 'sorts before a/b by code points, and after it by folders',
  'a.b/c/d/e/f': 'deep',
  'with blank & (brackets).bin': 'b',
  '模型.bin': 'unicode',
  '\u{ff5e}': 'before the next one by code points, after it by UTF-16',
  '\u{1f600}': 'outside the first plane',
  'e\u0301': 'decomposed',
  '.hidden/.config': 'hidden',
  'nested/.gitignore': 'only those at the top are left out',
  '.gitignore': 'ignored',
  '.github/workflow.yml': 'ignored',
  'notes/todo.txt': 'ignored by option',
  empty: '',
};

const curves = ['P-256', 'P-384', 'P-521'];
const methods = [...curves.map((curve) => `key ${curve}`), ...curves.map((curve) => `certificate ${curve}`)];

interface Job {
  action: 'sign' | 'verify';
  method: string;
  model: string;
  signature: string;
  ignore: string[];
  hashing?: string;
  key?: string;
  certificate?: string;
  chain?: string[];
}

interface Answer {
  ok: boolean;
  error?: string;
}

describe('the reference client, model-signing of PyPI', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-signing-'));
  const model = path.join(folder, 'model');
  const single = path.join(folder, 'single.onnx');
  const chains = new Map<string, ReturnType<typeof issueChain>>();

  before(() => {
    writeFiles(model, files);
    writeFileSync(single, 'one file');
    mkdirSync(path.join(folder, 'signatures'));
    for (const curve of curves) {
      const chain = issueChain(newKeys(curve));
      chains.set(curve, chain);
      for (const [name, certificate] of Object.entries(chain)) {
        writeFileSync(pathOf(`${curve}-${name}.pem`), certificate.pem);
      }
      writeFileSync(pathOf(`${curve}-key.pem`), chain.leaf.keyPem);
      writeFileSync(pathOf(`${curve}-public.pem`), publicPem(chain.leaf));
    }
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const pathOf = (name: string): string => path.join(folder, name);
  const ignore = [path.join(model, 'notes')];

  function chainOf(method: string): ReturnType<typeof issueChain> & { curve: string; isKey: boolean } {
    const [kind, curve = ''] = method.split(' ');
    const chain = chains.get(curve);
    assert.ok(chain);
    return { ...chain, curve, isKey: kind === 'key' };
  }

  function signerOf(method: string): BundleSigner {
    const { leaf, intermediate, isKey } = chainOf(method);
    const key = signingKey(leaf.privateKey);
    return isKey ? keySigner(key) : certificateSigner(key, leaf.pem, [intermediate.pem]);
  }

  function trustOf(method: string): Trust {
    const { leaf, root, isKey } = chainOf(method);
    return isKey ? { method: 'key', publicKey: publicPem(leaf) } : { method: 'certificate', roots: [root.pem] };
  }

  function jobOf(action: 'sign' | 'verify', method: string, job: Partial<Job>): Job {
    const { curve, isKey } = chainOf(method);
    const signature = pathOf(`signatures/${action}-${method}-${job.hashing ?? ''}`);
    const whose = { model, signature, ignore, ...job, action, method: isKey ? 'key' : 'certificate' };
    if (action === 'verify') {
      return isKey
        ? { ...whose, key: pathOf(`${curve}-public.pem`) }
        : { ...whose, chain: [pathOf(`${curve}-root.pem`)] };
    }
    const signing = { ...whose, key: pathOf(`${curve}-key.pem`) };
    if (isKey) return signing;
    return { ...signing, certificate: pathOf(`${curve}-leaf.pem`), chain: [pathOf(`${curve}-intermediate.pem`)] };
  }

  async function ask(jobs: Job[]): Promise<Answer[]> {
    const input = jobs.map((job) => `${JSON.stringify(job)}\n`).join('');
    const output = await runPython('model_signing_peer.py', [], input, 'venv-signing');
    return [...output.matchAll(/^ANSWER (.*)$/gm)].map((match) => JSON.parse(match[1] ?? '') as Answer);
  }

  it('verifies what Weighbridge signs: keys and certificates of each curve, nested and Unicode names, ignored paths', async () => {
    const jobs: Job[] = [];
    for (const method of methods) {
      for (const dialect of ['portable', 'python', 'spec'] satisfies SigningDialect[]) {
        const signature = pathOf(`signatures/ours-${method}-${dialect}`);
        await signModel({ model, signer: signerOf(method), dialect, signature, ignorePaths: ignore });
        jobs.push(jobOf('verify', method, { signature }));
      }
    }
    for (const dialect of ['portable', 'python'] satisfies SigningDialect[]) {
      const signature = pathOf(`signatures/single-${dialect}`);
      await signModel({ model: single, signer: signerOf('key P-256'), dialect, signature });
      jobs.push(jobOf('verify', 'key P-256', { model: single, signature, ignore: [] }));
    }
    const answers = await ask(jobs);
    assert.deepEqual(
      answers.map((answer, index) => ({ ...answer, signature: jobs[index]?.signature })),
      jobs.map(({ signature }) => ({ ok: true, signature })),
    );
  });

  it('signs what Weighbridge verifies: keys and certificates of each curve, other hashes, shards, one file', async () => {
    const jobs = methods.map((method) => ({ method, job: jobOf('sign', method, {}) }));
    for (const hashing of ['blake2', 'blake3', 'shards']) {
      jobs.push({ method: 'key P-256', job: jobOf('sign', 'key P-256', { hashing }) });
    }
    const one = jobOf('sign', 'key P-384', { model: single, signature: pathOf('signatures/one'), ignore: [] });
    jobs.push({ method: 'key P-384', job: one });
    const answers = await ask(jobs.map(({ job }) => job));
    for (const [index, { method, job }] of jobs.entries()) {
      assert.deepEqual(answers[index], { ok: true }, job.signature);
      const result = await verifyModel({ model: job.model, signature: job.signature, trust: trustOf(method) });
      assert.equal(result.verified, true, `${job.signature}: ${result.reason}`);
    }
  });

  it('refuses what Weighbridge refuses: a file that was changed, added or removed', async () => {
    const copy = pathOf('copy');
    const outcomes: Record<string, boolean[]> = {};
    for (const [change, act] of Object.entries({
      changed: () => writeFiles(copy, { 'a/b': 'other' }),
      added: () => writeFiles(copy, { 'new.py': 'x' }),
      removed: () => rmSync(path.join(copy, 'empty')),
    })) {
      rmSync(copy, { recursive: true, force: true });
      writeFiles(copy, files);
      const signature = pathOf(`signatures/refused-${change}`);
      await signModel({ model: copy, signer: signerOf('key P-256'), signature });
      act();
      const [answer] = await ask([jobOf('verify', 'key P-256', { model: copy, signature, ignore: [] })]);
      const ours = await verifyModel({ model: copy, signature, trust: trustOf('key P-256') });
      outcomes[change] = [answer?.ok ?? true, ours.verified];
    }
    assert.deepEqual(outcomes, { changed: [false, false], added: [false, false], removed: [false, false] });
  });
});

function publicPem({ publicKey }: TestCertificate): string {
  return publicKey.export({ type: 'spki', format: 'pem' }).toString();
}
