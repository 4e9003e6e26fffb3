import { defineRule } from '../rule.ts';
import { reportMissing } from './report.ts';
import { endpointMappings } from './mappings.ts';

export const noAuth = defineRule({
  subject: 'text',
  meta: {
    id: 'endpoint/no-auth',
    title: 'A model answers whoever asks',
    severity: 'warning',
    description:
      'A listener of Envoy, a service of Kong or a server of nginx that others reach has no authentication, and this file is all that decides: no `include`, no discovery service. Once a file.',
    why: 'Strangers use the model at your cost, extract it by asking, or reach what it reaches.',
    howToFix:
      'Nginx: `auth_request`, `auth_jwt`, client certificates. Envoy: `jwt_authn`, `ext_authz`, `api_key_auth`. Kong: `key-auth`, `jwt`, `openid-connect`.',
    avoid: [
      {
        file: 'nginx.conf',
        text: 'http {\n  server {\n    listen 443 ssl;\n    server_name model.example.org;\n    location / {\n      proxy_pass http://127.0.0.1:8000;\n    }\n  }\n}\n',
      },
      {
        file: 'kong.yml',
        text: '_format_version: "3.0"\nservices:\n  - name: model\n    url: http://model.internal:8000\n    routes:\n      - name: all\n        paths: [/]\n',
      },
      {
        file: 'envoy.yaml',
        text: 'static_resources:\n  listeners:\n    - name: models\n      address:\n        socket_address: {address: 0.0.0.0, port_value: 8443}\n      filter_chains:\n        - filters:\n            - name: envoy.filters.network.http_connection_manager\n              typed_config:\n                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager\n                stat_prefix: models\n                route_config:\n                  virtual_hosts:\n                    - name: models\n                      domains: [models.example.org]\n                      routes:\n                        - match: {prefix: /}\n                          route: {cluster: models}\n                http_filters:\n                  - name: envoy.filters.http.router\n                    typed_config:\n                      "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router\n',
      },
    ],
    prefer: [
      {
        file: 'nginx.conf',
        text: 'http {\n  log_format requests_json escape=json \'{"status":"$status"}\';\n  limit_req_zone $binary_remote_addr zone=c:10m rate=5r/s;\n  server {\n    listen 443 ssl;\n    server_name model.example.org;\n    access_log /var/log/nginx/a.json requests_json;\n    auth_request /auth;\n    limit_req zone=c burst=10;\n    location / {\n      proxy_pass http://127.0.0.1:8000;\n    }\n  }\n}\n',
      },
      {
        file: 'kong.yml',
        text: '_format_version: "3.0"\nservices:\n  - name: model\n    url: http://model.internal:8000\n    plugins:\n      - name: key-auth\n    routes:\n      - name: all\n        paths: [/]\n',
      },
      { file: 'fragment.conf', text: 'upstream model {\n  server 127.0.0.1:8000;\n}\n' },
      {
        file: 'included.conf',
        text: 'http {\n  server {\n    listen 443 ssl;\n    server_name model.example.org;\n    include auth.d/*.conf;\n    location / {\n      proxy_pass http://127.0.0.1:8000;\n    }\n  }\n}\n',
      },
    ],
    references: [
      {
        title: 'OWASP API2:2023 Broken Authentication',
        url: 'https://owasp.org/API-Security/editions/2023/en/0xa2-broken-authentication/',
      },
    ],
    ...endpointMappings,
    cwe: [306],
  },
  check(text, report) {
    reportMissing(
      'authentication',
      'without asking who they are',
      'Add authentication, or say which proxy in front asks.',
      text,
      report,
    );
  },
});
