import { defineRule } from '../rule.ts';
import { reportMissing } from './report.ts';
import { consumptionMappings } from './mappings.ts';

export const noSizeLimit = defineRule({
  subject: 'text',
  meta: {
    id: 'endpoint/no-size-limit',
    title: 'Nothing limits how large a request may be',
    severity: 'info',
    description:
      'A listener of Envoy or a service of Kong that others reach has no limit for the size of a request, and this file is all that decides. Once a file. (nginx limits to a megabyte by default.)',
    why: 'A prompt of a hundred megabytes fills memory and accelerator before anything reads it.',
    howToFix: 'Envoy: the `buffer` filter’s `max_request_bytes`. Kong: `request-size-limiting`.',
    avoid: [
      {
        file: 'envoy.yaml',
        text: 'static_resources:\n  listeners:\n    - name: models\n      address:\n        socket_address: {address: 0.0.0.0, port_value: 8443}\n      filter_chains:\n        - filters:\n            - name: envoy.filters.network.http_connection_manager\n              typed_config:\n                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager\n                stat_prefix: models\n                route_config:\n                  virtual_hosts:\n                    - name: models\n                      domains: [models.example.org]\n                      routes:\n                        - match: {prefix: /}\n                          route: {cluster: models}\n                http_filters:\n                  - name: envoy.filters.http.router\n                    typed_config:\n                      "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router\n',
      },
    ],
    prefer: [
      {
        file: 'envoy.yaml',
        text: 'static_resources:\n  listeners:\n    - name: models\n      address:\n        socket_address: {address: 0.0.0.0, port_value: 8443}\n      filter_chains:\n        - filters:\n            - name: envoy.filters.network.http_connection_manager\n              typed_config:\n                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager\n                stat_prefix: models\n                route_config:\n                  virtual_hosts:\n                    - name: models\n                      domains: [models.example.org]\n                      routes:\n                        - match: {prefix: /}\n                          route: {cluster: models}\n                http_filters:\n                  - name: envoy.filters.http.buffer\n                    typed_config:\n                      "@type": type.googleapis.com/envoy.extensions.filters.http.buffer.v3.Buffer\n                      max_request_bytes: 1048576\n                  - name: envoy.filters.http.router\n                    typed_config:\n                      "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router\n',
      },
    ],
    references: [
      {
        title: 'OWASP LLM10:2025 Unbounded Consumption',
        url: 'https://genai.owasp.org/llmrisk/llm102025-unbounded-consumption/',
      },
    ],
    ...consumptionMappings,
  },
  check(text, report) {
    reportMissing('sizeLimit', 'of any size', 'Limit their size.', text, report);
  },
});
