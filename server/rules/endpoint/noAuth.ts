import { defineRule } from '../rule.ts';
import { reportMissing } from './report.ts';
import { endpointMappings } from './mappings.ts';
import { openEnvoy, openKong, guardedNginx, openNginx } from './examples.ts';

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
    avoid: [openNginx, openKong, openEnvoy],
    prefer: [
      guardedNginx,
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
