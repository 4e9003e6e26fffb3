import { element } from './elements.ts';

const words = { error: 'Error', warning: 'Warning', info: 'Note', none: 'Fine' } as const;
const signs = { error: '✕', warning: '!', info: 'i', none: '✓' } as const;

/** A sign that tells itself without colour, too. */
export function severitySign(severity: keyof typeof signs): HTMLElement {
  return element(
    'span',
    { class: `sign ${severity}`, role: 'img', 'aria-label': words[severity], title: words[severity] },
    signs[severity],
  );
}
