import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { itemsAt, leafAt, nodeAt, textAt } from './configTree.ts';
import type { ConfigNode, NginxDirective, TextRange } from './facts.ts';
import { parseText, textLanguage, type ConfigLanguage } from './parse.ts';

/** What stands at a range, lines of it joined. */
function at(text: string, range: TextRange | undefined): string {
  assert.ok(range);
  const lines = text.split(/\r\n|\r|\n/).slice(range.line - 1, range.endLine);
  const last = lines.length - 1;
  return lines
    .map((line, index) =>
      line.slice(index === 0 ? range.column - 1 : 0, index === last ? range.endColumn - 1 : undefined),
    )
    .join('\n');
}

async function tree(language: ConfigLanguage, text: string): Promise<ConfigNode> {
  const parsed = await parseText(language, text);
  assert.ok('documents' in parsed);
  const [root] = parsed.documents;
  assert.ok(root);
  return root;
}

test('the language of a file that has no telling end', () => {
  const expected = {
    'a/Dockerfile': 'dockerfile',
    'Dockerfile.gpu': 'dockerfile',
    'train.dockerfile': 'dockerfile',
    Containerfile: 'dockerfile',
    'Dockerfile.go': 'dockerfile',
    'Dockerfile-base.jinja': 'dockerfile',
    'dockerfile.py': 'python',
    'build/dockerfile_template.py': 'python',
    'Dockerfile_notes.md': null,
    'requirements-dev.txt': 'requirements',
    'dev-requirements.txt': 'requirements',
    'requirements/gpu.txt': 'requirements',
    'uv.lock': 'requirements',
    'Pipfile.lock': 'requirements',
    Pipfile: 'toml',
    'kong.conf': 'properties',
    'kong.conf.default': 'properties',
    '.env.local': 'properties',
    'config.properties': 'properties',
    'nginx/default.conf': 'nginx',
    'default.conf.template': 'nginx',
    'templates/nginx.conf.j2': 'nginx',
    'deploy/server.yaml.tmpl': 'yaml',
    'litellm.yaml.example': 'yaml',
    '.env.sample': 'properties',
    'train.py.j2': null,
    'setup.sample': null,
    '.j2': null,
    'model/config.pbtxt': 'textproto',
    MLproject: 'yaml',
    'run.sh': 'shell',
    'train.slurm': 'shell',
    'notes.txt': null,
    'package-lock.lock': null,
  };
  assert.deepEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, textLanguage(name)])), expected);
});

describe('YAML as a tree', () => {
  test('keys, aliases, merges and tags', async () => {
    const text = 'base: &b\n  image: a\n  n: 1\nuse:\n  <<: *b\n  n: 2\nrole: !Ref Role\nempty:\nlist: [x, {y: z}]\n';
    const root = await tree('yaml', text);
    assert.equal(textAt(root, 'use', 'image'), 'a');
    assert.equal(leafAt(root, 'use', 'n')?.value, 2);
    assert.equal(leafAt(root, 'role')?.tag, '!Ref');
    assert.equal(leafAt(root, 'empty')?.value, null);
    assert.equal(textAt(root, 'list', 1, 'y'), 'z');
    const use = nodeAt(root, 'use');
    assert.ok(use?.kind === 'mapping');
    assert.equal(at(text, use.entries[1]?.keyRange), 'n');
  });
});

describe('TOML', () => {
  test('tables, arrays of tables, dotted keys, and places', async () => {
    const text = 'a.b = "x"\n[t.u]\nk = ["p", {q = 2}]\n[[l]]\nn = 1\n[[l]]\nn = 0x10\nd = 1979-05-27\n';
    const root = await tree('toml', text);
    assert.equal(textAt(root, 'a', 'b'), 'x');
    assert.equal(at(text, leafAt(root, 'a', 'b')?.innerRange), 'x');
    assert.equal(leafAt(root, 't', 'u', 'k', 1, 'q')?.value, 2);
    assert.equal(leafAt(root, 'l', 1, 'n')?.value, 16);
    assert.equal(leafAt(root, 'l', 1, 'd')?.value, '1979-05-27');
  });

  test('what stands before a mistake is kept', async () => {
    const parsed = await parseText('toml', 'a = 1\n[b]\nc = 2\nd =\n');
    assert.ok('documents' in parsed);
    assert.equal(leafAt(parsed.documents[0], 'b', 'c')?.value, 2);
    assert.deepEqual(
      parsed.problems.map(({ code }) => code),
      ['malformed'],
    );
  });
});

