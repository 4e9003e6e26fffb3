import { resolve } from 'node:path';
import { WeighbridgeError } from '../errors.ts';
import { modelRoot, pathIn } from '../signing/modelFiles.ts';
import type { Command } from './io.ts';
import { choice, flag, readArguments, text, texts, type OptionTable, type OptionValues } from './options.ts';
import { sign } from './sign.ts';
import { verify } from './verify.ts';

const help = `Usage: weighbridge oms-adapter sign-model --method METHOD --model-path PATH --output-bundle FILE [OPTION...]
       weighbridge oms-adapter verify-model --method METHOD --model-path PATH --bundle FILE [OPTION...]

The protocol by which the conformance suite of OpenSSF Model Signing tests clients. Only the exit code counts.

Options:
  --method METHOD     key, certificate or sigstore
  --private-key PEM, --signing-cert PEM, --cert-chain PEM, --identity-token TOKEN, --use-staging    for sign-model
  --public-key PEM, --cert-chain PEM, --identity ID, --identity-provider URL                        for verify-model
  --ignore-paths PATH, --ignore-unsigned-files, --trust-config FILE, --trusted-root FILE

Example:
  weighbridge oms-adapter verify-model --method key --model-path models/a --bundle models/a/model.sig --public-key release.pub
`;

const table: OptionTable = {
  method: { type: 'string' },
  'model-path': { type: 'string' },
  'output-bundle': { type: 'string' },
  bundle: { type: 'string' },
  'private-key': { type: 'string' },
  'signing-cert': { type: 'string' },
  'public-key': { type: 'string' },
  'cert-chain': { type: 'string', multiple: true },
  'ignore-paths': { type: 'string', multiple: true },
  'ignore-unsigned-files': { type: 'boolean' },
  'identity-token': { type: 'string' },
  identity: { type: 'string' },
  'identity-provider': { type: 'string' },
  'trust-config': { type: 'string' },
  'trusted-root': { type: 'string' },
  'use-staging': { type: 'boolean' },
};

/** Speaks the suite's words, and has the ordinary commands do the work: what the suite proves, it proves of them. */
export const omsAdapter: Command = {
  help,
  async run(args, io) {
    const [action = '', ...rest] = args;
    const { values } = readArguments('oms-adapter', rest, table);
    const method = choice(values, 'method', ['key', 'certificate', 'sigstore'], 'sigstore');
    const model = text(values, 'model-path');
    if (model === undefined) throw new WeighbridgeError('bad-usage', '--model-path is missing');
    const instance = method === 'sigstore' ? one(values, 'trust-config') : [];
    const shared = [model, '--no-cache', ...ignoring(values, io.cwd, model), ...instance];
    if (action === 'sign-model') return sign.run([...shared, ...signing(values, method)], io);
    if (action === 'verify-model') return verify.run([...shared, ...verifying(values, method)], io);
    throw new WeighbridgeError('bad-usage', `the adapter knows sign-model and verify-model, not "${action}"`);
  },
};

function signing(values: OptionValues, method: 'key' | 'certificate' | 'sigstore'): string[] {
  const signature = one(values, 'output-bundle', '--signature');
  const staging = flag(values, 'use-staging') ? ['--staging'] : [];
  if (method === 'sigstore') return [...signature, '--sigstore', '--yes', ...one(values, 'identity-token'), ...staging];
  const key = one(values, 'private-key', '--key');
  if (method === 'key') return [...signature, ...key];
  return [
    ...signature,
    ...key,
    ...one(values, 'signing-cert', '--certificate'),
    ...many(values, 'cert-chain', '--chain'),
  ];
}

function verifying(values: OptionValues, method: 'key' | 'certificate' | 'sigstore'): string[] {
  const unsigned = flag(values, 'ignore-unsigned-files') ? ['--ignore-unsigned-files'] : [];
  const bundle = [...one(values, 'bundle', '--signature'), ...unsigned];
  if (method === 'key') return [...bundle, ...one(values, 'public-key', '--key')];
  if (method === 'certificate') return [...bundle, ...many(values, 'cert-chain', '--certificate-chain')];
  const staging = flag(values, 'use-staging') ? ['--staging'] : [];
  const who = [...one(values, 'identity'), ...one(values, 'identity-provider'), ...one(values, 'trusted-root')];
  return [...bundle, ...who, ...staging];
}

/** The suite names paths outside the model, too, such as the bundle; the reference leaves those out in silence. */
function ignoring(values: OptionValues, cwd: string, model: string): string[] {
  const { root } = modelRoot(resolve(cwd, model));
  const inside = texts(values, 'ignore-paths').filter((path) => pathIn(root, resolve(cwd, path)));
  return inside.map((path) => `--ignore=${path}`);
}

/** `=` keeps a value that begins with a dash a value. */
function one(values: OptionValues, name: string, as = `--${name}`): string[] {
  const value = text(values, name);
  return value === undefined ? [] : [`${as}=${value}`];
}

function many(values: OptionValues, name: string, as: string): string[] {
  return texts(values, name).map((value) => `${as}=${value}`);
}
