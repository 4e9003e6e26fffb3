import { defineRule } from '../rule.ts';
import { reportWeaknesses } from './report.ts';

export const plaintextListener = defineRule({
  subject: 'text',
  meta: {
    id: 'endpoint/plaintext-listener',
    title: 'Passwords or old TLS on a listener',
    severity: 'warning',
    description:
      'A server of nginx asks for passwords (`auth_basic`) and does not speak TLS, or speaks SSLv3, TLS 1.0 or 1.1.',
    why: 'Who is in the same network reads the passwords along with prompts and answers.',
    howToFix: '`listen 443 ssl;`, and `ssl_protocols TLSv1.2 TLSv1.3;`.',
    avoid: [
      {
        file: 'nginx.conf',
        text: 'http {\n  server {\n    listen 80;\n    server_name model.example.org;\n    auth_basic "a";\n    auth_basic_user_file f;\n    location / {\n      proxy_pass http://127.0.0.1:8000;\n    }\n  }\n}\n',
      },
    ],
    prefer: [
      {
        file: 'nginx.conf',
        text: 'http {\n  server {\n    listen 443 ssl;\n    server_name model.example.org;\n    ssl_protocols TLSv1.2 TLSv1.3;\n    auth_basic "a";\n    auth_basic_user_file f;\n    location / {\n      proxy_pass http://127.0.0.1:8000;\n    }\n  }\n}\n',
      },
    ],
    references: [{ title: 'RFC 8996: Deprecating TLS 1.0 and TLS 1.1', url: 'https://www.rfc-editor.org/rfc/rfc8996' }],
    cwe: [319, 326],
    atlas: ['AML.T0040', 'AML.T0049'],
    owasp: ['LLM02:2025', 'ML05:2023'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    reportWeaknesses('plaintext-listener', text, report);
  },
});
