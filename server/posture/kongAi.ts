import { itemsAt, leafAt, textAt } from '../formats/text/configTree.ts';
import type { ConfigNode, TextRange } from '../formats/text/facts.ts';
import { note, type Endpoint } from './facts.ts';

/** What the AI plugins of Kong look at beside prompts and answers. */
const ai = /^ai-(?!rate-limiting)/;

/** Those that refuse what they cannot read as a request to a model: of these a size is a limit. */
const reads =
  /^ai-(?:proxy(?:-advanced)?|prompt-guard|prompt-decorator|prompt-template|semantic-prompt-guard|azure-content-safety|aws-guardrails|gcp-model-armor|custom-guardrail)$/;

/** Those that ask a service about requests, about answers or about both; `null` where that depends on the version. */
const guards: Readonly<Record<string, 'INPUT' | 'BOTH' | null>> = {
  'ai-azure-content-safety': 'INPUT',
  'ai-aws-guardrails': null,
  'ai-gcp-model-armor': null,
  'ai-custom-guardrail': null,
  'ai-lakera-guard': null,
};

/** Forms of requests that `ai-proxy` holds them to (`route_type`). */
const forms = /^llm\/v1\/(?:chat|completions)$/;

/**
 * What an AI plugin of Kong enforces. Source: github.com/Kong/kong, kong/llm/plugin/shared-filters and kong/plugins/ai-*: a body over
 * `max_request_body_size` is not read, and what was not read is answered with 400; `ai-proxy` does the same to what is no request of its `route_type` (no
 * messages, no prompt, another model), `ai-prompt-guard` to prompts of its patterns. Neither looks at an answer. `guarding_mode`: developer.konghq.com/plugins.
 */
export function applyAiPlugin(
  name: string,
  config: ConfigNode | undefined,
  place: TextRange,
  endpoint: Endpoint,
): void {
  if (!ai.test(name)) return;
  const size = leafAt(config, 'max_request_body_size');
  if (size && reads.test(name)) {
    const holds = size.value !== 0;
    const says = `${name}: max_request_body_size ${String(size.value)}${holds ? '' : ', which is any'}`;
    note(endpoint, 'sizeLimit', holds ? 'enforced' : 'not-enforced', says, size.range);
  } else if (/^ai-proxy(?:-advanced)?$/.test(name))
    note(endpoint, 'sizeLimit', 'enforced', `${name} reads no larger body than its default`, place);
  requestForm(name, config, place, endpoint);
  if (Object.hasOwn(guards, name)) {
    const mode = leafAt(config, 'guarding_mode');
    const looks = mode?.value ?? guards[name] ?? 'BOTH';
    const at = mode?.range ?? place;
    if (looks === 'INPUT') note(endpoint, 'outputFilter', 'not-enforced', `${name} asks about requests alone`, at);
    else note(endpoint, 'outputFilter', 'delegated', `${name} asks about answers`, at);
  }
  if (name === 'ai-semantic-response-guard')
    note(endpoint, 'outputFilter', 'delegated', `${name} has a model compare answers`, place);
}

/** What form a request must have. */
function requestForm(name: string, config: ConfigNode | undefined, place: TextRange, endpoint: Endpoint): void {
  if (name === 'ai-prompt-guard') {
    const patterns = ['allow_patterns', 'deny_patterns'].flatMap((key) => itemsAt(config, key));
    if (patterns.length > 0) note(endpoint, 'schema', 'enforced', `${name}: chats and prompts, by patterns`, place);
    return;
  }
  if (name === 'ai-semantic-prompt-guard')
    return note(endpoint, 'schema', 'delegated', `${name} has a model compare prompts`, place);
  // Native formats of providers, and `preserve`, are handed on as they come.
  if ((textAt(config, 'llm_format') ?? 'openai') !== 'openai') return;
  const routes =
    name === 'ai-proxy'
      ? [leafAt(config, 'route_type')]
      : name === 'ai-proxy-advanced'
        ? itemsAt(config, 'targets').map((target) => leafAt(target, 'route_type'))
        : [];
  const [first] = routes;
  if (first && routes.every((route) => forms.test(String(route?.value))))
    note(endpoint, 'schema', 'enforced', `${name}: nothing but ${String(first.value)}`, first.range);
}
