import type { Additions } from './additions.ts';
import type { TextRange } from '../formats/text/facts.ts';

/** What protects a way into a model, in the order of the table that people are shown. */
export const controlNames = [
  'tls',
  'clientCertificate',
  'authentication',
  'clientRateLimit',
  'modelRateLimit',
  'sizeLimit',
  'schema',
  'outputFilter',
  'structuredLog',
  'timeout',
  'admin',
] as const;

export type ControlName = (typeof controlNames)[number];

/** What the columns are called. */
export const controlTitles: Readonly<Record<ControlName, string>> = {
  tls: 'TLS',
  clientCertificate: 'client certificate (mTLS)',
  authentication: 'authentication',
  clientRateLimit: 'rate limit per client',
  modelRateLimit: 'rate limit per model',
  sizeLimit: 'size limit',
  schema: 'request schema',
  outputFilter: 'output filter',
  structuredLog: 'structured log',
  timeout: 'time-outs',
  admin: 'admin interface',
};

/**
 * `enforced`: this file says so, and it takes effect. `not-enforced`: it is written, and does not take effect. `delegated`: something else is
 * asked, whose answer this file does not show. `not-visible`: this file says nothing of it.
 */
export type ControlState = 'enforced' | 'not-enforced' | 'delegated' | 'not-visible';

export interface Control {
  state: ControlState;
  /** One clause: what the line says. */
  says: string;
  /** The line that says so; null where none does. */
  range: TextRange | null;
}

/** A way in: a listener, a route, a service, a server that is started. */
export interface Endpoint {
  /** `Envoy`, `nginx`, `vLLM`. */
  product: string;
  /** As the file calls it. */
  name: string;
  range: TextRange;
  /** Who reaches it, by the address that it listens on. */
  reach: 'loopback' | 'network' | 'unknown';
  /** False where an `include`, a discovery service or a mesh may add what is not visible here: nothing is claimed to be missing then. */
  complete: boolean;
  controls: Record<ControlName, Control>;
  /** Blocks that would add what is missing. */
  additions?: Additions;
}

/** Kinds of weakness that a line shows; each has a rule of its name (`endpoint/<kind>`). */
export type WeaknessKind =
  | 'admin-exposed'
  | 'auth-not-enforced'
  | 'cors-star'
  | 'dynamic-code'
  | 'edge-defaults'
  | 'inline-private-key'
  | 'media-fetch'
  | 'model-control-exposed'
  | 'mtls-not-enforced'
  | 'payload-logging'
  | 'plaintext-listener'
  | 'rate-limit-not-enforced'
  | 'schema-not-enforced'
  | 'upstream-unverified';

export interface Weakness {
  kind: WeaknessKind;
  severity: 'error' | 'warning' | 'info';
  /** What happens, then what to do. */
  message: string;
  range: TextRange;
  /** The change that resolves it. */
  fix?: { id: 'bind-loopback' | 'set-safe-value'; title: string; range: TextRange; newText: string };
}

export interface Posture {
  endpoints: Endpoint[];
  weaknesses: Weakness[];
  /** True where the file opens more ways than are kept. */
  leavesOut?: boolean;
}

/** Ways into models that are kept of one file: each goes into every report. The largest gateways have some thousand. */
export const mostEndpoints = 5_000;

/** Shared by all endpoints: what is known of a control takes its place, and changes nothing in it. */
const nothingKnown: Control = { state: 'not-visible', says: '', range: null };

/** An endpoint of which nothing is known yet. */
export function endpointOf(product: string, name: string, range: TextRange): Endpoint {
  const controls = Object.fromEntries(controlNames.map((control) => [control, nothingKnown])) as Record<
    ControlName,
    Control
  >;
  return { product, name, range, reach: 'unknown', complete: true, controls };
}

const weight: Record<ControlState, number> = { 'not-visible': 0, 'not-enforced': 1, delegated: 2, enforced: 3 };

/** Notes what a line says of a control; what holds more counts. */
export function note(
  { controls }: Endpoint,
  control: ControlName,
  state: ControlState,
  says: string,
  range: TextRange,
): void {
  if (weight[state] > weight[controls[control].state]) controls[control] = { state, says, range };
}

/** Whether an address is that of this machine alone, or of the network. */
export function reachOf(address: string): Endpoint['reach'] {
  const host = address.replace(/^\w+:\/\//, '').replace(/^\[(.*)\](?::.*)?$/, '$1');
  if (/^(?:127\.|localhost(?::|$)|::1$|unix:)|^unix:/i.test(host) || address.startsWith('unix:')) return 'loopback';
  if (/\$|\{/.test(host)) return 'unknown';
  return 'network';
}

/** Tells that pages of every origin may call an endpoint, where a setting says so. @param setting as people write it. */
export function everyPage(setting: string, severity: Weakness['severity'], range: TextRange): Weakness {
  const message = `Every web page may call this endpoint (${setting}). Name the origins.`;
  return { kind: 'cors-star', severity, message, range };
}
