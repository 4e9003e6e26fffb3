import { postureOf } from '../../posture/postureOf.ts';
import { placeOf } from '../load/place.ts';
import { defineRule } from '../rule.ts';
import { reportMissing } from './report.ts';
import { consumptionMappings } from './mappings.ts';
import { openEnvoy } from './examples.ts';

export const noSizeLimit = defineRule({
  subject: 'text',
  meta: {
    id: 'endpoint/no-size-limit',
    title: 'Nothing limits how large a request may be',
    severity: 'info',
    description:
      'A listener of Envoy or a service of Kong that others reach has no limit for the size of a request, and this file is all that decides; or a line takes the limit away: `client_max_body_size 0` (nginx, Kong), `max_request_body_size: 0` (AI plugins of Kong). Once a file. (nginx limits to a megabyte by default.)',
    why: 'A prompt of a hundred megabytes fills memory and accelerator before anything reads it.',
    howToFix:
      'Envoy: the `buffer` filter’s `max_request_bytes`. Kong: `request-size-limiting`, or `max_request_body_size` of `ai-proxy`. nginx: `client_max_body_size 20m`, as large as your requests are.',
    avoid: [
      {
        file: 'nginx.conf',
        text: 'http {\n  server {\n    listen 443 ssl;\n    location / {\n      auth_request /auth;\n      client_max_body_size 0;\n      proxy_pass http://127.0.0.1:8000;\n    }\n  }\n}\n',
      },
      openEnvoy,
    ],
    prefer: [
      {
        file: 'nginx.conf',
        text: 'http {\n  server {\n    listen 443 ssl;\n    location / {\n      auth_request /auth;\n      client_max_body_size 20m;\n      proxy_pass http://127.0.0.1:8000;\n    }\n  }\n}\n',
      },
      {
        file: 'kong.yml',
        text: '_format_version: "3.0"\nservices:\n  - name: chat\n    url: http://model.internal:8000\n    plugins:\n      - name: key-auth\n      - name: ai-proxy\n        config: {route_type: llm/v1/chat, max_request_body_size: 65536}\n    routes:\n      - name: all\n        protocols: [https]\n        paths: [/]\n',
      },
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
    const open = postureOf(text, text.path).endpoints.find(
      ({ controls, reach }) => controls.sizeLimit.state === 'not-enforced' && reach !== 'loopback',
    );
    if (!open) return reportMissing('sizeLimit', 'of any size', 'Limit their size.', text, report);
    const { says, range } = open.controls.sizeLimit;
    report({
      message: `${open.product} takes requests of any size (${says}). Name the largest one that your model is asked for.`,
      location: placeOf(range ?? open.range),
      evidence: { control: 'sizeLimit', endpoints: [open.name] },
    });
  },
});
