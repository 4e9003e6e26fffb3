import type { EndpointInFile } from '../engine/report.ts';
import { controlNames, type ControlName, type ControlState } from '../posture/facts.ts';
import type { Colours } from './colour.ts';
import { printable } from './printable.ts';

/** Endpoints that a terminal has room for. */
const mostRows = 40;

const headings: Readonly<Record<ControlName, string>> = {
  tls: 'TLS',
  clientCertificate: 'mTLS',
  authentication: 'auth',
  clientRateLimit: 'rate',
  modelRateLimit: 'model rate',
  sizeLimit: 'size',
  schema: 'schema',
  outputFilter: 'output',
  structuredLog: 'log',
  timeout: 'time-out',
  admin: 'admin',
};

/** How a state is written in a table, so that no colour is needed. */
export const stateWords: Readonly<Record<ControlState, string>> = {
  enforced: 'yes',
  'not-enforced': 'NO',
  delegated: 'asks',
  'not-visible': '-',
};

/** The ways into models, one a row, with what protects each. */
export function postureLines(posture: readonly EndpointInFile[], colours: Colours): string[] {
  const shown = posture.slice(0, mostRows);
  const rows = shown.map(({ path, endpoint }) => [
    printable(`${path}:${endpoint.range.line}`),
    printable(`${endpoint.product} ${endpoint.name}`),
    ...controlNames.map((control) => stateWords[endpoint.controls[control].state]),
  ]);
  const table = [['Endpoint', '', ...controlNames.map((control) => headings[control])], ...rows];
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => (row[column] ?? '').length)));
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const more = posture.length > shown.length ? [colours.faint(`and ${posture.length - shown.length} more`)] : [];
  return [
    colours.strong(lines[0] ?? ''),
    ...lines.slice(1),
    ...more,
    colours.faint('yes: enforced; NO: present but not enforced; asks: delegated; -: not visible in that file'),
  ];
}
