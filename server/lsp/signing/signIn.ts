import { LSPErrorCodes, ResponseError } from 'vscode-languageserver/node';
import { WeighbridgeError } from '../../errors.ts';
import type { IdentityToken } from '../../signing/keyless/identityToken.ts';
import type { TrustPolicy } from '../../signing/trustPolicy.ts';
import type { BundleSigner } from '../../signing/contract.ts';
import type { LongWork } from '../commands/longWork.ts';
import { jsonOf } from '../commands/verifyModel.ts';
import type { ServerContext } from '../context.ts';
import * as protocol from '../protocol.ts';

/**
 * Signs a person in, and asks whether the public log may keep what it will.
 * @returns null when the person does not agree.
 * @throws {WeighbridgeError} what the sign-in says.
 */
export async function signInFor(
  { session }: ServerContext,
  { trustConfig }: TrustPolicy,
  where: 'browser' | 'code',
  run: LongWork,
): Promise<BundleSigner | null> {
  if (!session.reportsOutcomes) {
    throw new WeighbridgeError(
      'bad-usage',
      'This editor cannot show what the public log keeps: sign with "weighbridge sign --sigstore" in a terminal.',
    );
  }
  const { instanceOf, publicInstance } = await import('../../signing/keyless/instance.ts');
  const instance = trustConfig === null ? publicInstance : instanceOf(jsonOf(trustConfig));
  const { openIdIssuer: issuer, clientId } = instance;
  if (issuer === null) {
    throw new WeighbridgeError('bad-input', `${instance.name} names no OpenID provider to sign in with.`);
  }
  const { connection } = session;
  const { signal } = run;
  const signIn = async (): Promise<IdentityToken> => {
    run.report(where === 'browser' ? 'waiting for the sign-in in the browser' : 'waiting for the code to be typed in');
    return where === 'browser'
      ? await (
          await import('../../signing/keyless/browserSignIn.ts')
        ).signInWithBrowser({
          issuer,
          clientId,
          signal,
          openBrowser: async (url) => {
            const { success } = await connection.window.showDocument({ uri: url, external: true });
            if (!success) session.tell(`Open this page to sign in: ${url}`);
          },
        })
      : await (
          await import('../../signing/keyless/deviceSignIn.ts')
        ).signInWithCode({
          issuer,
          clientId,
          signal,
          // The person types while we ask the provider: nobody waits for the message to be closed.
          showCode: ({ userCode, page, pageWithCode }) => {
            const params: protocol.DeviceCodeParams = { userCode, page, pageWithCode };
            void session.guard('Could not show the code', undefined, () =>
              connection.sendRequest(protocol.showDeviceCode, params),
            );
          },
        });
  };
  const token = await signIn();
  const { publicLogNotice } = await import('../../signing/keyless/publicLogNotice.ts');
  run.report('waiting for your consent');
  const params: protocol.PublicLogParams = { notice: publicLogNotice(instance, token) };
  const agreed = await connection.sendRequest<boolean>(protocol.confirmPublicLog, params);
  if (signal.aborted) throw new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
  if (!agreed) return null;
  const { keylessSigner } = await import('../../signing/keyless/sign.ts');
  return keylessSigner({ instance, token, signal, renew: signIn });
}
