import { entryOf, itemsAt, leafAt, nodeAt, textAt } from '../formats/text/configTree.ts';
import { isFalse, isTrue } from '../formats/text/dynamicValue.ts';
import type { ConfigNode } from '../formats/text/facts.ts';
import { lineOf } from '../formats/text/ranges.ts';
import { keyOf, secretAt } from '../formats/text/vllmStack.ts';
import { endpointOf, note, type Endpoint, type Posture } from './facts.ts';

/**
 * The router of vLLM's production stack, through which requests come to its models; the models are servers that are started. Source:
 * github.com/vllm-project/production-stack, helm/values.yaml and helm/templates/deployment-router.yaml.
 */
export function vllmStackPosture(document: ConfigNode): Posture {
  const router = nodeAt(document, 'routerSpec');
  if (isFalse(leafAt(router, 'enableRouter')?.value)) return { endpoints: [], weaknesses: [] };
  const place = entryOf(document, 'routerSpec') ?? entryOf(document, 'servingEngineSpec');
  const endpoint = endpointOf('vLLM router', 'router', place?.keyRange ?? lineOf(document.range));
  const type = textAt(router, 'serviceType') ?? 'ClusterIP';
  const behind =
    isTrue(leafAt(router, 'ingress', 'enabled')?.value) || isTrue(leafAt(router, 'route', 'main', 'enabled')?.value);
  const open = /^(?:LoadBalancer|NodePort)$/.test(type) && !isInternal(nodeAt(router, 'serviceAnnotations'));
  // What stands in front of a service of the cluster, or of an ingress, is another object.
  endpoint.complete = open && !behind;
  if (open || behind) endpoint.reach = 'network';
  const engines = !isFalse(leafAt(document, 'servingEngineSpec', 'enableEngine')?.value);
  const [key] = engines ? keyOf(document) : secretAt(document, 'VLLM_API_KEY', 'routerSpec', 'vllmApiKey');
  if (key)
    note(
      endpoint,
      'authentication',
      'not-enforced',
      'the engines ask for a key at /v1 alone; other paths stay open',
      key.range,
    );
  const tls = nodeAt(router, 'ingress', 'tls');
  if (tls && itemsAt(router, 'ingress', 'tls').length > 0)
    note(endpoint, 'tls', 'delegated', 'the ingress ends TLS', lineOf(tls.range));
  annotations(nodeAt(router, 'ingress', 'annotations'), endpoint);
  return { endpoints: [endpoint], weaknesses: [] };
}

/** What the ingress of nginx is told to ask. Source: kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations. */
function annotations(node: ConfigNode | undefined, endpoint: Endpoint): void {
  for (const { key, value } of node?.kind === 'mapping' ? node.entries : []) {
    const [, name = ''] = /^nginx\.ingress\.kubernetes\.io\/([\w-]+)$/.exec(key) ?? [];
    const says = `${name} ${textAt(node, key) ?? ''}`;
    const line = lineOf(value.range);
    if (/^auth-(?:url|type)$/.test(name)) note(endpoint, 'authentication', 'delegated', says, line);
    else if (name === 'auth-tls-secret') note(endpoint, 'clientCertificate', 'delegated', says, line);
    else if (/^limit-(?:rps|rpm|connections)$/.test(name)) note(endpoint, 'clientRateLimit', 'enforced', says, line);
    else if (name === 'proxy-body-size')
      note(endpoint, 'sizeLimit', /\s0+[kmg]?$/i.test(says) ? 'not-enforced' : 'enforced', says, line);
  }
}

/** Load balancers of clouds that are told to stay inside (`...-load-balancer-internal: "true"`, `...-scheme: internal`). */
function isInternal(node: ConfigNode | undefined): boolean {
  return (
    node?.kind === 'mapping' &&
    node.entries.some(({ key }) => {
      const value = leafAt(node, key)?.value;
      return (/internal/i.test(key) && isTrue(value)) || /^internal$/i.test(String(value));
    })
  );
}
