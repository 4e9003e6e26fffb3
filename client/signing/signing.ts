import * as vscode from 'vscode';
import {
  commands,
  confirmPublicLog,
  showDeviceCode,
  type DeviceCodeParams,
  type PublicLogParams,
  type SignatureReport,
  type SignModelArguments,
  type SignModelOutcome,
  type TrustGiven,
} from '../../server/lsp/protocol.ts';
import { targetOf, type Given } from '../commandTarget.ts';
import type { LanguageServer } from '../languageServer.ts';
import { askForPassphrase, askHowToSign, askWhomToTrust } from './askFor.ts';
import { SignaturePages } from './signaturePage.ts';
import { plainMessage } from '../plainMessage.ts';

/** Signing and verifying: the commands, the pages, and what has to be asked of a person meanwhile. */
export function registerSigning(context: vscode.ExtensionContext, server: LanguageServer): vscode.Disposable[] {
  const pages = new SignaturePages(context.extensionUri, server);
  const register = (name: string, run: (given?: Given) => Promise<void>) =>
    vscode.commands.registerCommand(`weighbridge.${name}`, run);
  return [
    pages,
    register('signModel', async (given) => {
      const target = await whatToSign(given);
      if (target) await signModel(server, pages, target);
    }),
    register('verifyModel', async (given) => {
      const target = await targetOf(given, 'Verify', true);
      if (target) await verify(server, pages, target, vscode.workspace.isTrusted ? undefined : await askWhomToTrust());
    }),
    register('verifyModelWith', async (given) => {
      const target = await targetOf(given, 'Verify', true);
      const trust = target && (await askWhomToTrust());
      if (trust) await verify(server, pages, target, trust);
    }),
    register('showSignature', async (given) => {
      const target = await targetOf(given, 'Show', true);
      if (target) await pages.show(target);
    }),
    server.onOutcome(({ command, argument, result }) => {
      // The lightbulb's "Verify again" goes to the server itself.
      const byLightbulb = command === commands.verifyModel && !(argument as { shown?: boolean }).shown;
      if (byLightbulb && result) void pages.showReport(result as SignatureReport);
    }),
    server.onRequest(showDeviceCode, (code: DeviceCodeParams) => tellCode(code)),
    server.onRequest(confirmPublicLog, (params: PublicLogParams) => confirm(params)),
  ];
}

/** A signature covers a folder, or one file: of a file that stands in a folder, a person says which. */
async function whatToSign(given: Given | undefined): Promise<vscode.Uri | undefined> {
  const target = await targetOf(given, 'Sign', true);
  if (!target || (await vscode.workspace.fs.stat(target)).type & vscode.FileType.Directory) return target;
  const folder = vscode.Uri.joinPath(target, '..');
  const choices = [
    {
      label: `$(folder) ${nameOf(folder)}`,
      detail: 'The folder with all that is in it, as models mostly are',
      uri: folder,
    },
    { label: `$(file) ${nameOf(target)}`, detail: 'This one file, and nothing beside it', uri: target },
  ];
  const chosen = await vscode.window.showQuickPick(choices, { title: 'Sign Model', placeHolder: 'What is the model?' });
  return chosen?.uri;
}

async function signModel(server: LanguageServer, pages: SignaturePages, target: vscode.Uri): Promise<void> {
  const how = await askHowToSign();
  if (!how) return;
  const args: SignModelArguments = { uri: target.toString(), with: how };
  for (;;) {
    const outcome = await server.confidentially(() => server.command<SignModelOutcome>(commands.signModel, args));
    switch (outcome?.state) {
      case 'needs-passphrase': {
        const passphrase = await askForPassphrase(outcome.wrong);
        if (passphrase === undefined || how.method === 'sigstore') return;
        args.with = { ...how, passphrase };
        break;
      }
      case 'exists': {
        const replace = 'Replace';
        const detail = `${outcome.text}\n\nThe signature that is there will be gone.`;
        const title = `${nameOf(target)} is signed already. Sign it again?`;
        const options = { modal: true, detail };
        if ((await vscode.window.showWarningMessage(plainMessage(title), options, replace)) !== replace) return;
        args.replace = true;
        break;
      }
      case 'signed':
        return tellSigned(pages, target, outcome);
      default:
        return;
    }
  }
}

async function tellSigned(
  pages: SignaturePages,
  target: vscode.Uri,
  outcome: SignModelOutcome & { state: 'signed' },
): Promise<void> {
  const { files, ignored, signer, warnings } = outcome;
  const left =
    ignored.length > 0
      ? ` Not covered: ${ignored.slice(0, 3).join(', ')}${ignored.length > 3 ? ' and more' : ''}.`
      : '';
  const count = files === 1 ? '1 file' : `${files.toLocaleString('en')} files`;
  const who = signer === null ? '' : ` by ${signer.length > 40 ? `${signer.slice(0, 16)}...` : signer}`;
  const show = 'Show Signature';
  const text = `Signed ${nameOf(target)}${who}: ${count}.${left}${warnings.map((warning) => ` ${warning}`).join('')}`;
  if ((await vscode.window.showInformationMessage(plainMessage(text), show)) === show) await pages.show(target);
}

async function verify(
  server: LanguageServer,
  pages: SignaturePages,
  target: vscode.Uri,
  trust: TrustGiven | undefined,
): Promise<void> {
  if (!trust && !vscode.workspace.isTrusted) return;
  const args = { uri: target.toString(), ...(trust ? { trust } : {}), shown: true };
  const report = await server.command<SignatureReport>(commands.verifyModel, args);
  if (report) await pages.showReport(report);
}

/** The server does not wait for the answer: it asks the provider whether the code was typed in. */
async function tellCode({ userCode, page, pageWithCode }: DeviceCodeParams): Promise<null> {
  const open = 'Copy Code and Open Page';
  const chosen = await vscode.window.showInformationMessage(
    plainMessage(`Sign in with the code ${userCode}`),
    { modal: true, detail: `Open ${page} on any device, and type in ${userCode}. Weighbridge goes on once you have.` },
    open,
  );
  if (chosen === open) {
    await vscode.env.clipboard.writeText(userCode);
    await vscode.env.openExternal(vscode.Uri.parse(pageWithCode ?? page, true));
  }
  return null;
}

async function confirm({ notice }: PublicLogParams): Promise<boolean> {
  const sign = 'Sign';
  const title = 'A public log will keep this for ever';
  return (await vscode.window.showWarningMessage(plainMessage(title), { modal: true, detail: notice }, sign)) === sign;
}

function nameOf(uri: vscode.Uri): string {
  return uri.path.slice(uri.path.replace(/\/$/, '').lastIndexOf('/') + 1);
}
