import * as vscode from 'vscode';
import type { SignWith, TrustGiven } from '../../server/lsp/protocol.ts';

type Choice<T> = vscode.QuickPickItem & { method: T };

/** Asks how to sign; nothing of the answer is kept. @returns undefined when the person turns away. */
export async function askHowToSign(): Promise<SignWith | undefined> {
  const choices: Choice<SignWith['method']>[] = [
    {
      label: vscode.l10n.t('$(globe) Sigstore'),
      detail: vscode.l10n.t('By your identity, with no key to keep. A public log shows it for ever.'),
      method: 'sigstore',
    },
    {
      label: vscode.l10n.t('$(key) Private key'),
      detail: vscode.l10n.t('A PEM file. Who verifies needs its public half.'),
      method: 'key',
    },
    {
      label: vscode.l10n.t('$(verified) Certificate'),
      detail: vscode.l10n.t('A private key, and the certificate that names its owner.'),
      method: 'certificate',
    },
  ];
  const title = vscode.l10n.t('Sign Model');
  const chosen = await vscode.window.showQuickPick(choices, {
    title,
    placeHolder: vscode.l10n.t('How do you want to sign?'),
  });
  switch (chosen?.method) {
    case 'sigstore':
      // On another machine than this window, a page that leads back to the server would lead nowhere.
      return { method: 'sigstore', signIn: isElsewhere() ? 'code' : 'browser' };
    case 'key': {
      const key = await askForFile(
        vscode.l10n.t('Private Key'),
        vscode.l10n.t('The private key (PEM) to sign with; it is not remembered'),
      );
      return key === undefined ? undefined : { method: 'key', key };
    }
    case 'certificate': {
      const key = await askForFile(
        vscode.l10n.t('Private Key'),
        vscode.l10n.t('The private key (PEM) to sign with; it is not remembered'),
      );
      const certificate =
        key && (await askForFile(vscode.l10n.t('Certificate'), vscode.l10n.t('The certificate (PEM) of that key')));
      if (!certificate) return undefined;
      const chain = await askForChain();
      return chain && { method: 'certificate', key, certificate, chain };
    }
    default:
      return undefined;
  }
}

/** Asks whom to trust for this once. */
export async function askWhomToTrust(): Promise<TrustGiven | undefined> {
  const choices: Choice<TrustGiven['method']>[] = [
    {
      label: vscode.l10n.t('$(key) Public key'),
      detail: vscode.l10n.t("The signer's public key, a PEM file"),
      method: 'key',
    },
    {
      label: vscode.l10n.t('$(verified) Root certificate'),
      detail: vscode.l10n.t('A PEM file that the chain must end at'),
      method: 'certificate',
    },
    {
      label: vscode.l10n.t('$(globe) Identity'),
      detail: vscode.l10n.t('An e-mail address or URI, and who vouches for it (Sigstore)'),
      method: 'sigstore',
    },
  ];
  const chosen = await vscode.window.showQuickPick(choices, {
    title: vscode.l10n.t('Verify Model Signature'),
    placeHolder: vscode.l10n.t('Whom do you trust to have signed it? For this once; weighbridge.yaml says it for good'),
  });
  switch (chosen?.method) {
    case 'key': {
      const key = await askForFile(vscode.l10n.t('Public Key'), vscode.l10n.t("The signer's public key (PEM)"));
      return key === undefined ? undefined : { method: 'key', key };
    }
    case 'certificate': {
      const roots = await askForFile(
        vscode.l10n.t('Root Certificate'),
        vscode.l10n.t('The certificate (PEM) that the chain must end at'),
      );
      return roots === undefined ? undefined : { method: 'certificate', roots };
    }
    case 'sigstore': {
      const identity = await askForText(
        vscode.l10n.t('Who signed?'),
        vscode.l10n.t('release@example.com, compared exactly'),
      );
      const issuer =
        identity && (await askForText(vscode.l10n.t('Who vouches for them?'), 'https://accounts.google.com'));
      return issuer ? { method: 'sigstore', identity, issuer } : undefined;
    }
    default:
      return undefined;
  }
}

/** @returns undefined when the person turns away. The passphrase is kept nowhere. */
export function askForPassphrase(wrong: boolean): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title: vscode.l10n.t('Passphrase of the Private Key'),
    prompt: wrong
      ? vscode.l10n.t('The key cannot be opened with this passphrase. Try again.')
      : vscode.l10n.t('It is used once and not stored.'),
    password: true,
    ignoreFocusOut: true,
  });
}

async function askForFile(openLabel: string, title: string): Promise<string | undefined> {
  const chosen = await vscode.window.showOpenDialog({ openLabel, title, canSelectMany: false });
  return chosen?.[0]?.fsPath;
}

async function askForChain(): Promise<string[] | undefined> {
  const none = vscode.l10n.t('No chain');
  const files = vscode.l10n.t('Choose files...');
  const chosen = await vscode.window.showQuickPick([none, files], {
    title: vscode.l10n.t('Sign Model'),
    placeHolder: vscode.l10n.t('Certificates between yours and the root, for those who verify'),
  });
  if (chosen === none) return [];
  if (chosen !== files) return undefined;
  const given = await vscode.window.showOpenDialog({
    openLabel: vscode.l10n.t('Certificate Chain'),
    canSelectMany: true,
  });
  return given?.map(({ fsPath }) => fsPath);
}

function askForText(title: string, placeHolder: string): Thenable<string | undefined> {
  return vscode.window.showInputBox({ title, placeHolder, ignoreFocusOut: true });
}

function isElsewhere(): boolean {
  return vscode.env.remoteName !== undefined || vscode.env.uiKind === vscode.UIKind.Web;
}
