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
      '`require_client_certificate` without an authority, or with `ACCEPT_UNTRUSTED` (Envoy); `ssl_verify_client optional` with nothing that tests the result (nginx); `PERMISSIVE` in a mesh (Istio: a warning).',
    why: 'Whoever makes a certificate of their own gets in.',
    howToFix: 'Name the authority, and require a certificate that it signed.',
    avoid: [
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
