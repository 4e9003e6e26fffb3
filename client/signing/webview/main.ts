import '../../inspector/webview/inspector.css';
import './signature.css';
import { element } from '../../inspector/webview/elements.ts';
import type { FromSignaturePage, ToSignaturePage } from '../messages.ts';
import { page } from './page.ts';

declare function acquireVsCodeApi(): { postMessage(message: FromSignaturePage): void };

const vscode = acquireVsCodeApi();
const send = (message: FromSignaturePage): void => vscode.postMessage(message);
const main = document.getElementById('weighbridge-signature') as HTMLElement;

window.addEventListener('message', ({ data }: MessageEvent<ToSignaturePage>) => {
  main.setAttribute('aria-busy', 'false');
  if (data.type === 'failed') {
    main.replaceChildren(element('p', { class: 'verdict warning', role: 'alert' }, data.message));
  } else main.replaceChildren(...page(data, send));
});
send({ type: 'ready' });
