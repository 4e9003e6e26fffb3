import { dealias, itemsAt, leafAt, mappingsIn, nodeAt, textAt } from '../formats/text/configTree.ts';
import { isTrue } from '../formats/text/dynamicValue.ts';
import type { ConfigMapping, ConfigNode, TextRange } from '../formats/text/facts.ts';
import { lineOf } from '../formats/text/ranges.ts';
import { envoyAdditions } from './additions.ts';
import { checkCluster, downstreamTls, typeOf } from './envoyTls.ts';
import { edgeWeakness, isOutbound, type Edge } from './envoyEdge.ts';
import { endpointOf, note, reachOf, type Endpoint, type Posture, type Weakness } from './facts.ts';

/**
 * Listeners of an Envoy bootstrap (v3). Keys as in the API reference: `envoy.config.listener.v3.Listener`,
 * `HttpConnectionManager`, and the filters' own messages, told by their `@type`.
 */
export function envoyPosture(document: ConfigNode): Posture {
  const weaknesses: Weakness[] = [];
  const resources = nodeAt(document, 'static_resources') ?? nodeAt(document, 'staticResources');
  const discovered = nodeAt(document, 'dynamic_resources') !== undefined;
  const edges: Edge[] = [];
  const endpoints = itemsAt(resources, 'listeners').map((item) => listenerOf(item, discovered, weaknesses, edges));
  weaknesses.push(...edgeWeakness(document, edges));
  const admin = leafAt(document, 'admin', 'address', 'socket_address', 'address');
  if (admin && typeof admin.value === 'string') {
    const local = reachOf(admin.value) === 'loopback';
    for (const endpoint of endpoints)
      note(endpoint, 'admin', local ? 'enforced' : 'not-enforced', `listens on ${admin.value}`, admin.range);
    if (reachOf(admin.value) === 'network') {
      weaknesses.push({
        kind: 'admin-exposed',
        severity: 'error',
        message: `Envoy's admin interface listens on ${admin.value}: who reaches it reads keys and configuration, and stops the server. Bind it to 127.0.0.1.`,
        range: admin.range,
        fix: {
          id: 'bind-loopback',
          title: 'Bind the admin interface to 127.0.0.1',
          range: admin.innerRange,
          newText: '127.0.0.1',
        },
      });
    }
  }
  for (const cluster of itemsAt(resources, 'clusters')) checkCluster(cluster, weaknesses);
  for (const { node } of mappingsIn(document)) {
    const key = leafAt(node, 'private_key', 'inline_string') ?? leafAt(node, 'private_key', 'inline_bytes');
    if (key && typeof key.value === 'string' && !/\$|\{\{/.test(key.value)) {
      weaknesses.push({
        kind: 'inline-private-key',
        severity: 'error',
        message:
          'The private key of a certificate stands in the configuration. Revoke the certificate, and name a file or a secret service (SDS).',
        range: { ...key.range, endLine: key.range.line, endColumn: key.range.column + 1 },
      });
    }
  }
  return { endpoints, weaknesses };
}

function listenerOf(item: ConfigNode, discovered: boolean, weaknesses: Weakness[], edges: Edge[]): Endpoint {
  const listener = dealias(item);
  const address = leafAt(item, 'address', 'socket_address', 'address');
  const port = leafAt(item, 'address', 'socket_address', 'port_value');
  const name = textAt(item, 'name') ?? `${String(address?.value ?? 'listener')}:${String(port?.value ?? '')}`;
  const endpoint = endpointOf(
    'Envoy',
    name,
    lineOf(leafAt(item, 'name')?.range ?? address?.range ?? listener?.range ?? item.range),
  );
  if (typeof address?.value === 'string') endpoint.reach = reachOf(address.value);
  endpoint.complete = !discovered;
  const chains = [
    ...itemsAt(item, 'filter_chains'),
    ...(nodeAt(item, 'default_filter_chain') ? [nodeAt(item, 'default_filter_chain') as ConfigNode] : []),
  ];
  for (const chain of chains) {
    downstreamTls(chain, endpoint, weaknesses);
    for (const filter of itemsAt(chain, 'filters')) {
      const config = nodeAt(filter, 'typed_config');
      if (config && typeOf(config).endsWith('HttpConnectionManager')) {
        connectionManager(config, endpoint, weaknesses);
        if (endpoint.reach === 'network' && !isOutbound(item)) edges.push({ name, config, range: endpoint.range });
      } else if (typeOf(config).endsWith('.RBAC'))
        note(
          endpoint,
          'authentication',
          'delegated',
          'a network filter decides by rules',
          config?.range ?? endpoint.range,
        );
    }
  }
  return endpoint;
}

/** What a filter does for an endpoint, by the end of its type. */
const authFilters = /(?:JwtAuthentication|ExtAuthz|OAuth2|ApiKeyAuth|BasicAuth)$/;
const delegating = /(?:ExternalProcessor|Wasm|golang\.v3alpha\.Config|Lua|GrpcJsonTranscoder)$/;

function connectionManager(config: ConfigNode, endpoint: Endpoint, weaknesses: Weakness[]): void {
  endpoint.additions ??= envoyAdditions(config);
  if (nodeAt(config, 'rds')) endpoint.complete = false;
  for (const item of itemsAt(config, 'http_filters')) {
    const filter = nodeAt(item, 'typed_config');
    const type = typeOf(filter);
    if (type.endsWith('Router')) break;
    if (!filter || isTrue(leafAt(item, 'disabled')?.value)) continue;
    const place = lineOf(leafAt(item, 'name')?.range ?? filter.range);
    if (nodeAt(item, 'config_discovery')) endpoint.complete = false;
    if (authFilters.test(type)) authentication(filter, type, endpoint, weaknesses, place);
    else if (/LocalRateLimit$/.test(type)) localRateLimit(filter, endpoint, weaknesses, place);
    else if (/ratelimit\.v3\.RateLimit$/.test(type)) {
      const says = isTrue(leafAt(filter, 'failure_mode_deny')?.value)
        ? 'a rate limit service is asked'
        : 'a rate limit service is asked; while it does not answer, all pass';
      note(endpoint, 'clientRateLimit', 'delegated', says, place);
      note(endpoint, 'modelRateLimit', 'delegated', says, place);
    } else if (/Buffer$/.test(type)) {
      const limit = leafAt(filter, 'max_request_bytes');
      if (limit) note(endpoint, 'sizeLimit', 'enforced', `max_request_bytes: ${String(limit.value)}`, limit.range);
    } else if (/RBAC$/.test(type)) {
      const shadow = nodeAt(filter, 'rules') === undefined && nodeAt(filter, 'shadow_rules') !== undefined;
      note(
        endpoint,
        'authentication',
        shadow ? 'not-enforced' : 'delegated',
        shadow ? 'rules are only tried (shadow_rules)' : 'rules decide, by what the request says',
        place,
      );
    } else if (delegating.test(type)) {
      note(endpoint, 'schema', 'delegated', 'a filter of its own reads the request', place);
      note(endpoint, 'outputFilter', 'delegated', 'a filter of its own reads the answer', place);
    }
  }
  logsAndTimes(config, endpoint);
  for (const { node } of mappingsIn(config)) bypasses(node, endpoint, weaknesses);
}

function authentication(
  filter: ConfigMapping | ConfigNode,
  type: string,
  endpoint: Endpoint,
  weaknesses: Weakness[],
  place: TextRange,
): void {
  if (type.endsWith('ExtAuthz')) {
    const open = leafAt(filter, 'failure_mode_allow');
    note(
      endpoint,
      'authentication',
      open && isTrue(open.value) ? 'not-enforced' : 'delegated',
      'an authorization service is asked',
      place,
    );
    if (nodeAt(filter, 'with_request_body'))
      note(endpoint, 'schema', 'delegated', 'the authorization service sees the body', place);
    if (!open || !isTrue(open.value)) return;
    weaknesses.push({
      kind: 'auth-not-enforced',
      severity: 'error',
      message: `${JSON.stringify(endpoint.name)} lets everybody in while its authorization service does not answer (failure_mode_allow: true). Set it to false.`,
      range: open.range,
      fix: {
        id: 'set-safe-value',
        title: 'Let nobody in while the service does not answer',
        range: open.range,
        newText: 'false',
      },
    });
    return;
  }
  if (!type.endsWith('JwtAuthentication')) {
    note(endpoint, 'authentication', 'enforced', type.replace(/^.*\./, ''), place);
    return;
  }
  const rules = itemsAt(filter, 'rules').filter(
    (rule) => nodeAt(rule, 'requires') !== undefined || nodeAt(rule, 'requirement_name') !== undefined,
  );
  const loose = [...mappingsIn(filter)].flatMap(({ node }) =>
    node.entries.filter(({ key }) => key === 'allow_missing' || key === 'allow_missing_or_failed'),
  );
  note(
    endpoint,
    'authentication',
    rules.length > 0 && loose.length === 0 ? 'enforced' : 'not-enforced',
    'JSON web tokens',
    place,
  );
  const [first] = loose;
  if (first) {
    weaknesses.push({
      kind: 'auth-not-enforced',
      severity: 'warning',
      message: `${JSON.stringify(endpoint.name)} lets requests without a token pass (${first.key}). Take it out, or protect what is behind it otherwise.`,
      range: first.keyRange,
    });
  }
}

function localRateLimit(filter: ConfigNode, endpoint: Endpoint, weaknesses: Weakness[], place: TextRange): void {
  const bucket = nodeAt(filter, 'token_bucket');
  const share = (key: string): number =>
    Number(leafAt(filter, key, 'default_value', 'numerator')?.value ?? (nodeAt(filter, key) ? NaN : 0));
  const [enabled, enforced] = [share('filter_enabled'), share('filter_enforced')];
  // Without a bucket of its own the filter only serves routes that bring one.
  if (!bucket) return;
  const holds = enabled !== 0 && enforced !== 0;
  note(endpoint, 'clientRateLimit', holds ? 'enforced' : 'not-enforced', 'a local rate limit', place);
  if (holds) return;
  weaknesses.push({
    kind: 'rate-limit-not-enforced',
    severity: 'error',
    message: `The rate limit of ${JSON.stringify(endpoint.name)} limits nothing: ${enabled === 0 ? 'filter_enabled' : 'filter_enforced'} is missing or 0, which is the default. Set both to 100 per cent.`,
    range: place,
  });
}

function logsAndTimes(config: ConfigNode, endpoint: Endpoint): void {
  for (const log of itemsAt(config, 'access_log')) {
    const typed = nodeAt(log, 'typed_config');
    const format = nodeAt(typed, 'log_format');
    const place = lineOf(leafAt(log, 'name')?.range ?? log.range);
    const structured =
      nodeAt(format, 'json_format') ?? nodeAt(typed, 'json_format') ?? nodeAt(typed, 'typed_json_format');
    if (structured) note(endpoint, 'structuredLog', 'enforced', 'JSON', place);
    else if (/OpenTelemetry|GrpcAccessLog/.test(typeOf(typed)))
      note(endpoint, 'structuredLog', 'delegated', 'a log service is told', place);
    else note(endpoint, 'structuredLog', 'not-enforced', 'lines of text', place);
  }
  for (const path of [['request_timeout'], ['stream_idle_timeout'], ['common_http_protocol_options', 'idle_timeout']]) {
    const leaf = leafAt(config, ...path);
    if (leaf)
      note(
        endpoint,
        'timeout',
        /^0+s?$/.test(String(leaf.value)) ? 'not-enforced' : 'enforced',
        `${path.at(-1) ?? ''}: ${String(leaf.value)}`,
        leaf.range,
      );
  }
  for (const { node } of mappingsIn(config)) {
    const leaf = leafAt(node, 'route', 'timeout');
    if (leaf)
      note(
        endpoint,
        'timeout',
        /^0+s?$/.test(String(leaf.value)) ? 'not-enforced' : 'enforced',
        `route timeout: ${String(leaf.value)}`,
        leaf.range,
      );
    const limits = itemsAt(node, 'rate_limits');
    if (limits.length > 0 && limits[0])
      note(endpoint, 'modelRateLimit', 'delegated', 'the route has rate limits', lineOf(limits[0].range));
  }
}

/** Filters that a route turns off. */
function bypasses(node: ConfigMapping, endpoint: Endpoint, weaknesses: Weakness[]): void {
  const perFilter = nodeAt(node, 'typed_per_filter_config');
  for (const { value } of perFilter?.kind === 'mapping' ? perFilter.entries : []) {
    const disabled = leafAt(value, 'disabled');
    if (!/(?:Authz|Jwt|ApiKey|BasicAuth|JwtAuthn)\w*$/i.test(typeOf(value)) || !disabled || !isTrue(disabled.value))
      continue;
    const path = textAt(node, 'match', 'path') ?? textAt(node, 'match', 'prefix') ?? '';
    if (/health|ready|live|ping|metrics/i.test(path)) continue;
    weaknesses.push({
      kind: 'auth-not-enforced',
      severity: 'warning',
      message: `A route of ${JSON.stringify(endpoint.name)}${path ? ` (${path})` : ''} turns authentication off. Take it out, or say who may come that way.`,
      range: disabled.range,
    });
  }
  for (const key of ['allow_origin_string_match', 'allow_origin']) {
    for (const item of itemsAt(node, key)) {
      const leaf =
        leafAt(item, 'exact') ??
        leafAt(item, 'prefix') ??
        (dealias(item)?.kind === 'scalar'
          ? leafAt({ kind: 'sequence', items: [item], range: item.range, flow: true }, 0)
          : undefined);
      if (leaf && (leaf.value === '*' || leaf.value === '')) {
        weaknesses.push({
          kind: 'cors-star',
          severity: 'warning',
          message: 'Every web page may call this endpoint with the visitor’s rights (CORS). Name the origins.',
          range: leaf.range,
        });
      }
    }
  }
}
