import { defineRule } from '../rule.ts';
import { endpointMappings } from './mappings.ts';
import { reportWeaknesses } from './report.ts';

export const authNotEnforced = defineRule({
  subject: 'text',
  meta: {
    id: 'endpoint/auth-not-enforced',
    title: 'Authentication is written, and does not hold',
    severity: 'error',
    description:
      'An authentication that lets requests pass all the same: `failure_mode_allow: true` and routes that turn a filter off (Envoy), an `anonymous` consumer (Kong), `auth_request off` in a location and `satisfy any` with `allow all` (nginx), `disable_token_authorization=true` and `--disable-token-auth` (TorchServe), an `AuthorizationPolicy` of Istio with a rule that asks for nothing (`rules: [{}]`). What may be meant (an anonymous consumer, a route of its own, a policy that opens, LiteLLM’s `allow_requests_on_db_unavailable`) is a warning. Paths of health checks are not meant.',
    why: 'A review sees the filter and takes the endpoint for protected.',
    howToFix:
      'Let authentication fail closed, and protect every route, or name those that are open in a server of their own.',
    avoid: [
      {
        file: 'litellm.yaml',
        text: 'model_list:\n  - model_name: chat\n    litellm_params: {model: openai/chat}\ngeneral_settings:\n  master_key: os.environ/MASTER_KEY\n  allow_requests_on_db_unavailable: true\n',
      },
      {
        file: 'compose.yaml',
        text: 'services:\n  models:\n    image: pytorch/torchserve:0.12.0-cpu\n    command: torchserve --start --model-store /models --models all --disable-token-auth\n',
      },
      {
        file: 'policy.yaml',
        text: 'apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: models}\nspec:\n  rules:\n    - from:\n        - source: {principals: [cluster.local/ns/apps/sa/chat]}\n    - {}\n',
        note: 'One rule that fits is enough, and the second fits everybody.',
      },
      {
        file: 'envoy.yaml',
        text: 'static_resources:\n  listeners:\n    - name: models\n      address:\n        socket_address: {address: 0.0.0.0, port_value: 8443}\n      filter_chains:\n        - filters:\n            - name: envoy.filters.network.http_connection_manager\n              typed_config:\n                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager\n                stat_prefix: models\n                route_config:\n                  virtual_hosts:\n                    - name: models\n                      domains: [models.example.org]\n                      routes:\n                        - match: {prefix: /}\n                          route: {cluster: models}\n                http_filters:\n                  - name: envoy.filters.http.ext_authz\n                    typed_config:\n                      "@type": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz\n                      failure_mode_allow: true\n                      grpc_service: {envoy_grpc: {cluster_name: authz}}\n                  - name: envoy.filters.http.router\n                    typed_config:\n                      "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router\n',
      },
      {
        file: 'config.properties',
        text: 'inference_address=http://127.0.0.1:8080\ndisable_token_authorization=true\n',
      },
      {
        file: 'kong.yml',
        text: '_format_version: "3.0"\nservices:\n  - name: model\n    url: http://model.internal:8000\n    plugins:\n      - name: key-auth\n        config:\n          anonymous: guest\n    routes:\n      - name: all\n        paths: [/]\n',
      },
    ],
    prefer: [
      {
        file: 'policy.yaml',
        text: 'apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: models}\nspec:\n  rules:\n    - from:\n        - source: {principals: [cluster.local/ns/apps/sa/chat]}\n    - to:\n        - operation: {paths: [/healthz]}\n',
      },
      {
        file: 'envoy.yaml',
        text: 'static_resources:\n  listeners:\n    - name: models\n      address:\n        socket_address: {address: 0.0.0.0, port_value: 8443}\n      filter_chains:\n        - filters:\n            - name: envoy.filters.network.http_connection_manager\n              typed_config:\n                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager\n                stat_prefix: models\n                route_config:\n                  virtual_hosts:\n                    - name: models\n                      domains: [models.example.org]\n                      routes:\n                        - match: {prefix: /}\n                          route: {cluster: models}\n                http_filters:\n                  - name: envoy.filters.http.ext_authz\n                    typed_config:\n                      "@type": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz\n                      failure_mode_allow: false\n                      grpc_service: {envoy_grpc: {cluster_name: authz}}\n                  - name: envoy.filters.http.router\n                    typed_config:\n                      "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router\n',
      },
      {
        file: 'kong.yml',
        text: '_format_version: "3.0"\nservices:\n  - name: model\n    url: http://model.internal:8000\n    plugins:\n      - name: key-auth\n        config:\n          hide_credentials: true\n    routes:\n      - name: all\n        paths: [/]\n',
      },
    ],
    references: [
      {
        title: 'Istio documentation: authorization policy',
        url: 'https://istio.io/latest/docs/reference/config/security/authorization-policy/',
      },
      {
        title: 'Envoy documentation: external authorization',
        url: 'https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/ext_authz_filter',
      },
      {
        title: 'TorchServe documentation: token authorization',
        url: 'https://github.com/pytorch/serve/blob/master/docs/token_authorization_api.md',
      },
    ],
    ...endpointMappings,
    cwe: [287, 636],
  },
  check(text, report) {
    reportWeaknesses('auth-not-enforced', text, report);
  },
});
