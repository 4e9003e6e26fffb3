import { dealias, itemsAt, leafAt, nodeAt, textAt } from '../formats/text/configTree.ts';
import { isFalse, isTrue } from '../formats/text/dynamicValue.ts';
import type { ConfigNode } from '../formats/text/facts.ts';
import { kongAdditions } from './additions.ts';
import { applyAiPlugin } from './kongAi.ts';
import { lineOf } from '../formats/text/ranges.ts';
import { endpointOf, note, reachOf, type ControlName, type Endpoint, type Posture, type Weakness } from './facts.ts';

/** What Kong's plugins do. Source: docs.konghq.com, plugin hub; those marked Enterprise do not load in Kong OSS. */
const plugins: Readonly<Record<string, readonly ControlName[]>> = {
  'key-auth': ['authentication'],
  'key-auth-enc': ['authentication'],
  jwt: ['authentication'],
  oauth2: ['authentication'],
  'oauth2-introspection': ['authentication'],
  'hmac-auth': ['authentication'],
  'basic-auth': ['authentication'],
  'ldap-auth': ['authentication'],
  'ldap-auth-advanced': ['authentication'],
  'openid-connect': ['authentication'],
  saml: ['authentication'],
  'mtls-auth': ['authentication', 'clientCertificate'],
  'rate-limiting': ['clientRateLimit'],
  'rate-limiting-advanced': ['clientRateLimit'],
  'ai-rate-limiting-advanced': ['clientRateLimit', 'modelRateLimit'],
  'request-size-limiting': ['sizeLimit'],
  'request-validator': ['schema'],
  'oas-validation': ['schema'],
  'json-threat-protection': ['schema'],
  'http-log': ['structuredLog'],
  'file-log': ['structuredLog'],
  'tcp-log': ['structuredLog'],
  'kafka-log': ['structuredLog'],
  opentelemetry: ['structuredLog'],
};

/** Services of a declarative configuration of Kong, with the plugins of every scope that holds for them. */
export function kongPosture(document: ConfigNode): Posture {
  const weaknesses: Weakness[] = [];
  const global = itemsAt(document, 'plugins').filter(
    (plugin) => !nodeAt(plugin, 'service') && !nodeAt(plugin, 'route') && !nodeAt(plugin, 'consumer'),
  );
  const scoped = (key: string, name: string | undefined) =>
    itemsAt(document, 'plugins').filter(
      (plugin) => name !== undefined && (textAt(plugin, key) ?? textAt(plugin, key, 'name')) === name,
    );
  const endpoints = itemsAt(document, 'services').map((item) => {
    const service = dealias(item) ?? item;
    const name = textAt(item, 'name') ?? textAt(item, 'host') ?? 'service';
    const endpoint = endpointOf('Kong', name, lineOf(leafAt(item, 'name')?.range ?? service.range));
    endpoint.reach = 'network';
    endpoint.additions = kongAdditions(item);
    const routes = itemsAt(item, 'routes');
    const own = [...global, ...itemsAt(item, 'plugins'), ...scoped('service', textAt(item, 'name'))];
    for (const plugin of own) applyPlugin(plugin, endpoint, weaknesses);
    // What stands at each route holds for the service; what stands at some does not.
    const perRoute = routes.map((route) => {
      const at = endpointOf('Kong', name, endpoint.range);
      for (const plugin of [...itemsAt(route, 'plugins'), ...scoped('route', textAt(route, 'name'))])
        applyPlugin(plugin, at, weaknesses);
      return at;
    });
    for (const control of [
      'authentication',
      'clientRateLimit',
      'modelRateLimit',
      'sizeLimit',
      'schema',
      'outputFilter',
      'structuredLog',
    ] as const) {
      const states = perRoute.map((at) => at.controls[control]);
      const [first] = states;
      if (first?.range && states.every(({ state }) => state === first.state))
        note(endpoint, control, first.state, first.says, first.range);
    }
    const timeout = leafAt(item, 'read_timeout');
    note(
      endpoint,
      'timeout',
      'enforced',
      timeout ? `read_timeout: ${String(timeout.value)}` : 'a minute, which is the default',
      timeout?.range ?? endpoint.range,
    );
    checkRoutes(item, routes, endpoint, weaknesses);
    return endpoint;
  });
  return { endpoints, weaknesses: distinct(weaknesses) };
}

function distinct(weaknesses: Weakness[]): Weakness[] {
  const seen = new Set<string>();
  return weaknesses.filter(({ kind, range }) => {
    const key = `${kind} ${range.line}:${range.column}`;
    return !seen.has(key) && seen.add(key);
  });
}

