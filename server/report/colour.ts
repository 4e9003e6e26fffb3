import type { Severity } from '../rules/finding.ts';

/** How text stands out on a terminal; the plain one leaves it as it is. */
export interface Colours {
  severity(severity: Severity, text: string): string;
  strong(text: string): string;
  faint(text: string): string;
}

export const plain: Colours = {
  severity: (_severity, text) => text,
  strong: (text) => text,
  faint: (text) => text,
};

const codes: Record<Severity, number> = { error: 31, warning: 33, info: 36 };

/** The terminal's own sixteen colours, so that a person's theme decides what they look like. */
export const coloured: Colours = {
  severity: (severity, text) => `\u001b[${codes[severity]}m${text}\u001b[39m`,
  strong: (text) => `\u001b[1m${text}\u001b[22m`,
  faint: (text) => `\u001b[2m${text}\u001b[22m`,
};
