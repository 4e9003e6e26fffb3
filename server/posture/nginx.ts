import type { NginxDirective } from '../formats/text/facts.ts';
import { nginxAdditions } from './additions.ts';
import { lineOf } from '../formats/text/ranges.ts';
import { anyOrigins, corsWeaknesses } from './nginxCors.ts';
import { openStatus } from './nginxStatus.ts';
import { endpointOf, mostEndpoints, note, reachOf, type Endpoint, type Posture, type Weakness } from './facts.ts';

/** Servers of an nginx configuration, with what the blocks around them hand down. Source: nginx.org/en/docs/, per module. */
export function nginxPosture(directives: readonly NginxDirective[]): Posture {
  const weaknesses: Weakness[] = [];
  const endpoints: Endpoint[] = [];
  const includes = holds(
    directives,
    'include',
    (value) => !/mime\.types|fastcgi_params|proxy_params|uwsgi_params|modules/.test(value),
  );
  const limited = holds(directives, 'limit_req', () => true);
  const origins = anyOrigins(directives);
  const walk = (block: readonly NginxDirective[], above: readonly NginxDirective[]): void => {
    for (const directive of block) {
      if (directive.name === 'server' && directive.block) {
        const endpoint = serverOf(directive, above, { complete: !includes, limited, origins }, weaknesses);
        // One more than is kept, which tells that there are more.
        if (endpoints.length <= mostEndpoints) endpoints.push(endpoint);
      } else if ((directive.name === 'http' || directive.name === 'stream') && directive.block)
        walk(directive.block, [...above, ...handedDown(directive.block)]);
    }
  };
  walk(directives, handedDown(directives));
  return { endpoints, weaknesses };
}

/** `client_max_body_size 0` where requests are handed on: one place without a limit is enough. @param around the inner block last. */
function ofAnySize(
  locations: readonly NginxDirective[],
  around: readonly (readonly NginxDirective[])[],
): NginxDirective | undefined {
  const inherited = around.map((each) => own(each, 'client_max_body_size')).findLast((each) => each !== undefined);
  return locations
    .map(({ block }) => own(block ?? [], 'client_max_body_size') ?? inherited)
    .find((each) => /^0+[kmg]?$/i.test(each?.args[0]?.value ?? ''));
}

/** What a block hands down to the servers in it: not the other servers, of which there may be thousands. */
function handedDown(block: readonly NginxDirective[]): NginxDirective[] {
  return block.filter(({ name }) => name !== 'server' && name !== 'upstream');
}

function holds(block: readonly NginxDirective[], name: string, test: (value: string) => boolean): boolean {
  return block.some(
    (each) =>
      (each.name === name && each.args.some(({ value }) => test(value))) ||
      (each.block !== null && holds(each.block, name, test)),
  );
}

/** The last of its name in a block. */
function own(block: readonly NginxDirective[], name: string): NginxDirective | undefined {
  return block.findLast((each) => each.name === name);
}