function applyPlugin(plugin: ConfigNode, endpoint: Endpoint, weaknesses: Weakness[]): void {
  const name = textAt(plugin, 'name') ?? '';
  const place = leafAt(plugin, 'name')?.range;
  const controls = Object.hasOwn(plugins, name) ? (plugins[name] ?? []) : [];
  if (!place || isFalse(leafAt(plugin, 'enabled')?.value)) return;
  const config = nodeAt(plugin, 'config');
  const anonymous = leafAt(config, 'anonymous');
  const isOpen =
    controls.includes('authentication') &&
    anonymous !== undefined &&
    anonymous.value !== null &&
    anonymous.value !== '';
  const logOnly = leafAt(config, 'enforcement_mode')?.value === 'log_only';
  const faults = name.startsWith('rate-limiting') ? leafAt(config, 'fault_tolerant') : undefined;
  for (const control of controls) note(endpoint, control, isOpen || logOnly ? 'not-enforced' : 'enforced', name, place);
  if (isOpen && anonymous) {
    weaknesses.push({
      kind: 'auth-not-enforced',
      severity: 'warning',
      message: `${name} lets requests without credentials pass as an anonymous consumer. Take \`anonymous\` out, or end them with request-termination.`,
      range: anonymous.range,
    });
  }
  if (logOnly) {
    weaknesses.push({
      kind: 'schema-not-enforced',
      severity: 'warning',
      message: `${name} only logs requests that break the schema (enforcement_mode: log_only). Set it to enforce.`,
      range: leafAt(config, 'enforcement_mode')?.range ?? place,
    });
  }
  if (faults && isTrue(faults.value) && textAt(config, 'policy') === 'redis') {
    weaknesses.push({
      kind: 'rate-limit-not-enforced',
      severity: 'info',
      message: `${name} limits nothing while its store does not answer (fault_tolerant: true). Set it to false where the limit protects money.`,
      range: faults.range,
    });
  }
  const payloads = leafAt(config, 'logging', 'log_payloads') ?? leafAt(config, 'log_payloads');
  if (payloads && isTrue(payloads.value)) {
    weaknesses.push({
      kind: 'payload-logging',
      severity: 'warning',
      message:
        'Writes prompts and answers into the log (log_payloads: true). Set it to false, or keep that log as the data that it is.',
      range: payloads.range,
      fix: { id: 'set-safe-value', title: 'Log no payloads', range: payloads.range, newText: 'false' },
    });
  }
  if (name === 'cors') corsWeakness(config, place, weaknesses);
  applyAiPlugin(name, config, place, endpoint);
  if (/^(?:pre|post)-function$/.test(name)) {
    weaknesses.push({
      kind: 'dynamic-code',
      severity: 'info',
      message: `${name} runs Lua that stands in the configuration. Read it as code.`,
      range: place,
    });
  }
}

/**
 * Origins of the `cors` plugin. Left out they are all; an item is compared as it is, or as a pattern where it holds more than letters, digits, `.`, `-`, `/` and `:`.
 * With `*` and `credentials` Kong answers with the origin that asked (source: kong/plugins/cors/handler.lua), so that a browser sends cookies along.
 */
function corsWeakness(config: ConfigNode | undefined, place: Endpoint['range'], weaknesses: Weakness[]): void {
  const origins = nodeAt(config, 'origins');
  const leaves =
    origins?.kind === 'sequence' ? origins.items.map((_, index) => leafAt(origins, index)) : [leafAt(origins)];
  const star = leaves.find(
    (leaf) => typeof leaf?.value === 'string' && /^(?:\*|\^?(?:https?\??:\/\/)?\.[*+]\$?)$/.test(leaf.value),
  );
  if (origins && !star) return;
  const credentials = leafAt(config, 'credentials');
  const signedIn = isTrue(credentials?.value);
  weaknesses.push({
    kind: 'cors-star',
    severity: signedIn ? 'error' : 'warning',
    message: signedIn
      ? 'Every web page may call this endpoint with the cookies and passwords of who looks at it (CORS: any origin, with credentials). Name the origins.'
      : `Every web page may call this endpoint (CORS${origins ? '' : ': without origins it is all of them'}). Name the origins.`,
    range: star?.range ?? place,
  });
}

