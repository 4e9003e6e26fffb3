import '../signing/explicitDigest.ts';
import { spawn } from 'node:child_process';
import { WeighbridgeError } from '../errors.ts';
import { printable } from '../report/printable.ts';
import type { BundleSigner } from '../signing/contract.ts';
import { ambientToken, howToGetToken } from '../signing/keyless/ambientToken.ts';
import { signInWithBrowser } from '../signing/keyless/browserSignIn.ts';
import { signInWithCode } from '../signing/keyless/deviceSignIn.ts';
import { IdentityToken } from '../signing/keyless/identityToken.ts';
import { instanceOf, publicInstance, stagingInstance, type SigstoreInstance } from '../signing/keyless/instance.ts';
import { publicLogNotice } from '../signing/keyless/publicLogNotice.ts';
import { keylessSigner } from '../signing/keyless/sign.ts';
import { inputJson } from './inputFile.ts';
import { write, type Io } from './io.ts';
import { file, flag, text, type OptionValues } from './options.ts';
import { canAsk, confirm } from './secretPrompt.ts';

/**
 * Signs in, and tells what the public log will keep; a person is asked, a script has asked by running the command.
 * @throws {WeighbridgeError} what signing in throws; `cancelled` when the person does not want to.
 */
export async function keylessSignerOf(values: OptionValues, io: Io): Promise<BundleSigner> {
  const instance = chosenInstance(values, io);
  const token = await tokenFor(instance, values, io);
  await write(io.stderr, `${printable(publicLogNotice(instance, token)).replaceAll('\\n', '\n')}\n`);
  if (canAsk(io) && !flag(values, 'yes') && !(await confirm(io, 'Sign? [y/N] '))) {
    throw new WeighbridgeError('cancelled', 'Nothing was signed.');
  }
  return keylessSigner({ instance, token, signal: io.signal, renew: () => tokenFor(instance, values, io) });
}

function chosenInstance(values: OptionValues, io: Io): SigstoreInstance {
  const path = file(values, 'trust-config', io.cwd);
  const clientId = text(values, 'client-id');
  if (path !== undefined) return instanceOf(inputJson(path), clientId === undefined ? {} : { clientId });
  const instance = flag(values, 'staging') ? stagingInstance : publicInstance;
  return clientId === undefined ? instance : { ...instance, clientId };
}

async function tokenFor(instance: SigstoreInstance, values: OptionValues, io: Io): Promise<IdentityToken> {
  const { clientId, openIdIssuer } = instance;
  const given = text(values, 'identity-token');
  if (given !== undefined) return IdentityToken.parse(given, '--identity-token', { audience: clientId });
  const ambient = await ambientToken({ environment: io.environment, audience: clientId, signal: io.signal });
  if (ambient) return ambient;
  const withCode = flag(values, 'device-code');
  if (openIdIssuer === null || (!canAsk(io) && !withCode)) {
    throw new WeighbridgeError(
      'bad-usage',
      `there is no identity token to sign with: ${howToGetToken(io.environment)}`,
    );
  }
  const signIn = { issuer: openIdIssuer, clientId, signal: io.signal };
  if (withCode) {
    return signInWithCode({
      ...signIn,
      showCode: ({ userCode, page }) => write(io.stderr, `Open ${printable(page)} and enter ${printable(userCode)}\n`),
    });
  }
  return signInWithBrowser({
    ...signIn,
    openBrowser: async (url) => {
      await write(io.stderr, `Sign in in your browser; if it does not open:\n${printable(url)}\n`);
      openBrowser(url);
    },
  });
}

/** The address has been shown: a browser that does not open is no error. */
function openBrowser(url: string): void {
  const [command, ...args] =
    process.platform === 'darwin'
      ? ['open', url]
      : process.platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler', url]
        : ['xdg-open', url];
  spawn(command, args, { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref();
}
