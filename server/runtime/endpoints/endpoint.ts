import { WeighbridgeError } from '../../errors.ts';

/** What a model answers to one probe: text of a chat, or numbers and labels by name. */
export interface ModelAnswer {
  text?: string;
  /** By feature: a number, or a vector of them. */
  numbers?: Record<string, number[]>;
  labels?: Record<string, string>;
  latencyMs: number;
}

/** A model that can be asked, wherever it runs. */
export interface Endpoint {
  /** For messages and reports: no keys, no query. */
  readonly name: string;
  /**
   * @param index of the question, from 0; all rounds count on.
   * @throws {WeighbridgeError} `unreachable`, `bad-input` for an answer of another shape, `cancelled`.
   */
  ask(input: unknown, signal: AbortSignal, index?: number): Promise<ModelAnswer>;
}

export const endpointKinds = ['openai-chat', 'openai-embeddings', 'kserve-v2', 'json'] as const;
export type EndpointKind = (typeof endpointKinds)[number];

export interface EndpointOptions {
  kind: EndpointKind;
  url: string;
  /** The model's name, where the protocol has one. */
  model?: string;
  /** Sent as a bearer token. It comes from the environment and goes nowhere else. */
  key?: string;
  timeoutMs: number;
  retries: number;
  /** Tokens of an answer at most (chat). */
  maxTokens: number;
  /** Of a chat; 0 for answers that can be compared. */
  temperature: number;
  /** Put before the probe (chat). */
  systemPrompt?: string;
  /** For `json`: the body with `{{input}}`, and where in the answer the output stands. */
  template?: { body: unknown; output: string };
}

/** What may be shown of a text that should have been an address: no user, no password, no query. */
function withoutSecrets(text: string): string {
  const at = text.lastIndexOf('@');
  return `${at < 0 ? '' : '...'}${text.slice(at + 1)}`.replace(/[?#].*$/s, '').slice(0, 100);
}

/** @throws {WeighbridgeError} `bad-usage` for what is no HTTP address. */
export function addressOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new WeighbridgeError(
      'bad-usage',
      `an endpoint is an http or https address, which "${withoutSecrets(text)}" is not`,
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw new WeighbridgeError(
      'bad-usage',
      'an address must not hold a user name or a password: put the key into the environment',
    );
  }
  return url;
}
