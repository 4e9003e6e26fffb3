import { defineRule } from '../rule.ts';
import { reportMissing } from './report.ts';
import { endpointMappings } from './mappings.ts';
import { openNginx } from './examples.ts';

export const noSchema = defineRule({
  subject: 'text',
  meta: {
    id: 'endpoint/no-schema',
    title: 'Requests to a model are not checked against a schema',
    severity: 'info',
    description:
      'A service of Kong that others reach has no `request-validator` or like plugin, or an endpoint of Envoy or nginx hands requests on that nobody looked into, and the file is all that decides. Once a file: nearly nobody checks at the gateway, and the model server may.',
    why: 'Fields that nobody expects reach the model server: other models, sampling options that cost a hundred times as much, templates.',
    howToFix:
      'Kong: `request-validator` with a `body_schema`. Envoy: `ext_authz` with the request body, or `ext_proc`. nginx: njs or a check in the server behind it.',
    avoid: [openNginx],
    prefer: [
      {
        file: 'kong.yml',
        text: '_format_version: "3.0"\nservices:\n  - name: model\n    url: http://model.internal:8000\n    plugins:\n      - name: request-validator\n        config:\n          version: draft4\n          body_schema: "{}"\n    routes:\n      - name: all\n        paths: [/]\n',
      },
      {
        file: 'included.conf',
        text: 'http {\n  server {\n    listen 443 ssl;\n    include checks.d/*.conf;\n    server_name model.example.org;\n    location / {\n      proxy_pass http://127.0.0.1:8000;\n    }\n  }\n}\n',
      },
    ],
    references: [
      {
        title: 'OWASP API10:2023 Unsafe Consumption of APIs',
        url: 'https://owasp.org/API-Security/editions/2023/en/0xaa-unsafe-consumption-of-apis/',
      },
    ],
    ...endpointMappings,
    cwe: [20],
  },
  check(text, report) {
    reportMissing(
      'schema',
      'without looking into them',
      'Check them against a schema, here or in the server behind it.',
      text,
      report,
    );
  },
});
