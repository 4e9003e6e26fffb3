import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

/** The inspector's empty page: one script and one style sheet of our own, and nothing else may load or run. */
export function inspectorPage(webview: vscode.Webview, dist: vscode.Uri): string {
  const nonce = randomBytes(16).toString('base64');
  const script = webview.asWebviewUri(vscode.Uri.joinPath(dist, 'inspector.js')).toString();
  const style = webview.asWebviewUri(vscode.Uri.joinPath(dist, 'inspector.css')).toString();
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${webview.cspSource};`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Model Inspector</title>
<link rel="stylesheet" href="${style}">
</head>
<body>
<main id="weighbridge-inspector" aria-busy="true"><p>Reading the file...</p></main>
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>`;
}
