import { defineRule } from '../rule.ts';
import { endpointMappings } from './mappings.ts';
import { reportWeaknesses } from './report.ts';

export const mtlsNotEnforced = defineRule({
  subject: 'text',
  meta: {
    id: 'endpoint/mtls-not-enforced',
    title: 'Client certificates are asked for, and any will do',
    severity: 'error',
    description:
      '`require_client_certificate` or names of peers without an authority, with `ACCEPT_UNTRUSTED`, or with the authorities of the public web and no names (Envoy; an authority that nothing requires a certificate of is a warning); `ssl_verify_client optional` with nothing that tests the result (nginx); `PERMISSIVE` in a mesh (Istio: a warning).',
    why: 'Whoever makes a certificate of their own gets in.',
    howToFix: 'Name the authority, and require a certificate that it signed.',
    avoid: [
      {
        file: 'envoy.yaml',
        text: 'static_resources:\n  listeners:\n    - name: models\n      address:\n        socket_address: {address: 0.0.0.0, port_value: 8443}\n      filter_chains:\n        - transport_socket:\n            name: envoy.transport_sockets.tls\n            typed_config:\n              "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext\n              require_client_certificate: false\n              common_tls_context:\n                validation_context:\n                  trusted_ca: {filename: /etc/envoy/clients.pem}\n',
        note: 'The authority is there, and nothing asks for a certificate.',
      },
      {
        file: 'nginx.conf',
        text: 'http {\n  server {\n    listen 443 ssl;\n    server_name model.example.org;\n    auth_request /auth;\n    ssl_client_certificate ca.pem;\n    ssl_verify_client optional;\n    location / {\n      proxy_pass http://127.0.0.1:8000;\n    }\n  }\n}\n',
      },
      {
        file: 'peer.yaml',
        text: 'apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: default}\nspec:\n  mtls:\n    mode: PERMISSIVE\n',
      },
    ],
    prefer: [
      {
        file: 'envoy.yaml',
        text: 'static_resources:\n  listeners:\n    - name: models\n      address:\n        socket_address: {address: 0.0.0.0, port_value: 8443}\n      filter_chains:\n        - transport_socket:\n            name: envoy.transport_sockets.tls\n            typed_config:\n              "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext\n              require_client_certificate: true\n              common_tls_context:\n                validation_context:\n                  trusted_ca: {filename: /etc/envoy/clients.pem}\n                  match_typed_subject_alt_names:\n                    - san_type: URI\n                      matcher: {exact: spiffe://example.org/ns/apps/sa/chat}\n',
      },
      {
        file: 'nginx.conf',
        text: 'http {\n  server {\n    listen 443 ssl;\n    server_name model.example.org;\n    ssl_client_certificate ca.pem;\n    ssl_verify_client on;\n    location / {\n      proxy_pass http://127.0.0.1:8000;\n    }\n  }\n}\n',
      },
      {
        file: 'peer.yaml',
        text: 'apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: default}\nspec:\n  mtls:\n    mode: STRICT\n',
      },
    ],
    references: [
      {
        title: 'Envoy documentation: CertificateValidationContext',
        url: 'https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/transport_sockets/tls/v3/common.proto',
      },
      {
        title: 'nginx documentation: ssl_verify_client',
        url: 'https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_verify_client',
      },
    ],
    ...endpointMappings,
    cwe: [295],
  },
  check(text, report) {
    reportWeaknesses('mtls-not-enforced', text, report);
  },
});
