import { postureOf } from '../../posture/postureOf.ts';
import { placeOf } from '../load/place.ts';
import { defineRule } from '../rule.ts';
import { endpointMappings } from './mappings.ts';
import { reportWeaknesses } from './report.ts';

export const plaintextListener = defineRule({
  subject: 'text',
  meta: {
    id: 'endpoint/plaintext-listener',
    title: 'A listener without TLS, or with a broken one',
    severity: 'warning',
    description:
      'A server of nginx asks for passwords (`auth_basic`) and does not speak TLS, or speaks SSLv3, TLS 1.0 or 1.1. A listener of Envoy or a server of nginx that others reach without TLS is information, once a file: something in front may speak it.',
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
    ...endpointMappings,
    cwe: [319, 326],
  },
  check(text, report) {
    reportWeaknesses('plaintext-listener', text, report);
    const open = postureOf(text, text.path).endpoints.filter(
      ({ controls, reach, complete, product }) =>
        complete && reach === 'network' && product !== 'Kong' && controls.tls.state === 'not-visible',
    );
    const [first] = open;
    if (!first) return;
    report({
      message: `${first.product} takes requests that are not encrypted (${open
        .slice(0, 3)
        .map(({ name }) => JSON.stringify(name))
        .join(
          ', ',
        )}${open.length > 3 ? ` and ${open.length - 3} more` : ''}). Listen with TLS, or make sure that what stands in front does.`,
      severity: 'info',
      location: placeOf(first.range),
      evidence: { control: 'tls', endpoints: open.map(({ name }) => name).slice(0, 20) },
    });
  },
});
