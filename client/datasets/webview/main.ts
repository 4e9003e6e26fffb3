import '../../inspector/webview/inspector.css';
import './dataset.css';
import { listen, send } from './host.ts';
import { page } from './page.ts';

const main = document.getElementById('weighbridge-dataset') as HTMLElement;

listen((message) => {
  const { scrollTop } = document.documentElement;
  main.setAttribute('aria-busy', 'false');
  main.replaceChildren(...page(message));
  document.documentElement.scrollTop = scrollTop;
});
send({ type: 'ready' });
