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
import { plainMessage, sentences } from '../plainMessage.ts';

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
      const target = await targetOf(given, vscode.l10n.t('Verify'), true);
      if (target) await verify(server, pages, target, vscode.workspace.isTrusted ? undefined : await askWhomToTrust());
    }),
    register('verifyModelWith', async (given) => {
      const target = await targetOf(given, vscode.l10n.t('Verify'), true);
      const trust = target && (await askWhomToTrust());
      if (trust) await verify(server, pages, target, trust);
    }),
    register('showSignature', async (given) => {
      const target = await targetOf(given, vscode.l10n.t('Show'), true);
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
  const target = await targetOf(given, vscode.l10n.t('Sign'), true);
  if (!target || (await vscode.workspace.fs.stat(target)).type & vscode.FileType.Directory) return target;
  const folder = vscode.Uri.joinPath(target, '..');
  const choices = [
    {
      label: `$(folder) ${nameOf(folder)}`,
      detail: vscode.l10n.t('The folder with all that is in it, as models mostly are'),
      uri: folder,
    },
    { label: `$(file) ${nameOf(target)}`, detail: vscode.l10n.t('This one file, and nothing beside it'), uri: target },
  ];
  const chosen = await vscode.window.showQuickPick(choices, {
    title: vscode.l10n.t('Sign Model'),
    placeHolder: vscode.l10n.t('What is the model?'),
  });
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
        const replace = vscode.l10n.t('Replace');
        const detail = `${outcome.text}\n\n${vscode.l10n.t('The signature that is there will be gone.')}`;
        const title = vscode.l10n.t('{0} is signed already. Sign it again?', nameOf(target));
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
      ? vscode.l10n.t('Not covered: {0}.', [...ignored.slice(0, 3), ...(ignored.length > 3 ? ['...'] : [])].join(', '))
      : '';
  const count = files === 1 ? vscode.l10n.t('1 file') : vscode.l10n.t('{0} files', files.toLocaleString('en'));
  const name = nameOf(target);
  const who = signer !== null && signer.length > 40 ? `${signer.slice(0, 16)}...` : signer;
  const signed =
    who === null
      ? vscode.l10n.t('Signed {0}: {1}.', name, count)
      : vscode.l10n.t('Signed {0} by {1}: {2}.', name, who, count);
  const show = vscode.l10n.t('Show Signature');
  const text = sentences(signed, left, ...warnings);
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
  const open = vscode.l10n.t('Copy Code and Open Page');
  const chosen = await vscode.window.showInformationMessage(
    plainMessage(vscode.l10n.t('Sign in with the code {0}', userCode)),
    {
      modal: true,
      detail: vscode.l10n.t(
        'Open {0} on any device, and type in {1}. Weighbridge goes on once you have.',
        page,
        userCode,
      ),
    },
    open,
  );
  if (chosen === open) {
    await vscode.env.clipboard.writeText(userCode);
    await vscode.env.openExternal(vscode.Uri.parse(pageWithCode ?? page, true));
  }
  return null;
}

async function confirm({ notice }: PublicLogParams): Promise<boolean> {
  const sign = vscode.l10n.t('Sign');
  const title = vscode.l10n.t('A public log will keep this for ever');
  return (await vscode.window.showWarningMessage(plainMessage(title), { modal: true, detail: notice }, sign)) === sign;
}

function nameOf(uri: vscode.Uri): string {
  return uri.path.slice(uri.path.replace(/\/$/, '').lastIndexOf('/') + 1);
}
