import '../../inspector/webview/inspector.css';
import './aibom.css';
import { element } from '../../inspector/webview/elements.ts';
import type { FromAibomPage, ToAibomPage } from '../messages.ts';
import { page } from './page.ts';

declare function acquireVsCodeApi(): { postMessage(message: FromAibomPage): void };

const vscode = acquireVsCodeApi();
const send = (message: FromAibomPage): void => vscode.postMessage(message);
const main = document.getElementById('weighbridge-aibom') as HTMLElement;

window.addEventListener('message', ({ data }: MessageEvent<ToAibomPage>) => {
  main.setAttribute('aria-busy', 'false');
  if (data.type === 'failed') {
    main.replaceChildren(element('p', { class: 'verdict warning', role: 'alert' }, data.message));
    return;
  }
  const kept = { top: window.scrollY, focus: document.activeElement?.id ?? '', open: openParts() };
  main.replaceChildren(...page(data.view, send));
  // The page is drawn anew when the document changes; the reader stays where they are.
  for (const part of main.querySelectorAll('details')) if (kept.open.has(part.id)) part.open = true;
  if (kept.focus !== '') document.getElementById(kept.focus)?.focus({ preventScroll: true });
  window.scrollTo({ top: kept.top });
});
send({ type: 'ready' });

function openParts(): Set<string> {
  return new Set([...main.querySelectorAll('details')].filter(({ open }) => open).map(({ id }) => id));
}