function serverOf(
  server: NginxDirective,
  above: readonly NginxDirective[],
  { complete, limited, origins }: { complete: boolean; limited: boolean; origins: ReadonlySet<string> },
  weaknesses: Weakness[],
): Endpoint {
  const block = server.block ?? [];
  const listens = block.filter(({ name }) => name === 'listen');
  const names =
    own(block, 'server_name')
      ?.args.map(({ value }) => value)
      .filter((value) => value !== '_') ?? [];
  const title = [names[0] ?? 'server', ...listens.slice(0, 2).map(({ args }) => args[0]?.value ?? '')].join(' ');
  const endpoint = endpointOf('nginx', title, server.nameRange);
  endpoint.complete = complete;
  endpoint.additions = nginxAdditions(server);
  const addresses = listens.map(({ args }) => args[0]?.value ?? '80');
  const reaches = addresses.map((each) => (/^\d+$/.test(each) ? 'network' : reachOf(each)));
  endpoint.reach =
    reaches.includes('network') || reaches.length === 0
      ? 'network'
      : reaches.every((each) => each === 'loopback')
        ? 'loopback'
        : 'unknown';
  tls(listens, block, above, endpoint, weaknesses);
  const locations = allLocations(block);
  const proxied = locations.filter(({ block: inside }) => inside?.some(handsOn));
  if (own(block, 'proxy_pass')) proxied.push(server);
  const onlyAnswers =
    proxied.length === 0 &&
    !locations.some(({ block: inside }) => inside?.some(({ name }) => /^(?:root|alias|try_files)$/.test(name)));
  // A server that redirects or answers by itself lets nobody in.
  if (onlyAnswers) endpoint.complete = false;
  const anySize = ofAnySize(proxied.length > 0 ? proxied : [server], [above, block]);
  if (anySize) note(endpoint, 'sizeLimit', 'not-enforced', say(anySize), lineOf(anySize.range));
  for (const control of controls) {
    if (control.name === 'sizeLimit' && anySize) continue;
    const inherited = control.find(block) ?? control.find(above);
    const perLocation = proxied.map((location) => control.find(location.block ?? []) ?? inherited);
    const found = perLocation.length > 0 && perLocation.every(Boolean) ? perLocation : [inherited];
    for (const each of found)
      if (each) note(endpoint, control.name, control.state(each), say(each), lineOf(each.range));
  }
  if (endpoint.reach === 'network')
    weaknesses.push(
      ...openStatus(locations, [...above, ...block], endpoint, (scope) => controls[0]?.find(scope) !== undefined),
    );
  weaknesses.push(...corsWeaknesses(proxied, [above, block], origins));
  const around = saidOfLocations([...above, ...block]);
  for (const location of proxied) checkLocation(location, around, endpoint, weaknesses);
  if (!limited) checkLimits(above, proxied, endpoint, weaknesses);
  if (endpoint.controls.sizeLimit.state === 'not-visible')
    note(endpoint, 'sizeLimit', 'enforced', 'a megabyte, which is the default', server.nameRange);
  note(endpoint, 'timeout', 'enforced', 'a minute, which is the default', server.nameRange);
  return endpoint;
}

const passes = /^(?:proxy|grpc|fastcgi|uwsgi|scgi)_pass$/;

/** Whether a directive of a location hands requests on, in an `if` too. */
function handsOn({ name, block }: NginxDirective): boolean {
  return passes.test(name) || (name === 'if' && block?.some((inner) => passes.test(inner.name)) === true);
}

function say({ name, args }: NginxDirective): string {
  return [name, ...args.slice(0, 3).map(({ value }) => value)].join(' ');
}

interface NginxControl {
  name: 'authentication' | 'clientRateLimit' | 'sizeLimit' | 'structuredLog' | 'timeout' | 'schema';
  find: (block: readonly NginxDirective[]) => NginxDirective | undefined;
  state: (directive: NginxDirective) => 'enforced' | 'not-enforced' | 'delegated';
}

const controls: readonly NginxControl[] = [
  {
    name: 'authentication',
    find: (block) =>
      block.findLast(
        ({ name, args }) => /^(?:auth_request|auth_basic|auth_jwt|auth_digest)$/.test(name) && args[0]?.value !== 'off',
      ) ?? allowList(block),
    state: ({ name }) => (name === 'auth_request' ? 'delegated' : 'enforced'),
  },
  {
    name: 'clientRateLimit',
    find: (block) => block.findLast(({ name }) => name === 'limit_req' || name === 'limit_conn'),
    state: () => 'enforced',
  },
  {
    name: 'sizeLimit',
    find: (block) => own(block, 'client_max_body_size'),
    state: () => 'enforced',
  },
  {
    name: 'structuredLog',
    find: (block) => own(block, 'access_log'),
    state: ({ args }) =>
      args[0]?.value === 'off' ? 'not-enforced' : /json/i.test(args[1]?.value ?? '') ? 'enforced' : 'not-enforced',
  },
  {
    name: 'timeout',
    find: (block) =>
      block.findLast(({ name }) =>
        /^(?:client_body_timeout|client_header_timeout|proxy_read_timeout|send_timeout|grpc_read_timeout)$/.test(name),
      ),
    state: () => 'enforced',
  },
  {
    name: 'schema',
    find: (block) =>
      block.findLast(({ name }) => /^(?:modsecurity|js_access|app_protect_enable)$/.test(name) || /_by_lua/.test(name)),
    state: () => 'delegated',
  },
];

