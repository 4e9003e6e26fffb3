import { defineRule } from '../rule.ts';
import { reportMissing } from './report.ts';
import { endpointMappings } from './mappings.ts';
import { openNginx } from './examples.ts';

export const noMtls = defineRule({
  subject: 'text',
  meta: {
    id: 'endpoint/no-client-certificate',
    title: 'Callers of a model show no certificate',
    severity: 'info',
    description:
      'A listener of Envoy or a server of nginx that others reach asks for no client certificate (mTLS), and the file is all that decides. Once a file: few endpoints ask, and where a mesh or a token does, none is needed. A policy can ask for it: the evidence of gates holds the table of endpoints.',
    why: 'Whoever holds a stolen token can use it from anywhere; a certificate is bound to a key that does not travel.',
    howToFix:
      'Nginx: `ssl_client_certificate ca.pem; ssl_verify_client on;`. Envoy: `require_client_certificate: true` with `validation_context.trusted_ca`. Between services, a mesh in STRICT mode does it for all.',
    avoid: [openNginx],
    prefer: [
      {
        file: 'nginx.conf',
        text: 'http {\n  server {\n    listen 443 ssl;\n    ssl_client_certificate ca.pem;\n    ssl_verify_client on;\n    server_name model.example.org;\n    location / {\n      proxy_pass http://127.0.0.1:8000;\n    }\n  }\n}\n',
      },
      {
        file: 'included.conf',
        text: 'http {\n  server {\n    listen 443 ssl;\n    include tls.d/*.conf;\n    server_name model.example.org;\n    location / {\n      proxy_pass http://127.0.0.1:8000;\n    }\n  }\n}\n',
        note: 'What an include may say is not called missing.',
      },
    ],
    references: [{ title: 'RFC 8446: TLS 1.3, client authentication', url: 'https://www.rfc-editor.org/rfc/rfc8446' }],
    ...endpointMappings,
    cwe: [306],
  },
  check(text, report) {
    reportMissing(
      'clientCertificate',
      'without a client certificate',
      'Ask for one, where callers are programs.',
      text,
      report,
    );
  },
});
