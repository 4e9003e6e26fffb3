import '../../inspector/webview/inspector.css';
import './scan.css';
import { element } from '../../inspector/webview/elements.ts';
import type { FromScanPage, ToScanPage } from '../messages.ts';

declare function acquireVsCodeApi(): { postMessage(message: FromScanPage): void };

const vscode = acquireVsCodeApi();
const send = (message: FromScanPage): void => vscode.postMessage(message);
const main = document.getElementById('weighbridge-scan') as HTMLElement;

function button(label: string, message: FromScanPage): HTMLElement {
  const made = element('button', { type: 'button' }, label);
  made.addEventListener('click', () => send(message));
  return made;
}

window.addEventListener('message', ({ data }: MessageEvent<ToScanPage>) => {
  main.setAttribute('aria-busy', 'false');
  const actions = element('p', { class: 'actions' });
  actions.append(
    button('Scan again', { type: 'again' }),
    button('Export as HTML', { type: 'export', as: 'html' }),
    button('Export as JSON', { type: 'export', as: 'json' }),
  );
  // The server escapes what comes from files, and the page's policy lets nothing run all the same.
  const content = new DOMParser().parseFromString(data.report.content, 'text/html').body;
  main.replaceChildren(actions, ...content.childNodes);
});
send({ type: 'ready' });
