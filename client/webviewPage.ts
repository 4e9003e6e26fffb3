import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

/** What an empty page is made of. */
export interface PageParts {
  /** Of its script and style sheet in `dist/`, and of its `main` element behind `weighbridge-`. */
  name: string;
  title: string;
  /** Said until there is something to show. */
  waiting: string;
  /** Shows pictures that are part of the page itself. */
  pictures?: boolean;
}

/** An empty page: one script and one style sheet of our own, and nothing else may load or run. */
export function webviewPage(
  webview: vscode.Webview,
  dist: vscode.Uri,
  { name, title, waiting, pictures }: PageParts,
): string {
  const nonce = randomBytes(16).toString('base64');
  const script = webview.asWebviewUri(vscode.Uri.joinPath(dist, `${name}.js`)).toString();
  const style = webview.asWebviewUri(vscode.Uri.joinPath(dist, `${name}.css`)).toString();
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${webview.cspSource};${pictures ? ' img-src data:;' : ''}`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="stylesheet" href="${style}">
</head>
<body>
<main id="weighbridge-${name}" aria-busy="true"><p>${waiting}</p></main>
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>`;
}
