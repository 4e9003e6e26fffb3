import './inspector.css';
import type { InspectResult } from '../messages.ts';
import { disassemblyView, type DisassemblyView } from './disassembly.ts';
import { element, number } from './elements.ts';
import { listen, send } from './host.ts';
import { archivesView } from './archives.ts';
import { graphView } from './graph.ts';
import { importsView, othersView, problemsView } from './lists.ts';
import { sectionTabs } from './sections.ts';
import { summary } from './summary.ts';
import { tabs, type Tab } from './tabs.ts';
import { tensorsView } from './tensors.ts';

const main = document.getElementById('weighbridge-inspector') as HTMLElement;

listen((message) => {
  main.setAttribute('aria-busy', 'false');
  if (message.type === 'inspection') render(message.result);
  else main.replaceChildren(element('p', { class: 'verdict warning', role: 'alert' }, message.message));
});
send({ type: 'ready' });

function render(result: InspectResult): void {
  let disassembly: DisassemblyView | undefined;
  const showPlace = (entry: string, offset: number) => {
    parts.select('disassembly');
    disassembly?.show(entry, offset);
  };
  const all: (Tab | false)[] = [
    result.pickles.length > 0 && {
      id: 'disassembly',
      label: 'Disassembly',
      build: () => (disassembly = disassemblyView(result.pickles)).view,
    },
    result.tensorCount > 0 && {
      id: 'tensors',
      label: `Tensors (${number(result.tensorCount)})`,
      build: () => tensorsView(result),
    },
    result.pickles.length > 0 && {
      id: 'imports',
      label: `Imports (${number(result.pickles.reduce((sum, pickle) => sum + pickle.importCount, 0))})`,
      build: () => importsView(result.pickles, showPlace),
    },
    ...sectionTabs(result.sections),
    result.graphs.length > 0 && {
      id: 'graph',
      label: 'Graph',
      build: () => graphView(result.graphs),
    },
    result.others.length > 0 && {
      id: 'others',
      label: `Other values (${number(result.others.length)})`,
      build: () => othersView(result.others),
    },
    result.archives.length > 0 && {
      id: 'archive',
      label: `Archive entries (${number(result.archives.reduce((sum, archive) => sum + archive.entryCount, 0))})`,
      build: () => archivesView(result.archives),
    },
    result.problems.length > 0 && {
      id: 'problems',
      label: `Unread (${number(result.problems.length)})`,
      build: () => problemsView(result.problems),
    },
  ];
  const shown = all.filter((tab) => tab !== false);
  // What is dangerous comes into view at once; otherwise people look for tensors.
  const marked = result.pickles.some((pickle) => pickle.marked.length > 0);
  const parts = tabs(shown, marked ? 'disassembly' : result.tensorCount > 0 ? 'tensors' : undefined);
  main.replaceChildren(summary(result, showPlace), parts.view);
}
