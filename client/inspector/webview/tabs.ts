import { element } from './elements.ts';
import { rememberedTab, rememberTab } from './host.ts';

export interface Tab {
  id: string;
  label: string;
  /** Makes the panel's content when it is first shown. */
  build: () => HTMLElement;
}

/** A tab list by the ARIA authoring practices: arrow keys move, one tab is in the focus order. */
export function tabs(all: Tab[], preferred: string | undefined): { view: HTMLElement; select: (id: string) => void } {
  const list = element('div', { role: 'tablist', 'aria-label': 'Parts of the file', class: 'tabs' });
  const panels = element('div', {});
  const buttons = new Map<string, HTMLButtonElement>();
  const built = new Map<string, HTMLElement>();

  const select = (id: string) => {
    const tab = all.find((each) => each.id === id);
    if (!tab) return;
    let panel = built.get(id);
    if (!panel) {
      panel = element('div', { role: 'tabpanel', id: `panel-${id}`, 'aria-labelledby': `tab-${id}` }, tab.build());
      built.set(id, panel);
      panels.append(panel);
    }
    for (const [other, view] of built) view.hidden = other !== id;
    for (const [other, handle] of buttons) {
      handle.setAttribute('aria-selected', String(other === id));
      handle.tabIndex = other === id ? 0 : -1;
    }
    rememberTab(id);
    panel.dispatchEvent(new Event('shown'));
  };

  for (const { id, label } of all) {
    const attributes = { type: 'button', role: 'tab', id: `tab-${id}`, 'aria-controls': `panel-${id}` };
    const handle = element('button', { ...attributes, onclick: () => select(id) }, label);
    buttons.set(id, handle);
    list.append(handle);
  }
  list.addEventListener('keydown', (event) => {
    const ids = [...buttons.keys()];
    const at = ids.findIndex((id) => buttons.get(id) === document.activeElement);
    const steps: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: ids.length - 1 };
    const to = steps[event.key];
    const id = to === undefined || at === -1 ? undefined : ids[(to + ids.length) % ids.length];
    if (id === undefined) return;
    event.preventDefault();
    select(id);
    buttons.get(id)?.focus();
  });

  const remembered = rememberedTab();
  const first = [preferred, remembered, all[0]?.id].find((id) => all.some((tab) => tab.id === id));
  if (first !== undefined) select(first);
  return { view: element('section', { class: 'parts' }, list, panels), select };
}
