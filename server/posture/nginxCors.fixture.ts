/** What a configuration of nginx says of origins, and what is told of it, as `severity kind line`. All are taken by `nginx -t` (test/servers). */
export interface CorsCase {
  title: string;
  text: string;
  found: readonly string[];
}

const credentials = "add_header 'Access-Control-Allow-Credentials' 'true';";
const reflected = 'add_header Access-Control-Allow-Origin $http_origin always;';

/** A server whose location begins on line 7. */
const server = (lines: readonly string[], { http = '', inServer = '' } = {}): string =>
  `events {}\nhttp {\n  ${http}\n  server {\n    listen 127.0.0.1:18081;\n    ${inServer}\n    location / {\n${lines.map((line) => `      ${line}\n`).join('')}      proxy_pass http://127.0.0.1:1;\n    }\n  }\n}\n`;

const tested = (condition: string): string =>
  server([`if ($http_origin ${condition}) {`, `  ${reflected}`, `  ${credentials}`, '}']);

export const corsCases: readonly CorsCase[] = [
  {
    title: 'any origin in an if, told once',
    text: server([
      'if ($request_method = OPTIONS) {',
      "  add_header 'Access-Control-Allow-Origin' '*';",
      '  return 204;',
      '}',
      'if ($request_method = POST) {',
      "  add_header 'Access-Control-Allow-Origin' '*' always;",
      '}',
    ]),
    found: ['warning cors-star 9'],
  },
  {
    title: 'the origin that asks, with credentials, in an if that tests something else',
    text: server(['if ($request_method = OPTIONS) {', `  ${reflected}`, `  ${credentials}`, '  return 204;', '}']),
    found: ['error cors-star 9'],
  },
  {
    title: 'the origin that asks, with credentials, and without',
    text: server([reflected, credentials]),
    found: ['error cors-star 8'],
  },
  { title: 'the origin that asks, without credentials', text: server([reflected]), found: ['warning cors-star 8'] },
  {
    title: 'credentials of another block do not count',
    text: server([reflected, 'if ($request_method = OPTIONS) {', `  ${credentials}`, '  return 204;', '}']),
    found: ['warning cors-star 8'],
  },
  {
    title: 'what the server hands down, unless the location has a header of its own',
    text: server([''], { inServer: reflected }),
    found: ['warning cors-star 6'],
  },
  {
    title: 'a header of its own takes the others away',
    text: server(['add_header X-Frame-Options DENY;'], { inServer: reflected }),
    found: [],
  },
  {
    title: 'a map that gives back what it does not know',
    text: server(['add_header Access-Control-Allow-Origin $cors;', credentials], {
      http: 'map $http_origin $cors { default $http_origin; }',
    }),
    found: ['error cors-star 8'],
  },
  {
    title: 'a map that knows its origins',
    text: server(['add_header Access-Control-Allow-Origin $cors;', credentials], {
      http: "map $http_origin $cors { default ''; https://a.example.org $http_origin; }",
    }),
    found: [],
  },
  { title: 'origins that an if knows by a pattern', text: tested('~* "^https://(a|b)\\.example\\.org$"'), found: [] },
  { title: 'an origin that an if knows by its name', text: tested('= "https://a.example.org"'), found: [] },
  { title: 'a pattern that all origins fit', text: tested('~* "^https?://.*$"'), found: ['error cors-star 9'] },
  { title: 'any origin that is not empty', text: tested("!= ''"), found: ['error cors-star 9'] },
  {
    title: 'a pattern without an end',
    text: tested('~* "https?://[^/]*\\.example\\.org"'),
    found: ['warning cors-star 9'],
  },
  {
    title: 'a named origin, and a location that hands nothing on',
    text: server(['add_header Access-Control-Allow-Origin https://a.example.org;', credentials], {
      inServer: "location /files { add_header Access-Control-Allow-Origin '*'; root /srv; }",
    }),
    found: [],
  },
  {
    title: 'requests that are handed on in an if',
    text: 'events {}\nhttp {\n  server {\n    listen 127.0.0.1:18081;\n    location / {\n      add_header Access-Control-Allow-Origin *;\n      if ($request_method = POST) {\n        proxy_pass http://127.0.0.1:1;\n      }\n    }\n  }\n}\n',
    found: ['warning cors-star 6'],
  },
];
