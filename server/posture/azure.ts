import { leafAt, textAt } from '../formats/text/configTree.ts';
import { isTrue } from '../formats/text/dynamicValue.ts';
import type { ConfigNode } from '../formats/text/facts.ts';
import { lineOf } from '../formats/text/ranges.ts';
import { endpointOf, note, type Posture } from './facts.ts';

/** Online endpoints of Azure ML, and their deployments. Source: the CLI (v2) YAML schemas, learn.microsoft.com/azure/machine-learning. */
export function azurePosture(document: ConfigNode): Posture {
  const schema = textAt(document, '$schema') ?? '';
  if (!/(?:managed|kubernetes)Online(?:Endpoint|Deployment)/i.test(schema)) return { endpoints: [], weaknesses: [] };
  const name = leafAt(document, 'name') ?? leafAt(document, '$schema');
  const endpoint = endpointOf(
    'Azure ML',
    textAt(document, 'name') ?? 'endpoint',
    lineOf(name?.range ?? document.range),
  );
  // Gateways in front, and the workspace behind it, are said elsewhere.
  endpoint.complete = false;
  const open = leafAt(document, 'public_network_access');
  if (open) endpoint.reach = open.value === 'disabled' ? 'unknown' : 'network';
  const auth = leafAt(document, 'auth_mode');
  if (auth)
    note(
      endpoint,
      'authentication',
      'enforced',
      auth.value === 'key' ? 'a key, which does not expire' : `auth_mode: ${String(auth.value)}`,
      auth.range,
    );
  if (/managedOnline/i.test(schema)) note(endpoint, 'tls', 'enforced', 'Azure ends TLS', endpoint.range);
  const timeout = leafAt(document, 'request_settings', 'request_timeout_ms');
  if (timeout) note(endpoint, 'timeout', 'enforced', `request_timeout_ms: ${String(timeout.value)}`, timeout.range);
  const many = leafAt(document, 'request_settings', 'max_concurrent_requests_per_instance');
  if (many)
    note(
      endpoint,
      'modelRateLimit',
      'enforced',
      `max_concurrent_requests_per_instance: ${String(many.value)}`,
      many.range,
    );
  const insights = leafAt(document, 'app_insights_enabled');
  if (insights && isTrue(insights.value))
    note(endpoint, 'structuredLog', 'delegated', 'Application Insights is told', insights.range);
  return { endpoints: [endpoint], weaknesses: [] };
}
