import { defineRule } from '../rule.ts';
import { consumptionMappings } from './mappings.ts';
import { reportWeaknesses } from './report.ts';

export const rateLimitNotEnforced = defineRule({
  subject: 'text',
  meta: {
    id: 'endpoint/rate-limit-not-enforced',
    title: 'A rate limit is written, and limits nothing',
    severity: 'error',
    description:
      'A local rate limit of Envoy without `filter_enabled` and `filter_enforced`, whose default is none of the requests; a zone of nginx that no `limit_req` uses (a warning); a limit of Kong that holds only while its store answers (information).',
    why: 'A review sees the limit and takes the endpoint for protected.',
    howToFix: 'Envoy: set both to 100 per cent. Nginx: add `limit_req`.',
    avoid: [
      {
        file: 'envoy.yaml',
        text: 'static_resources:\n  listeners:\n    - name: models\n      address:\n        socket_address: {address: 0.0.0.0, port_value: 8443}\n      filter_chains:\n        - filters:\n            - name: envoy.filters.network.http_connection_manager\n              typed_config:\n                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager\n                stat_prefix: models\n                route_config:\n                  virtual_hosts:\n                    - name: models\n                      domains: [models.example.org]\n                      routes:\n                        - match: {prefix: /}\n                          route: {cluster: models}\n                http_filters:\n                  - name: envoy.filters.http.ext_authz\n                    typed_config:\n                      "@type": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz\n                      failure_mode_allow: false\n                      grpc_service: {envoy_grpc: {cluster_name: authz}}\n                  - name: envoy.filters.http.local_ratelimit\n                    typed_config:\n                      "@type": type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit\n                      stat_prefix: a\n                      token_bucket: {max_tokens: 9, fill_interval: 1s}\n                  - name: envoy.filters.http.router\n                    typed_config:\n                      "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router\n',
      },
    ],
    prefer: [
      {
        file: 'envoy.yaml',
        text: 'static_resources:\n  listeners:\n    - name: models\n      address:\n        socket_address: {address: 0.0.0.0, port_value: 8443}\n      filter_chains:\n        - filters:\n            - name: envoy.filters.network.http_connection_manager\n              typed_config:\n                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager\n                stat_prefix: models\n                route_config:\n                  virtual_hosts:\n                    - name: models\n                      domains: [models.example.org]\n                      routes:\n                        - match: {prefix: /}\n                          route: {cluster: models}\n                http_filters:\n                  - name: envoy.filters.http.ext_authz\n                    typed_config:\n                      "@type": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz\n                      failure_mode_allow: false\n                      grpc_service: {envoy_grpc: {cluster_name: authz}}\n                  - name: envoy.filters.http.local_ratelimit\n                    typed_config:\n                      "@type": type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit\n                      stat_prefix: a\n                      token_bucket: {max_tokens: 9, fill_interval: 1s}\n                      filter_enabled: {default_value: {numerator: 100}}\n                      filter_enforced: {default_value: {numerator: 100}}\n                  - name: envoy.filters.http.router\n                    typed_config:\n                      "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router\n',
      },
    ],
    references: [
      {
        title: 'Envoy documentation: local rate limit',
        url: 'https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/local_rate_limit_filter',
      },
    ],
    ...consumptionMappings,
  },
  check(text, report) {
    reportWeaknesses('rate-limit-not-enforced', text, report);
  },
});
