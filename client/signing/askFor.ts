import * as vscode from 'vscode';
import type { SignWith, TrustGiven } from '../../server/lsp/protocol.ts';

type Choice<T> = vscode.QuickPickItem & { method: T };

/** Asks how to sign; nothing of the answer is kept. @returns undefined when the person turns away. */
export async function askHowToSign(): Promise<SignWith | undefined> {
  const choices: Choice<SignWith['method']>[] = [
    {
      label: '$(globe) Sigstore',
      detail: 'By your identity, with no key to keep. A public log shows it for ever.',
      method: 'sigstore',
    },
    { label: '$(key) Private key', detail: 'A PEM file. Who verifies needs its public half.', method: 'key' },
    {
      label: '$(verified) Certificate',
      detail: 'A private key, and the certificate that names its owner.',
      method: 'certificate',
    },
  ];
  const title = 'Sign Model';
  const chosen = await vscode.window.showQuickPick(choices, { title, placeHolder: 'How do you want to sign?' });
  switch (chosen?.method) {
    case 'sigstore':
      // On another machine than this window, a page that leads back to the server would lead nowhere.
      return { method: 'sigstore', signIn: isElsewhere() ? 'code' : 'browser' };
    case 'key': {
      const key = await askForFile('Private Key', 'The private key (PEM) to sign with; it is not remembered');
      return key === undefined ? undefined : { method: 'key', key };
    }
    case 'certificate': {
      const key = await askForFile('Private Key', 'The private key (PEM) to sign with; it is not remembered');
      const certificate = key && (await askForFile('Certificate', 'The certificate (PEM) of that key'));
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
    { label: '$(key) Public key', detail: "The signer's public key, a PEM file", method: 'key' },
    { label: '$(verified) Root certificate', detail: 'A PEM file that the chain must end at', method: 'certificate' },
    {
      label: '$(globe) Identity',
      detail: 'An e-mail address or URI, and who vouches for it (Sigstore)',
      method: 'sigstore',
    },
  ];
  const chosen = await vscode.window.showQuickPick(choices, {
    title: 'Verify Model Signature',
    placeHolder: 'Whom do you trust to have signed it? For this once; weighbridge.yaml says it for good',
  });
  switch (chosen?.method) {
    case 'key': {
      const key = await askForFile('Public Key', "The signer's public key (PEM)");
      return key === undefined ? undefined : { method: 'key', key };
    }
    case 'certificate': {
      const roots = await askForFile('Root Certificate', 'The certificate (PEM) that the chain must end at');
      return roots === undefined ? undefined : { method: 'certificate', roots };
    }
    case 'sigstore': {
      const identity = await askForText('Who signed?', 'release@example.com, compared exactly');
      const issuer = identity && (await askForText('Who vouches for them?', 'https://accounts.google.com'));
      return issuer ? { method: 'sigstore', identity, issuer } : undefined;
    }
    default:
      return undefined;
  }
}

/** @returns undefined when the person turns away. The passphrase is kept nowhere. */
export function askForPassphrase(wrong: boolean): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title: 'Passphrase of the Private Key',
    prompt: wrong ? 'The key cannot be opened with this passphrase. Try again.' : 'It is used once and not stored.',
    password: true,
    ignoreFocusOut: true,
  });
}

async function askForFile(openLabel: string, title: string): Promise<string | undefined> {
  const chosen = await vscode.window.showOpenDialog({ openLabel, title, canSelectMany: false });
  return chosen?.[0]?.fsPath;
}

async function askForChain(): Promise<string[] | undefined> {
  const none = 'No chain';
  const files = 'Choose files...';
  const chosen = await vscode.window.showQuickPick([none, files], {
    title: 'Sign Model',
    placeHolder: 'Certificates between yours and the root, for those who verify',
  });
  if (chosen === none) return [];
  if (chosen !== files) return undefined;
  const given = await vscode.window.showOpenDialog({ openLabel: 'Certificate Chain', canSelectMany: true });
  return given?.map(({ fsPath }) => fsPath);
}

function askForText(title: string, placeHolder: string): Thenable<string | undefined> {
  return vscode.window.showInputBox({ title, placeHolder, ignoreFocusOut: true });
}

function isElsewhere(): boolean {
  return vscode.env.remoteName !== undefined || vscode.env.uiKind === vscode.UIKind.Web;
}
