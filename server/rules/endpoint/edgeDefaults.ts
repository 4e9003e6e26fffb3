import { defineRule } from '../rule.ts';
import { endpointMappings } from './mappings.ts';
import { reportWeaknesses } from './report.ts';

export const edgeDefaults = defineRule({
  subject: 'text',
  meta: {
    id: 'endpoint/edge-defaults',
    title: 'A proxy at the edge keeps the defaults of a mesh',
    severity: 'info',
    description:
      'A listener of Envoy that others reach leaves out what Envoy’s guide for edge proxies sets: `use_remote_address`, `normalize_path`, `merge_slashes`, `path_with_escaped_slashes_action`, `headers_with_underscores_action`, and the `overload_manager` of the whole server. One information a file, because nearly no file sets them; listeners on loopback and those of outgoing traffic are no edges.',
    why: 'Envoy is made for the inside of a mesh and hands paths and headers on as they come: `/public/../v2/repository` or `/v2%2Frepository` passes a rule about `/v2/repository`, a header with an underscore is taken for another one, and who writes `x-forwarded-for` chooses the address that logs and limits go by.',
    howToFix:
      'Set the keys in the connection manager, as the light bulb does, and an `overload_manager` with a limit of the heap. Behind a load balancer that adds `x-forwarded-for`, set `xff_num_trusted_hops`, too.',
    avoid: [
      {
        file: 'envoy.yaml',
        text: 'static_resources:\n  listeners:\n    - name: ingress\n      address:\n        socket_address: {address: 0.0.0.0, port_value: 8443}\n      filter_chains:\n        - filters:\n            - name: envoy.filters.network.http_connection_manager\n              typed_config:\n                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager\n                stat_prefix: ingress\n                request_timeout: 30s\n',
      },
    ],
    prefer: [
      {
        file: 'envoy.yaml',
        text: 'overload_manager:\n  resource_monitors:\n    - name: envoy.resource_monitors.fixed_heap\nstatic_resources:\n  listeners:\n    - name: ingress\n      address:\n        socket_address: {address: 0.0.0.0, port_value: 8443}\n      filter_chains:\n        - filters:\n            - name: envoy.filters.network.http_connection_manager\n              typed_config:\n                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager\n                stat_prefix: ingress\n                use_remote_address: true\n                normalize_path: true\n                merge_slashes: true\n                path_with_escaped_slashes_action: UNESCAPE_AND_REDIRECT\n                common_http_protocol_options:\n                  headers_with_underscores_action: REJECT_REQUEST\n                request_timeout: 30s\n',
      },
      {
        file: 'sidecar.yaml',
        text: 'static_resources:\n  listeners:\n    - name: local\n      address:\n        socket_address: {address: 127.0.0.1, port_value: 8080}\n      filter_chains:\n        - filters:\n            - name: envoy.filters.network.http_connection_manager\n              typed_config:\n                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager\n                stat_prefix: local\n',
        note: 'Only this machine reaches it.',
      },
    ],
    references: [
      {
        title: 'Envoy documentation: configuring Envoy as an edge proxy',
        url: 'https://www.envoyproxy.io/docs/envoy/latest/configuration/best_practices/edge',
      },
      { title: 'CVE-2019-9901, Envoy', url: 'https://nvd.nist.gov/vuln/detail/CVE-2019-9901' },
    ],
    ...endpointMappings,
    cwe: [436, 444, 770],
  },
  check(text, report) {
    reportWeaknesses('edge-defaults', text, report);
  },
});