function checkRoutes(
  service: ConfigNode,
  routes: readonly ConfigNode[],
  endpoint: Endpoint,
  weaknesses: Weakness[],
): void {
  for (const route of routes) {
    const protocols = itemsAt(route, 'protocols').flatMap((_, index) => leafAt(route, 'protocols', index)?.value ?? []);
    const secure = protocols.length > 0 && protocols.every((each) => /^(?:https|grpcs|tls)$/.test(String(each)));
    const place = lineOf(nodeAt(route, 'protocols')?.range ?? leafAt(route, 'name')?.range ?? route.range);
    if (secure) note(endpoint, 'tls', 'enforced', 'only https is routed', place);
    else if (leafAt(route, 'https_redirect_status_code') && protocols.length > 0)
      note(endpoint, 'tls', 'not-enforced', 'http is routed, too', place);
  }
  const verify = leafAt(service, 'tls_verify');
  const url = textAt(service, 'url') ?? `${textAt(service, 'protocol') ?? ''}://`;
  if (verify && isFalse(verify.value) && /^(?:https|grpcs)/.test(url)) {
    weaknesses.push({
      kind: 'upstream-unverified',
      severity: 'warning',
      message: `The certificate of the upstream of ${JSON.stringify(endpoint.name)} is not checked (tls_verify: false). Set it to true, and name the authority (ca_certificates).`,
      range: verify.range,
      fix: { id: 'set-safe-value', title: "Check the upstream's certificate", range: verify.range, newText: 'true' },
    });
  }
}

/** The server's own configuration. Defaults as in `kong.conf.default`. */
export function kongConfPosture(document: ConfigNode): Posture {
  const root = dealias(document);
  const proxy = leafAt(document, 'proxy_listen');
  const admin = leafAt(document, 'admin_listen');
  const size = leafAt(document, 'nginx_http_client_max_body_size');
  const weaknesses: Weakness[] = [];
  const place = proxy?.range ?? admin?.range ?? lineOf(root?.range ?? document.range);
  const endpoint = endpointOf('Kong server', 'proxy', place);
  endpoint.reach = 'network';
  // Services stand elsewhere: what they are protected by is not visible in this file.
  endpoint.complete = false;
  if (
    typeof proxy?.value === 'string' &&
    !proxy.value.split(',').some((each) => !/\bssl\b/.test(each) && each.trim() !== 'off')
  )
    note(endpoint, 'tls', 'enforced', 'all listeners speak TLS', proxy.range);
  if (size)
    note(
      endpoint,
      'sizeLimit',
      String(size.value) === '0' ? 'not-enforced' : 'enforced',
      `client_max_body_size ${String(size.value)}`,
      size.range,
    );
  const lua = leafAt(document, 'untrusted_lua');
  if (lua?.value === 'on') unconfinedLua(lua.range, weaknesses);
  // Kong Manager speaks to the admin interface. One that others reach counts for both.
  const listeners = [admin, leafAt(document, 'admin_gui_listen')].filter((each) => typeof each?.value === 'string');
  const open = listeners.filter((each) => reached(String(each?.value)).length > 0);
  for (const each of open.length > 0 ? open : listeners)
    if (each) exposed(String(each.value), each.range, each.innerRange, endpoint, weaknesses);
  return { endpoints: [endpoint], weaknesses };
}

/** Listeners that others reach. */
function reached(value: string): string[] {
  return value
    .split(',')
    .filter((each) => each.trim() !== 'off' && reachOf(each.trim().split(/\s/)[0] ?? '') === 'network');
}

/** An `admin_listen` of Kong that others reach. */
export function exposed(
  value: string,
  range: Endpoint['range'],
  innerRange: Endpoint['range'],
  endpoint: Endpoint,
  weaknesses: Weakness[],
): void {
  const open = reached(value);
  note(endpoint, 'admin', open.length > 0 ? 'not-enforced' : 'enforced', `listens on ${value}`, range);
  if (open.length === 0) return;
  weaknesses.push({
    kind: 'admin-exposed',
    severity: 'error',
    message: `Kong's admin interface listens on ${JSON.stringify(open[0]?.trim() ?? '')}: who reaches it routes your traffic elsewhere. Bind it to 127.0.0.1.`,
    range,
    fix: {
      id: 'bind-loopback',
      title: 'Bind the admin interface to 127.0.0.1',
      range: innerRange,
      newText: value.replaceAll(/(?:0\.0\.0\.0|\[::\])(?=:)/g, '127.0.0.1'),
    },
  });
}

/** `untrusted_lua = on`, in the file or as a variable. */
export function unconfinedLua(range: Endpoint['range'], weaknesses: Weakness[]): void {
  weaknesses.push({
    kind: 'dynamic-code',
    severity: 'warning',
    message:
      'Lets Lua of the configuration out of its sandbox (untrusted_lua: on): whoever may write a plugin runs commands on the gateway. Take it out, and name the modules that it may load (untrusted_lua_sandbox_requires).',
    range,
  });
}