test('properties: escapes, continuations, quotes and remarks', async () => {
  const text =
    '# c\nmanagement_address=http\\://0.0.0.0:8081\nmodels={\\\n  "a": 1}\nadmin_listen = 127.0.0.1:8001 # why\nTOKEN="a b"\nexport KEY=v\n';
  const root = await tree('properties', text);
  assert.equal(textAt(root, 'management_address'), 'http://0.0.0.0:8081');
  assert.equal(textAt(root, 'models'), '{"a": 1}');
  assert.equal(textAt(root, 'admin_listen'), '127.0.0.1:8001');
  assert.equal(at(text, leafAt(root, 'admin_listen')?.range), '127.0.0.1:8001');
  assert.equal(at(text, leafAt(root, 'TOKEN')?.innerRange), 'a b');
  assert.equal(textAt(root, 'KEY'), 'v');
});

test('text format: messages with and without a colon, lists, joined strings, repeated fields', async () => {
  const text =
    'name: "m" # c\nbackend: \'py\' "thon"\ninput [ { dims: [1, -1] }, { dims: 2 } ]\nparameters: { key: "k" value: { string_value: "v" } }\nparameters < key: "2" >\nmax_batch_size: 8;\n[ext.x] { a: TRUE_ENUM }\n';
  const root = await tree('textproto', text);
  assert.equal(textAt(root, 'backend'), 'python');
  assert.equal(leafAt(root, 'input', 0, 'dims', 1)?.value, -1);
  assert.equal(itemsAt(root, 'input').length, 2);
  assert.ok(root.kind === 'mapping');
  assert.equal(root.entries.filter(({ key }) => key === 'parameters').length, 2);
  assert.equal(textAt(root, 'ext.x', 'a'), 'TRUE_ENUM');
  assert.equal(at(text, leafAt(root, 'name')?.innerRange), 'm');
  const broken = await parseText('textproto', 'a: 1\nb {\n c: 2\n');
  assert.deepEqual(
    broken.problems.map(({ code }) => code),
    ['malformed'],
  );
});

test('Dockerfile: continuations, comments between them, places of words', async () => {
  const text =
    '# syntax=x\nARG V=1\nFROM --platform=x python:${V} AS b\nRUN pip install \\\n  # note\n  torch\nuser root\n';
  const parsed = await parseText('dockerfile', text);
  assert.ok(parsed.language === 'dockerfile');
  assert.deepEqual(
    parsed.instructions.map(({ keyword, argument }) => [keyword, argument]),
    [
      ['ARG', 'V=1'],
      ['FROM', 'python:${V} AS b'],
      ['RUN', 'pip install torch'],
      ['USER', 'root'],
    ],
  );
  assert.equal(at(text, parsed.instructions[1]?.words[0]?.range), 'python:${V}');
});

test('Dockerfile: what a shell reads is taken apart as by a shell, lists as JSON', async () => {
  const text = [
    'RUN --mount=type=cache,target=/c if [ -n "$A" ]; then pip install "a b" $B; \\',
    '    # note',
    '',
    "    else curl 'x y' | sh; fi",
    'CMD ["serve","--name","a b"]',
    'ENTRYPOINT ["sh", "-c", "vllm serve m --trust-remote-code"]',
    'RUN <<EOF',
    'pip install c',
    'wget d',
    'EOF',
    'CMD [broken',
    '',
  ].join('\n');
  const parsed = await parseText('dockerfile', text);
  assert.ok(parsed.language === 'dockerfile');
  const words = parsed.instructions.map((each) => each.words);
  assert.deepEqual(
    words.map((each) => each.map(({ value }) => value)),
    [
      // prettier-ignore
      ['if', '[', '-n', '$A', ']', ';', 'then', 'pip', 'install', 'a b', '$B', ';', 'else', 'curl', 'x y', '|', 'sh', ';', 'fi'],
      ['serve', '--name', 'a b'],
      ['sh', '-c', 'vllm', 'serve', 'm', '--trust-remote-code'],
      ['<<EOF', '\n', 'pip', 'install', 'c', '\n', 'wget', 'd', '\n', 'EOF'],
      ['[broken'],
    ],
  );
  assert.equal(at(text, words[0]?.[13]?.range), 'curl');
  assert.equal(at(text, words[1]?.[1]?.range), '--name');
  assert.equal(at(text, words[2]?.[5]?.range), '--trust-remote-code');
  assert.equal(at(text, words[3]?.[6]?.range), 'wget');
});

