import type { Example } from '../rule.ts';

/** An nginx with TLS and nothing more in front of a model. */
export const openNginx: Example = {
  file: 'nginx.conf',
  text: 'http {\n  server {\n    listen 443 ssl;\n    server_name model.example.org;\n    location / {\n      proxy_pass http://127.0.0.1:8000;\n    }\n  }\n}\n',
};

/** An nginx with authentication, a limit of requests and a structured log. */
export const guardedNginx: Example = {
  file: 'nginx.conf',
  text: 'http {\n  log_format requests_json escape=json \'{"status":"$status"}\';\n  limit_req_zone $binary_remote_addr zone=c:10m rate=5r/s;\n  server {\n    listen 443 ssl;\n    server_name model.example.org;\n    access_log /var/log/nginx/a.json requests_json;\n    auth_request /auth;\n    limit_req zone=c burst=10;\n    location / {\n      proxy_pass http://127.0.0.1:8000;\n    }\n  }\n}\n',
};

/** An Envoy that only routes to a model. */
export const openEnvoy: Example = {
  file: 'envoy.yaml',
  text: 'static_resources:\n  listeners:\n    - name: models\n      address:\n        socket_address: {address: 0.0.0.0, port_value: 8443}\n      filter_chains:\n        - filters:\n            - name: envoy.filters.network.http_connection_manager\n              typed_config:\n                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager\n                stat_prefix: models\n                route_config:\n                  virtual_hosts:\n                    - name: models\n                      domains: [models.example.org]\n                      routes:\n                        - match: {prefix: /}\n                          route: {cluster: models}\n                http_filters:\n                  - name: envoy.filters.http.router\n                    typed_config:\n                      "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router\n',
};

/** A Kong with a route to a model, and no plugin. */
export const openKong: Example = {
  file: 'kong.yml',
  text: '_format_version: "3.0"\nservices:\n  - name: model\n    url: http://model.internal:8000\n    routes:\n      - name: all\n        paths: [/]\n',
};
