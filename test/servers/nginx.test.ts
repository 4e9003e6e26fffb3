import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { parseNginx } from '../../server/formats/text/nginx.ts';
import { corsCases } from '../../server/posture/nginxCors.fixture.ts';
import { judgeExample } from '../../server/rules/exampleFiles.fixture.ts';
import { withChanges } from '../../server/rules/textEdits.fixture.ts';
import { SeededRandom } from '../hostile/seededRandom.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-nginx-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** What `nginx -t` says of a configuration: null when it is in order. */
function complaint(text: string): string | null {
  const file = path.join(folder, 'nginx.conf');
  writeFileSync(file, text);
  const { status, stderr, error } = spawnSync('nginx', ['-t', '-p', folder, '-c', file], { encoding: 'utf8' });
  if (error) throw error;
  return status === 0 ? null : stderr;
}

const base = `pid ${folder}/nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  log_format j escape=json '{"a":"$status;"}';
  map $http_upgrade $upgrading { default upgrade; '' close; }
  server {
    listen 127.0.0.1:18080; # a remark; with { signs
    server_name a.example.org "b.example.org";
    location ~ ^/v1/models/(.*)$ {
      return 200 "x;}";
    }
    set $u "\${scheme}://$host";
    location = /a\\;b { deny all; }
  }
}
`;

test('a grammar of its own and nginx -t agree on what is no configuration, over 300 damaged ones', () => {
  assert.equal(complaint(base), null);
  assert.deepEqual(parseNginx(base).problems, []);
  const random = new SeededRandom(20_240_229);
  const signs = ['{', '}', ';', '"', "'", '\\', '#', ' ', '\n', '$', '${', 'x'];
  const counts = { both: 0, neither: 0, elsewhere: 0 };
  const differ: string[] = [];
  for (let round = 0; round < 300; round++) {
    const at = random.below(base.length);
    const text = base.slice(0, at) + (signs[random.below(signs.length)] ?? '') + base.slice(at + random.below(3));
    const theirs = complaint(text);
    const ours = parseNginx(text).problems.length > 0;
    // It stops at the first mistake: where that is one of meaning, nothing is known of the rest.
    const isGrammar = theirs !== null && /unexpected (?:end of (?:file|parameter)|"[;{}]")/.test(theirs);
    if (theirs !== null && !isGrammar) counts.elsewhere++;
    else if (isGrammar === ours) counts[ours ? 'both' : 'neither']++;
    else
      differ.push(
        `${JSON.stringify(text.slice(Math.max(0, at - 20), at + 20))}: ${ours ? 'ours alone' : (theirs ?? '').trim()}`,
      );
  }
  console.log(
    `nginx -t: ${counts.both} refused by both, ${counts.neither} taken by both, ${counts.elsewhere} refused for their meaning, ${differ.length} differ`,
  );
  assert.ok(counts.both > 15 && counts.neither > 30, 'the damage must show something');
  assert.deepEqual(differ, []);
});

test('blocks that quick fixes add are taken by nginx', async () => {
  const text = `pid ${folder}/nginx.pid;\nerror_log stderr;\nevents {}\nhttp {\n  server {\n    listen 127.0.0.1:18080;\n    location / {\n      proxy_pass http://127.0.0.1:8000;\n    }\n  }\n}\n`;
  const reachable = text.replace('127.0.0.1:18080', '18080');
  const findings = await judgeExample({ file: 'nginx.conf', text: reachable });
  const edits = findings.flatMap(({ edits: own }) => own ?? []);
  assert.equal(edits.length, 3);
  for (const { changes, title } of edits) {
    // Logs go where this test may write.
    const fixed = withChanges(reachable, changes).replaceAll('/var/log/nginx', folder);
    assert.equal(complaint(fixed), null, title);
  }
});

test('nginx takes the headers and sizes that rules speak of, and only where they are read', () => {
  for (const { title, text } of corsCases) assert.equal(complaint(`pid ${folder}/nginx.pid;\n${text}`), null, title);
  const server = (lines: string): string =>
    `pid ${folder}/nginx.pid;\nevents {}\nhttp {\n  server {\n    listen 127.0.0.1:18081;\n    ${lines}\n  }\n}\n`;
  for (const size of ['0', '0m', '00k', '20m'])
    assert.equal(complaint(server(`client_max_body_size ${size};`)), null, size);
  assert.notEqual(complaint(server('client_max_body_size -1;')), null);
  const header = 'add_header Access-Control-Allow-Origin *;';
  assert.match(complaint(server(`if ($request_method = OPTIONS) { ${header} }`)) ?? '', /not allowed here/);
});
