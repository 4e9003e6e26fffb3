import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Diagnostic } from 'vscode-languageserver/node';
import type { Status } from '../../server/lsp/protocol.ts';
import { LanguageClient } from './languageClient.ts';

/** A safetensors file of one tensor without values. */
const weights = (() => {
  const header = Buffer.from('{"w":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header]);
})();

export const policy = `package mlsecops.deployment

# METADATA
# title: Only safetensors
deny contains msg if {
	input.model.format != "safetensors"
	msg := "Only SafeTensors format is permitted in production"
}

deny contains "Unsigned" if input.model.signature_verified == false

helper := count(input.model.formats)
`;

/** A workspace with a model, a policy and roles for each test of a suite, and a server once it is started. */
export function policyWorkspace() {
  let folder = '';
  let client: LanguageClient | undefined;
  let version = 1;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'weighbridge-policies-')));
    write('weighbridge.yaml', 'version: 1\npolicy:\n  folder: policies\n  roles: roles.yaml\n  evidence: evidence\n');
    write('models/a/model.safetensors', weights);
    write('models/a/config.json', '{}\n');
    write('policies/deployment.rego', policy);
    write('roles.yaml', 'roles:\n  data-scientist: [ana]\n  ml-ops: [omar]\n');
  });
  afterEach(() => {
    client?.kill();
    client = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  function write(name: string, content: string | Uint8Array): void {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content);
  }

  const uri = (name: string) => pathToFileURL(path.join(folder, name)).href;
  const lastStatus = () =>
    client?.heard.filter(({ method }) => method === 'weighbridge/status').at(-1)?.params as Status | undefined;

  async function start(options: object = {}, capabilities: Record<string, unknown> = {}): Promise<LanguageClient> {
    const initializationOptions = { status: true, gates: true, ...options };
    const started = await LanguageClient.start({ capabilities, initializationOptions, folders: [folder] });
    client = started.client;
    await client.until('a finished scan', () => lastStatus()?.state === 'ready');
    return client;
  }

  async function open(name: string, text = readFileSync(path.join(folder, name), 'utf8')): Promise<void> {
    const textDocument = { uri: uri(name), languageId: 'rego', version: ++version, text };
    await client?.notify('textDocument/didOpen', { textDocument });
  }

  async function type(name: string, text: string): Promise<void> {
    const textDocument = { uri: uri(name), version: ++version };
    await client?.notify('textDocument/didChange', { textDocument, contentChanges: [{ text }] });
  }

  async function changed(...names: string[]): Promise<void> {
    const changes = names.map((name) => ({ uri: uri(name), type: 2 }));
    await client?.notify('workspace/didChangeWatchedFiles', { changes });
  }

  const shown = (name: string): Diagnostic[] => client?.diagnostics.get(uri(name)) ?? [];
  const text = (diagnostic: Diagnostic | undefined): string =>
    typeof diagnostic?.message === 'string' ? diagnostic.message : '';
  const saidFirst = (name: string) => text(shown(name)[0]);
  const ask = async <R>(method: string, params: object): Promise<R> => (await client?.request(method, params)) as R;
  const run = <R>(command: string, argument: object) =>
    ask<R>('workspace/executeCommand', { command, arguments: [argument] });
  const at = (name: string, line: number, character: number) => ({
    textDocument: { uri: uri(name) },
    position: { line, character },
  });

  return {
    inFolder: (...names: string[]) => path.join(folder, ...names),
    write,
    uri,
    start,
    open,
    type,
    changed,
    shown,
    text,
    saidFirst,
    ask,
    run,
    at,
  };
}