/** `allow ...; deny all;` lets in by address. */
function allowList(block: readonly NginxDirective[]): NginxDirective | undefined {
  const denied = block.find(({ name, args }) => name === 'deny' && args[0]?.value === 'all');
  return denied;
}

function tls(
  listens: readonly NginxDirective[],
  block: readonly NginxDirective[],
  above: readonly NginxDirective[],
  endpoint: Endpoint,
  weaknesses: Weakness[],
): void {
  const secure = listens.filter(({ args }) => args.some(({ value }) => value === 'ssl' || value === 'quic'));
  const [first] = secure;
  if (first)
    note(endpoint, 'tls', secure.length === listens.length ? 'enforced' : 'not-enforced', say(first), first.range);
  const protocols = own(block, 'ssl_protocols') ?? own(above, 'ssl_protocols');
  const old = protocols?.args.find(({ value }) => /^(?:SSLv[23]|TLSv1(?:\.1)?)$/.test(value));
  if (old && first) {
    weaknesses.push({
      kind: 'plaintext-listener',
      severity: 'warning',
      message: `Speaks ${old.value}, which is broken. Leave TLSv1.2 and TLSv1.3.`,
      range: old.range,
    });
  }
  const verify = own(block, 'ssl_verify_client') ?? own(above, 'ssl_verify_client');
  const mode = verify?.args[0]?.value;
  if (!verify || mode === 'off') return;
  const authority =
    own(block, 'ssl_client_certificate') ??
    own(above, 'ssl_client_certificate') ??
    own(block, 'ssl_trusted_certificate');
  const tested = holds(block, 'if', (value) => value.includes('$ssl_client_verify'));
  const holdsTrue = mode === 'on' && authority !== undefined;
  note(endpoint, 'clientCertificate', holdsTrue || tested ? 'enforced' : 'not-enforced', say(verify), verify.range);
  if (holdsTrue || tested) {
    note(endpoint, 'authentication', 'enforced', 'by client certificate', verify.range);
    return;
  }
  weaknesses.push({
    kind: 'mtls-not-enforced',
    severity: mode === 'on' ? 'warning' : 'error',
    message:
      mode === 'on'
        ? 'Asks for client certificates and names no authority here (ssl_client_certificate). Name it.'
        : `Lets requests without a valid client certificate pass (ssl_verify_client ${mode ?? ''}), and nothing tests $ssl_client_verify. Set it to on.`,
    range: verify.range,
    ...(mode !== 'on' &&
      verify.args[0] && {
        fix: {
          id: 'set-safe-value' as const,
          title: 'Require a client certificate',
          range: verify.args[0].range,
          newText: 'on',
        },
      }),
  });
}

function allLocations(block: readonly NginxDirective[]): NginxDirective[] {
  return block.flatMap((each) => (each.name === 'location' && each.block ? [each, ...allLocations(each.block)] : []));
}

/** What directives around locations say of them, the last of each kind: so that thousands of locations are not thousands of walks. */
function saidOfLocations(block: readonly NginxDirective[]): NginxDirective[] {
  const last = new Map<string, NginxDirective>();
  for (const directive of block) {
    if (!/^(?:auth_(?:request|basic|jwt|digest)|deny|(?:proxy|grpc)_ssl_verify)$/.test(directive.name)) continue;
    const value = directive.args[0]?.value;
    const kind = `${directive.name} ${value === 'off' || value === 'all' ? value : ''}`;
    last.delete(kind);
    last.set(kind, directive);
  }
  return [...last.values()];
}

