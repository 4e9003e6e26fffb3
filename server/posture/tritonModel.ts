import { dealias, entryOf, leafAt, nodeAt } from '../formats/text/configTree.ts';
import type { ConfigNode } from '../formats/text/facts.ts';
import { lineOf } from '../formats/text/ranges.ts';
import { endpointOf, note, type Endpoint, type Posture, type Weakness } from './facts.ts';

/** A model of Triton: its own configuration bounds queues, and may bring code. */
export function tritonModelPosture(document: ConfigNode): Posture {
  const weaknesses: Weakness[] = [];
  const name = leafAt(document, 'name') ?? leafAt(document, 'backend') ?? leafAt(document, 'platform');
  const root = dealias(document);
  const endpoint = endpointOf(
    'Triton model',
    String(name?.value ?? 'model'),
    lineOf(name?.range ?? root?.range ?? document.range),
  );
  endpoint.complete = false;
  queue(document, endpoint);
  const all = nodeAt(document, 'version_policy', 'all');
  const policy = entryOf(document, 'version_policy');
  if (all && policy)
    weaknesses.push({
      kind: 'model-control-exposed',
      severity: 'info',
      message:
        'Serves every version that lies in the repository (version_policy: all): one that was withdrawn still answers whoever asks for it. Name the versions (specific), or leave it out for the latest.',
      range: policy.keyRange,
    });
  for (const parameter of root?.kind === 'mapping' ? root.entries.filter(({ key }) => key === 'parameters') : []) {
    const key = leafAt(parameter.value, 'key');
    if (key?.value === 'EXECUTION_ENV_PATH')
      weaknesses.push({
        kind: 'dynamic-code',
        severity: 'info',
        message:
          'The model brings an environment of its own (EXECUTION_ENV_PATH), whose code runs in the server. Read what is in it, and record its hash.',
        range: key.range,
      });
  }
  return { endpoints: [endpoint], weaknesses };
}

/** How long requests wait, and how many. Source: `ModelQueuePolicy` in Triton's model_config.proto. */
function queue(document: ConfigNode, endpoint: Endpoint): void {
  const batching = entryOf(document, 'dynamic_batching');
  const policy = nodeAt(batching?.value, 'default_queue_policy');
  const size = leafAt(policy, 'max_queue_size');
  const timeout = leafAt(policy, 'default_timeout_microseconds');
  const action = leafAt(policy, 'timeout_action');
  if (size && size.value !== 0)
    note(endpoint, 'modelRateLimit', 'enforced', `max_queue_size ${String(size.value)}`, size.range);
  else if (batching)
    note(
      endpoint,
      'modelRateLimit',
      'not-enforced',
      'as many requests wait as come in (max_queue_size)',
      size?.range ?? batching.keyRange,
    );
  if (!timeout) return;
  const delays = action?.value === 'DELAY' || action?.value === 1;
  note(
    endpoint,
    'timeout',
    delays || timeout.value === 0 ? 'not-enforced' : 'enforced',
    delays
      ? 'who has waited too long waits behind the others (timeout_action: DELAY)'
      : `default_timeout_microseconds ${String(timeout.value)}`,
    delays ? action.range : timeout.range,
  );
}
