import type { InspectResult } from '../messages.ts';
import { button, element, number, size } from './elements.ts';
import { send } from './host.ts';
import { severitySign } from './severitySign.ts';

/** What stands on top: the name, the verdict, what can be done, and the findings. */
export function summary(result: InspectResult, showPlace: (entry: string, offset: number) => void): HTMLElement {
  return element(
    'section',
    { class: 'summary', 'aria-label': 'Summary' },
    element('h1', {}, result.name),
    element('p', { class: 'kind' }, facts(result)),
    element(
      'p',
      { class: `verdict ${result.verdict.severity}`, role: 'status' },
      severitySign(result.verdict.severity),
      element('span', {}, result.verdict.text),
    ),
    actions(result),
    element(
      'p',
      { class: 'actions' },
      button('Compare with...', () => send({ type: 'compare' }), {
        class: 'secondary',
        title: 'What differs from another model: imports, metadata, and the values of every tensor',
      }),
    ),
    result.findings.length > 0 && findings(result, showPlace),
    properties(result),
  );
}

function facts(result: InspectResult): string {
  const parts = [result.format, size(result.size)];
  if (result.tensorCount > 0)
    parts.push(result.tensorCount === 1 ? '1 tensor' : `${number(result.tensorCount)} tensors`);
  if (result.pickles.length > 0) {
    const imports = result.pickles.reduce((sum, pickle) => sum + pickle.importCount, 0);
    parts.push(result.pickles.length === 1 ? '1 pickle' : `${number(result.pickles.length)} pickles`);
    parts.push(imports === 1 ? '1 import' : `${number(imports)} imports`);
  }
  return parts.join(' · ');
}

/** Convert, or why not. */
function actions(result: InspectResult): HTMLElement | null {
  const { conversion, mayWrite } = result;
  if (!conversion) return null;
  if (!mayWrite) {
    return element(
      'p',
      { class: 'actions' },
      'This workspace is not trusted, so nothing can be converted or accepted here. ',
      button('Manage workspace trust', () => send({ type: 'trust' }), { class: 'secondary' }),
    );
  }
  const because = conversion.reason ?? 'it holds more than tensors';
  switch (conversion.state) {
    case 'yes':
      return element(
        'p',
        { class: 'actions' },
        button('Convert to safetensors', () => send({ type: 'convert', tensorsOnly: false }), { id: 'convert' }),
        element('span', { class: 'hint' }, 'Nothing is executed; the original stays.'),
      );
    case 'tensors-only':
      return element(
        'p',
        { class: 'actions' },
        button('Convert only the tensors', () => send({ type: 'convert', tensorsOnly: true }), { id: 'convert' }),
        element('span', { class: 'hint' }, `It cannot be converted whole: ${because}.`),
      );
    case 'no':
      return element('p', { class: 'actions hint' }, `It cannot be converted to safetensors: ${because}.`);
  }
}

function findings(result: InspectResult, showPlace: (entry: string, offset: number) => void): HTMLElement {
  const rows = result.findings.map((finding) => {
    const { entry, byteOffset } = finding;
    const shown = byteOffset !== null && result.pickles.some((pickle) => pickle.entry === (entry ?? ''));
    const place = [entry, byteOffset === null ? null : `byte ${byteOffset}`].filter((part) => part).join(', ');
    return element(
      'li',
      { class: 'finding' },
      severitySign(finding.severity),
      element(
        'div',
        {},
        element('p', {}, finding.message),
        element(
          'p',
          { class: 'links' },
          button(finding.ruleId, () => send({ type: 'showRule', ruleId: finding.ruleId }), {
            class: 'link',
            title: 'Open the page of this rule',
          }),
          shown
            ? button(place, () => showPlace(entry ?? '', byteOffset), { class: 'link', title: 'Show the opcode' })
            : place !== '' && element('span', {}, place),
          result.mayWrite &&
            button('Mark as accepted...', () => send({ type: 'accept', fingerprint: finding.fingerprint }), {
              class: 'link',
              title: 'Keep it out of the findings from now on, with a reason',
            }),
        ),
      ),
    );
  });
  return element('div', {}, element('h2', {}, 'Findings'), element('ul', { class: 'findings' }, ...rows));
}

function properties(result: InspectResult): HTMLElement | null {
  if (result.properties.length === 0) return null;
  const rows = result.properties.flatMap(({ name, value }) => [element('dt', {}, name), element('dd', {}, value)]);
  return element('details', {}, element('summary', {}, 'Details'), element('dl', {}, ...rows));
}