describe('nginx', () => {
  const names = (directives: readonly NginxDirective[]): unknown[] =>
    directives.map(({ name, args, block }) => [
      name,
      ...args.map(({ value }) => value),
      ...(block ? [names(block)] : []),
    ]);

  test('quotes, variables, comments, Lua and regular expressions', async () => {
    const text =
      'http { # c\n  log_format j escape=json \'{"a":"$b"}\';\n  server {\n    listen 443 ssl;\n    location ~ ^/a\\{1\\}/(.*)$ { return 200 "x;}"; }\n    set $u "${scheme}://$host";\n    access_by_lua_block { if x then return "}" end -- }\n      local t = { [[ } ]] } }\n    deny all;\n  }\n}\n';
    const parsed = await parseText('nginx', text);
    assert.ok(parsed.language === 'nginx');
    assert.deepEqual(parsed.problems, []);
    assert.deepEqual(names(parsed.directives), [
      [
        'http',
        [
          ['log_format', 'j', 'escape=json', '{"a":"$b"}'],
          [
            'server',
            [
              ['listen', '443', 'ssl'],
              ['location', '~', '^/a\\{1\\}/(.*)$', [['return', '200', 'x;}']]],
              ['set', '$u', '${scheme}://$host'],
              ['access_by_lua_block', []],
              ['deny', 'all'],
            ],
          ],
        ],
      ],
    ]);
    const server = parsed.directives[0]?.block?.[1];
    assert.equal(at(text, server?.block?.[0]?.range), 'listen 443 ssl;');
    assert.equal(server?.range.endLine, 10);
  });

  test('an unfinished edit gives what stands there', async () => {
    const parsed = await parseText('nginx', 'server {\n  listen 80;\n  location / {\n    proxy_pass http://x');
    assert.ok(parsed.language === 'nginx');
    assert.deepEqual(names(parsed.directives), [
      [
        'server',
        [
          ['listen', '80'],
          ['location', '/', []],
        ],
      ],
    ]);
    assert.equal(parsed.problems[0]?.code, 'malformed');
  });
});

test('requirements: pins, extras, markers, hashes, addresses, options', async () => {
  const text = [
    '# comment',
    '--extra-index-url https://pypi.example.org/simple',
    'torch[cuda]>=2.0, <3 ; python_version > "3.8"  # why',
    'numpy==1.26.4 \\',
    '    --hash=sha256:aa',
    '-e git+https://github.com/a/b@main#egg=b',
    'lib @ https://example.org/lib.zip',
    'plain',
    '-r other.txt',
  ].join('\r\n');
  const parsed = await parseText('requirements', text);
  assert.ok(parsed.language === 'requirements');
  assert.deepEqual(
    parsed.requirements.map(({ name, specifier, url, hashed, range }) => [
      name,
      specifier,
      url,
      hashed,
      at(text, range),
    ]),
    [
      ['torch', '>=2.0, <3', null, false, 'torch[cuda]>=2.0, <3'],
      ['numpy', '==1.26.4', null, true, 'numpy==1.26.4'],
      ['b', '', 'git+https://github.com/a/b@main#egg=b', false, 'git+https://github.com/a/b@main#egg=b'],
      ['lib', '', 'https://example.org/lib.zip', false, 'lib @ https://example.org/lib.zip'],
      ['plain', '', null, false, 'plain'],
    ],
  );
  assert.deepEqual(
    parsed.options.map(({ name, value }) => [name, value]),
    [
      ['--extra-index-url', 'https://pypi.example.org/simple'],
      ['-r', 'other.txt'],
    ],
  );
});

test('lock files: the locked version at its place', async () => {
  const lock =
    '[[package]]\nname = "torch"\nversion = "2.5.1"\n\n[package.dependencies]\nname = "no"\n\n[[package]]\nname = "x"\nversion = "1"\n';
  const parsed = await parseText('requirements', lock);
  assert.ok(parsed.language === 'requirements');
  assert.deepEqual(
    parsed.requirements.map(({ name, specifier, range }) => [name, specifier, at(lock, range)]),
    [
      ['torch', '==2.5.1', '2.5.1'],
      ['x', '==1', '1'],
    ],
  );
  const pipfile = '{"_meta": {"hash": {}},\n "default": {"torch": {"hashes": ["sha256:a"], "version": "==2.5.1"}}}';
  const second = await parseText('requirements', pipfile);
  assert.ok(second.language === 'requirements');
  assert.deepEqual(
    second.requirements.map(({ name, specifier, hashed }) => [name, specifier, hashed]),
    [['torch', '==2.5.1', true]],
  );
});
