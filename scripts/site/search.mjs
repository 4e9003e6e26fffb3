// The search box of the site. Everything that it shows is set as text.
import { finderOf } from './finder.mjs';

const input = document.querySelector('#search');
const list = document.querySelector('#found');
const told = document.querySelector('#told');
const root = document.documentElement.dataset.root ?? '';
/** Made when it is first asked for: the pages are to be read at once. */
let find;

input.addEventListener('input', () => {
  // The bundler puts the sections here.
  find ??= finderOf(SECTIONS);
  const asked = input.value.trim();
  const found = asked === '' ? [] : find(asked);
  list.replaceChildren(...found.map(row));
  list.hidden = asked === '';
  told.textContent =
    asked === '' ? '' : found.length === 0 ? 'Nothing was found.' : `${found.length} places were found.`;
});

function row({ id, page, heading }) {
  const link = document.createElement('a');
  link.href = `${root}${id}`;
  link.append(Object.assign(document.createElement('strong'), { textContent: heading }));
  if (page !== heading) link.append(Object.assign(document.createElement('span'), { textContent: page }));
  const item = document.createElement('li');
  item.append(link);
  return item;
}

document.addEventListener('keydown', (event) => {
  const links = [...list.querySelectorAll('a')];
  const at = links.indexOf(document.activeElement);
  if (event.key === '/' && document.activeElement !== input) input.focus();
  else if (event.key === 'Escape' && !list.hidden) {
    input.value = '';
    list.hidden = true;
    told.textContent = '';
    input.focus();
  } else if (event.key === 'ArrowDown' && (at >= 0 || document.activeElement === input)) links[at + 1]?.focus();
  else if (event.key === 'ArrowUp' && at >= 0) (links[at - 1] ?? input).focus();
  else if (event.key === 'Enter' && document.activeElement === input) links[0]?.click();
  else return;
  event.preventDefault();
});