function checkLocation(
  location: NginxDirective,
  above: readonly NginxDirective[],
  endpoint: Endpoint,
  weaknesses: Weakness[],
): void {
  const block = location.block ?? [];
  const path = location.args.at(-1)?.value ?? '/';
  const off = block.find(({ name, args }) => /^auth_(?:request|basic|jwt)$/.test(name) && args[0]?.value === 'off');
  const protectedAbove = above.some(({ name, args }) => off?.name === name && args[0]?.value !== 'off');
  if (off && protectedAbove && !/health|ready|live|ping|status|acme|well-known|oauth|login|auth/i.test(path)) {
    weaknesses.push({
      kind: 'auth-not-enforced',
      severity: 'warning',
      message: `The location ${JSON.stringify(path)} turns authentication off (${say(off)}). Take it out, or say who may come that way.`,
      range: off.range,
    });
  }
  const satisfy = block.find(({ name, args }) => name === 'satisfy' && args[0]?.value === 'any');
  if (satisfy && block.some(({ name, args }) => name === 'allow' && args[0]?.value === 'all')) {
    weaknesses.push({
      kind: 'auth-not-enforced',
      severity: 'error',
      message: 'Everybody satisfies `allow all`, so that nobody is asked (satisfy any). Set it to all.',
      range: satisfy.range,
    });
  }
  const plainPassword =
    block.find(({ name, args }) => name === 'auth_basic' && args[0]?.value !== 'off') ??
    above.find(({ name, args }) => name === 'auth_basic' && args[0]?.value !== 'off');
  if (
    plainPassword &&
    endpoint.controls.tls.state !== 'enforced' &&
    endpoint.reach === 'network' &&
    endpoint.complete
  ) {
    weaknesses.push({
      kind: 'plaintext-listener',
      severity: 'warning',
      message: 'Takes passwords over a connection that is not encrypted (auth_basic without ssl). Listen with ssl.',
      range: plainPassword.range,
    });
  }
  if (
    /v2\/repository|\/models?\/(?:load|unload)|\/management|\/admin/i.test(path) &&
    !controls[0]?.find(block) &&
    !controls[0]?.find(above)
  ) {
    weaknesses.push({
      kind: 'model-control-exposed',
      severity: 'warning',
      message: `Hands requests to load and unload models on to the server (${path}), and asks nobody who they are. Deny the location, or protect it.`,
      range: location.nameRange,
    });
  }
  const upstream = block.findLast(({ name }) => name === 'proxy_pass' || name === 'grpc_pass');
  const target = upstream?.args[0]?.value ?? '';
  const module = upstream?.name === 'grpc_pass' ? 'grpc' : 'proxy';
  const verify = own(block, `${module}_ssl_verify`) ?? own(above, `${module}_ssl_verify`);
  if (
    upstream &&
    /^(?:https|grpcs):\/\//.test(target) &&
    verify?.args[0]?.value !== 'on' &&
    !/^(?:https|grpcs):\/\/(?:localhost|127\.)/.test(target)
  ) {
    weaknesses.push({
      kind: 'upstream-unverified',
      severity: 'info',
      message: `Accepts any certificate of what is behind it: ${module}_ssl_verify is off by default. Set it to on, and name the authority (${module}_ssl_trusted_certificate).`,
      range: upstream.range,
    });
  }
}

/** A zone that no `limit_req` uses limits nothing. */
function checkLimits(
  above: readonly NginxDirective[],
  proxied: readonly NginxDirective[],
  endpoint: Endpoint,
  weaknesses: Weakness[],
): void {
  const zone = above.find(({ name }) => name === 'limit_req_zone');
  if (!zone || endpoint.controls.clientRateLimit.state !== 'not-visible') return;
  if (proxied.length > 0 && endpoint.complete)
    weaknesses.push({
      kind: 'rate-limit-not-enforced',
      severity: 'warning',
      message:
        'A zone for a rate limit is there, and nothing uses it (limit_req). Add `limit_req zone=...;` where requests come in.',
      range: zone.range,
    });
}
