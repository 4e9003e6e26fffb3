import { WeighbridgeError } from '../../errors.ts';
import { addressOf, type Endpoint, type EndpointOptions, type ModelAnswer } from './endpoint.ts';
import { nameOf, postJson, type RequestOptions } from './request.ts';

/** An endpoint by one of the protocols that are spoken. @throws {WeighbridgeError} `bad-usage`. */
export function openEndpoint(options: EndpointOptions): Endpoint {
  const protocol = protocols[options.kind];
  const url = protocol.address(addressOf(options.url), options);
  const name = nameOf(url);
  return {
    name,
    async ask(input, signal) {
      const request: RequestOptions = {
        timeoutMs: options.timeoutMs,
        retries: options.retries,
        signal,
        ...(options.key === undefined ? {} : { headers: { authorization: `Bearer ${options.key}` } }),
      };
      const { body, latencyMs } = await postJson(url, protocol.body(input, options), request);
      const answer = protocol.read(body, options);
      if (!answer) throw new WeighbridgeError('bad-input', `${name} answers in another shape than ${options.kind} has`);
      return { ...answer, latencyMs };
    },
  };
}

interface Protocol {
  address(given: URL, options: EndpointOptions): URL;
  body(input: unknown, options: EndpointOptions): unknown;
  /** @returns null for an answer of another shape. */
  read(body: unknown, options: EndpointOptions): Omit<ModelAnswer, 'latencyMs'> | null;
}

const protocols: Record<EndpointOptions['kind'], Protocol> = {
  /** OpenAI API, `POST /v1/chat/completions`. */
  'openai-chat': {
    address: (given) => below(given, /\/chat\/completions$/, 'chat/completions'),
    body: (input, { model, maxTokens, temperature, systemPrompt }) => ({
      model: model ?? 'default',
      messages: [
        ...(systemPrompt === undefined ? [] : [{ role: 'system', content: systemPrompt }]),
        ...(Array.isArray(input) ? (input as unknown[]) : [{ role: 'user', content: String(input) }]),
      ],
      temperature,
      max_tokens: maxTokens,
      seed: 0,
      stream: false,
    }),
    read(body) {
      const message = at(body, ['choices', '0', 'message']);
      if (typeof message !== 'object' || message === null) return null;
      const content = at(message, ['content']);
      // A model that calls a tool may say nothing: what it calls is then its answer.
      const calls = at(message, ['tool_calls']);
      if (typeof content !== 'string' && !Array.isArray(calls)) return null;
      return {
        text: `${typeof content === 'string' ? content : ''}${Array.isArray(calls) ? JSON.stringify(calls) : ''}`,
      };
    },
  },
  /** OpenAI API, `POST /v1/embeddings`. */
  'openai-embeddings': {
    address: (given) => below(given, /\/embeddings$/, 'embeddings'),
    body: (input, { model }) => ({ model: model ?? 'default', input: String(input) }),
    read(body) {
      const vector = numbers(at(body, ['data', '0', 'embedding']));
      return vector ? { numbers: { embedding: vector } } : null;
    },
  },
  /** Open Inference Protocol, `POST /v2/models/NAME/infer`; a probe is the list of its inputs. */
  'kserve-v2': {
    address(given, { model }) {
      if (given.pathname.endsWith('/infer') || model === undefined) return given;
      // A path that is resolved could name another host ("//host"), and would lose the query.
      const url = new URL(given);
      url.pathname = `${given.pathname.replace(/\/$/, '')}/v2/models/${encodeURIComponent(model)}/infer`;
      return url;
    },
    body: (input) => (isRecord(input) ? input : { inputs: input }),
    read(body) {
      const outputs = at(body, ['outputs']);
      if (!Array.isArray(outputs) || outputs.length === 0) return null;
      const found: { numbers: Record<string, number[]>; labels: Record<string, string> } = { numbers: {}, labels: {} };
      for (const output of outputs as unknown[]) {
        const name = at(output, ['name']);
        const data = at(output, ['data']);
        if (typeof name !== 'string' || !Array.isArray(data)) return null;
        const values = numbers(data);
        if (values) found.numbers[name] = values;
        else found.labels[name] = String(data[0]);
      }
      return found;
    },
  },
  json: {
    address: (given) => given,
    body: (input, { template }) => filled(template?.body ?? '{{input}}', input),
    read(body, { template }) {
      const output = at(
        body,
        (template?.output ?? '').split('.').filter((part) => part !== ''),
      );
      if (typeof output === 'string') return { text: output };
      if (typeof output === 'boolean') return { labels: { output: String(output) } };
      const values = numbers(typeof output === 'number' ? [output] : output);
      return values ? { numbers: { output: values } } : null;
    },
  },
};

/** The address of an API's base gets the path; a whole address stays as it is. */
function below(given: URL, whole: RegExp, path: string): URL {
  if (whole.test(given.pathname)) return given;
  const base = given.pathname.replace(/\/$/, '');
  const url = new URL(given);
  url.pathname = `${/\/v\d+$/.test(base) ? base : `${base}/v1`}/${path}`;
  return url;
}

function at(value: unknown, path: readonly string[]): unknown {
  let found: unknown = value;
  for (const key of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as Record<string, unknown>)[key];
  }
  return found;
}

/** Nested lists of finite numbers, flattened; null for anything else. */
function numbers(value: unknown): number[] | null {
  if (!Array.isArray(value)) return null;
  const flat: unknown[] = value.flat(8);
  return flat.length > 0 && flat.every((each) => typeof each === 'number' && Number.isFinite(each))
    ? (flat as number[])
    : null;
}

/** The template with the input in place of every `{{input}}`: whole where it stands alone, as text within text. */
function filled(template: unknown, input: unknown): unknown {
  if (template === '{{input}}') return input;
  if (typeof template === 'string') {
    return template.replaceAll('{{input}}', () => (typeof input === 'string' ? input : JSON.stringify(input)));
  }
  if (Array.isArray(template)) return template.map((each) => filled(each, input));
  if (isRecord(template))
    return Object.fromEntries(Object.entries(template).map(([key, value]) => [key, filled(value, input)]));
  return template;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
