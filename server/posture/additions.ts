import { dealias, entryOf, itemsAt, nodeAt } from '../formats/text/configTree.ts';
import type { ConfigNode, NginxDirective, TextRange } from '../formats/text/facts.ts';

/** Controls for which a block can be added. */
export type AddedControl = 'authentication' | 'clientRateLimit' | 'sizeLimit' | 'structuredLog';

/** Text that goes in at places: the block that a control needs, to be looked over by a person. */
export interface Addition {
  title: string;
  places: Insertion[];
}

export interface Insertion {
  line: number;
  column: number;
  newText: string;
}

export type Additions = Partial<Record<AddedControl, Addition>>;

function before({ line, column }: TextRange, lines: readonly string[]): Insertion {
  const blank = ' '.repeat(column - 1);
  return { line, column, newText: lines.map((each) => `${each}\n${blank}`).join('') };
}

const kongPlugins: Readonly<Record<AddedControl, { title: string; lines: string[] }>> = {
  authentication: {
    title: 'Add key authentication (key-auth)',
    lines: ['- name: key-auth', '  config:', '    hide_credentials: true'],
  },
  clientRateLimit: {
    title: 'Add a rate limit (rate-limiting)',
    lines: ['- name: rate-limiting', '  config:', '    minute: 60', '    policy: local'],
  },
  sizeLimit: {
    title: 'Add a size limit (request-size-limiting)',
    lines: [
      '- name: request-size-limiting',
      '  config:',
      '    allowed_payload_size: 1',
      '    require_content_length: true',
    ],
  },
  structuredLog: {
    title: 'Add a structured log (file-log)',
    lines: ['- name: file-log', '  config:', '    path: /dev/stdout'],
  },
};

/** Plugins for a service of Kong. */
export function kongAdditions(service: ConfigNode): Additions {
  const mapping = dealias(service);
  const [name, next] = mapping?.kind === 'mapping' && !mapping.flow ? mapping.entries : [];
  const first = next ?? name;
  const plugins = entryOf(service, 'plugins');
  const list = dealias(plugins?.value);
  if (!first || (plugins && (list?.kind !== 'sequence' || list.flow || list.items.length === 0))) return {};
  const additions: Additions = {};
  for (const control of Object.keys(kongPlugins) as AddedControl[]) {
    const { title, lines } = kongPlugins[control];
    if (list?.kind === 'sequence') {
      // Items stand behind their dashes; the range of a list begins at the first dash.
      additions[control] = { title, places: [before(list.range, lines)] };
    } else
      additions[control] = {
        title,
        places: [before(first.keyRange, ['plugins:', ...lines.map((each) => `  ${each}`)])],
      };
  }
  return additions;
}

const envoyFilters: Readonly<Record<Exclude<AddedControl, 'structuredLog'>, { title: string; lines: string[] }>> = {
  authentication: {
    title: 'Ask an authorization service (ext_authz; name its cluster)',
    lines: [
      '- name: envoy.filters.http.ext_authz',
      '  typed_config:',
      '    "@type": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz',
      '    transport_api_version: V3',
      '    failure_mode_allow: false',
      '    grpc_service:',
      '      envoy_grpc: {cluster_name: ext_authz}',
    ],
  },
  clientRateLimit: {
    title: 'Add a local rate limit',
    lines: [
      '- name: envoy.filters.http.local_ratelimit',
      '  typed_config:',
      '    "@type": type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit',
      '    stat_prefix: local_rate_limit',
      '    token_bucket: {max_tokens: 100, tokens_per_fill: 100, fill_interval: 60s}',
      '    filter_enabled: {default_value: {numerator: 100, denominator: HUNDRED}}',
      '    filter_enforced: {default_value: {numerator: 100, denominator: HUNDRED}}',
    ],
  },
  sizeLimit: {
    title: 'Add a limit for the size of requests (buffer)',
    lines: [
      '- name: envoy.filters.http.buffer',
      '  typed_config:',
      '    "@type": type.googleapis.com/envoy.extensions.filters.http.buffer.v3.Buffer',
      '    max_request_bytes: 1048576',
    ],
  },
};

/** Filters and a log for a connection manager of Envoy. */
export function envoyAdditions(manager: ConfigNode): Additions {
  const filters = nodeAt(manager, 'http_filters');
  const additions: Additions = {};
  if (filters?.kind === 'sequence' && !filters.flow && itemsAt(manager, 'http_filters').length > 0) {
    for (const control of ['authentication', 'clientRateLimit', 'sizeLimit'] as const) {
      const { title, lines } = envoyFilters[control];
      additions[control] = { title, places: [before(filters.range, lines)] };
    }
  }
  const prefix = entryOf(manager, 'stat_prefix') ?? entryOf(manager, 'http_filters');
  const mapping = dealias(manager);
  if (prefix && mapping?.kind === 'mapping' && !mapping.flow && !nodeAt(manager, 'access_log')) {
    const lines = [
      'access_log:',
      '- name: envoy.access_loggers.stdout',
      '  typed_config:',
      '    "@type": type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog',
      '    log_format:',
      '      json_format: {time: "%START_TIME%", method: "%REQ(:METHOD)%", path: "%REQ(:PATH)%", status: "%RESPONSE_CODE%"}',
    ];
    additions.structuredLog = { title: 'Add a structured log', places: [before(prefix.keyRange, lines)] };
  }
  return additions;
}

/** Directives for a server of nginx; zones and formats go above it. */
export function nginxAdditions(server: NginxDirective): Additions {
  const [first] = server.block ?? [];
  if (!first || first.range.line === server.range.line) return {};
  const above = (lines: string[]) => before(server.nameRange, lines);
  const inside = (lines: string[]) => before(first.nameRange, lines);
  return {
    authentication: {
      title: 'Ask for a password (auth_basic; make the file first)',
      places: [inside(['auth_basic "restricted";', 'auth_basic_user_file /etc/nginx/.htpasswd;'])],
    },
    clientRateLimit: {
      title: 'Limit requests per client (limit_req)',
      places: [
        above(['limit_req_zone $binary_remote_addr zone=clients:10m rate=10r/s;']),
        inside(['limit_req zone=clients burst=20 nodelay;']),
      ],
    },
    structuredLog: {
      title: 'Add a structured log',
      places: [
        above([
          'log_format requests_json escape=json \'{"time":"$time_iso8601","client":"$remote_addr","request":"$request","status":"$status"}\';',
        ]),
        inside(['access_log /var/log/nginx/requests.json requests_json;']),
      ],
    },
  };
}
