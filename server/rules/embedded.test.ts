import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseText } from '../formats/text/parse.ts';
import { endpointsIn } from '../posture/postureOf.ts';
import { judgeExample } from './exampleFiles.fixture.ts';
import { withChanges } from './textEdits.fixture.ts';

const nginx = `http {
  server {
    listen 443 ssl;
    location / {
      proxy_pass http://127.0.0.1:8000;
    }
  }
}`;

/** A ConfigMap with a file in it, two columns to the right. */
function configMap(file: string, content: string, header = '|'): string {
  const inside = content
    .split('\n')
    .map((line) => (line === '' ? '' : `    ${line}`))
    .join('\n');
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: gateway\ndata:\n  # the proxy\n  ${file}: ${header}\n${inside}\n  other: value\n`;
}

async function placesOf(file: string, text: string): Promise<string[]> {
  const findings = await judgeExample({ file, text });
  return findings.map(({ ruleId, location }) => `${ruleId} ${location.line ?? 0}:${location.column ?? 0}`).sort();
}

describe('texts inside other texts', () => {
  test('a file of a ConfigMap is judged as what its name says, at the lines where it stands', async () => {
    assert.deepEqual(await placesOf('gateway.yaml', configMap('nginx.conf', nginx)), [
      'endpoint/no-auth 9:7',
      'endpoint/no-client-certificate 9:7',
      'endpoint/no-rate-limit 9:7',
      'endpoint/no-schema 9:7',
      'endpoint/no-structured-log 9:7',
    ]);
    const properties = configMap(
      'config.properties',
      'inference_address=http://127.0.0.1:8080\nmanagement_address=http://0.0.0.0:8081',
      '|-',
    );
    assert.ok((await placesOf('serve.yaml', properties)).includes('endpoint/admin-exposed 9:24'));
  });

  test('line ends of Windows, a byte order mark and an indentation indicator move nothing', async () => {
    const plain = await placesOf('gateway.yaml', configMap('nginx.conf', nginx));
    assert.deepEqual(await placesOf('gateway.yaml', configMap('nginx.conf', nginx).replaceAll('\n', '\r\n')), plain);
    assert.deepEqual(await placesOf('gateway.yaml', `\uFEFF${configMap('nginx.conf', nginx)}`), plain);
    assert.deepEqual(await placesOf('gateway.yaml', configMap('nginx.conf', nginx, '|2')), plain);
  });

  test('where a text is written with escapes, places are those of its characters, and of a folded one the scalar', async () => {
    const json = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', data: { 'nginx.conf': nginx } });
    const server = json.indexOf('server {') + 1;
    assert.ok((await placesOf('gateway.json', json)).every((place) => place.endsWith(` 1:${server}`)));
    assert.equal((await placesOf('gateway.json', json)).length, 5);
    const folded = configMap(
      'config.properties',
      'inference_address=http://127.0.0.1:8080\n\nmanagement_address=http://0.0.0.0:8081',
      '>',
    );
    assert.ok((await placesOf('serve.yaml', folded)).includes('endpoint/admin-exposed 7:22'));
  });

  test('programs of jobs: a script of Argo, a here document, a list of arguments', async () => {
    const code = "import torch\ntorch.load('x', weights_only=False)";
    const indented = (by: number, text: string) => text.replace(/^/gm, ' '.repeat(by));
    const argo = `apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nspec:\n  templates:\n    - name: a\n      script:\n        image: python:3.12\n        command: [python]\n        source: |\n${indented(10, code)}\n`;
    assert.ok((await placesOf('w.yaml', argo)).includes('load/torch-load-unsafe 11:40'));
    const shell = `apiVersion: trainer.kubeflow.org/v1alpha1\nkind: TrainJob\nspec:\n  trainer:\n    image: a/b:1\n    command:\n      - bash\n      - -c\n      - |\n        set -e\n        python3 - <<'END'\n${indented(8, code)}\n        END\n        rm x\n`;
    assert.ok((await placesOf('t.yaml', shell)).includes('load/torch-load-unsafe 13:38'));
    const given = `apiVersion: batch/v1\nkind: Job\nspec:\n  template:\n    spec:\n      containers:\n        - name: a\n          image: a/b:1\n          command: [python3, -c]\n          args:\n            - |\n${indented(14, code)}\n`;
    assert.ok((await placesOf('j.yaml', given)).includes('load/torch-load-unsafe 13:44'));
  });

  test('Python in a list of arguments, in quotes of any kind, at its place and changed as it is written', async () => {
    const code = (quote: string): string => `import torch; torch.load(${quote}x${quote}, weights_only=False)`;
    const pod = (command: string): string =>
      `apiVersion: batch/v1\nkind: Job\nspec:\n  template:\n    spec:\n      containers:\n        - name: a\n          image: a/b:1\n${command}`;
    const forms: [file: string, text: string][] = [
      ['j.yaml', pod(`          command: [python, -c, "${code("'")}"]\n`)],
      ['j.yaml', pod(`          command: ["python3", "-u", "-c", "${code('\\"')}"]\n`)],
      ['j.yaml', pod(`          command: [python3, -c]\n          args: ['${code("''")}']\n`)],
      [
        'j.yaml',
        pod(
          `          command:\n            - python\n            - -c\n            - |\n              ${code('"')}\n`,
        ),
      ],
      ['j.yaml', pod(`          command: [sh, -c, "python -c '${code('\\"')}'"]\n`)],
      ['j.yaml', pod(`          command: [python, -c, "import torch\\n\\ttorch.load('x', weights_only=False)"]\n`)],
      ['compose.yaml', `services:\n  a:\n    image: a/b:1\n    command: ["python", "-c", "${code("'")}"]\n`],
      ['compose.yaml', `services:\n  a:\n    image: a/b:1\n    entrypoint: python -c "${code("'")}"\n`],
      [
        'component.yaml',
        `name: a\nimplementation:\n  container:\n    image: a/b:1\n    command: [python3, -c, "${code("'")}"]\n`,
      ],
      ['dvc.yaml', `stages:\n  a:\n    cmd: python -c "${code("'")}"\n`],
      [
        '.github/workflows/a.yml',
        `on: push\njobs:\n  a:\n    steps:\n      - run: |\n          set -e\n          python -c '${code('"')}'\n`,
      ],
      ['Dockerfile', `FROM a:1\nUSER 1\nCMD ["python", "-c", "${code('\\"')}"]\n`],
      ['Dockerfile', `FROM a:1\nUSER 1\nRUN set -e && \\\n    # why\n    python -c '${code('"')}'\n`],
      ['Dockerfile', `FROM a:1\nUSER 1\nRUN python3 <<END\n${code('"')}\nEND\n`],
      ['Dockerfile', `FROM a:1\nUSER 1\nENTRYPOINT ["/bin/bash", "-c", "python -c '${code('\\"')}'"]\n`],
    ];
    for (const [file, text] of forms) {
      const findings = (await judgeExample({ file, text })).filter(({ ruleId }) => ruleId === 'load/torch-load-unsafe');
      assert.equal(findings.length, 1, text);
      const [{ location, edits = [] } = assert.fail()] = findings;
      const line = text.split('\n')[(location.line ?? 0) - 1] ?? '';
      assert.equal(line.slice((location.column ?? 0) - 1, (location.endColumn ?? 0) - 1), 'False', text);
      for (const { changes } of edits) {
        const changed = withChanges(text, changes);
        assert.equal(changed, text.replace('only=False', 'only=True'));
        const left = await judgeExample({ file, text: changed });
        assert.ok(
          !left.some(({ ruleId, severity }) => ruleId === 'load/torch-load-unsafe' && severity === 'error'),
          changed,
        );
      }
    }
  });

  test('what is no program of Python in a list of arguments is left alone', async () => {
    const list = (words: string): string => `services:\n  a:\n    image: a/b:1\n    command: [${words}]\n`;
    const loads = '"import torch; torch.load(1, weights_only=False)"';
    for (const words of [
      `echo, -c, ${loads}`,
      `python, train.py, ${loads}`,
      `python, -m, a, ${loads}`,
      `python, train.py, -c, ${loads}`,
    ])
      assert.deepEqual(
        (await judgeExample({ file: 'compose.yaml', text: list(words) })).filter(({ ruleId }) =>
          ruleId.startsWith('load/'),
        ),
        [],
        words,
      );
  });

  test('a list of Ray, and a token in it, are told once, at their lines', async () => {
    const text = `apiVersion: ray.io/v1\nkind: RayJob\nspec:\n  runtimeEnvYAML: |\n    pip:\n      - torch\n    env_vars: {HF_TOKEN: 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}\n`;
    assert.deepEqual(await placesOf('job.yaml', text), ['pin/python-deps 6:9', 'secret/literal 7:26']);
  });

  test('a change that is offered keeps the block and what is around it', async () => {
    const text = configMap('nginx.conf', nginx);
    const findings = await judgeExample({ file: 'gateway.yaml', text });
    const edits = findings.flatMap(({ edits: own }) => own ?? []);
    assert.equal(edits.length, 3);
    for (const { changes, title } of edits) {
      const fixed = withChanges(text, changes);
      const parsed = await parseText('yaml', fixed);
      assert.deepEqual(parsed.problems, [], `${title}\n${fixed}`);
      assert.ok('embedded' in parsed && parsed.embedded?.length === 1, title);
      assert.deepEqual(parsed.embedded[0]?.facts.problems, [], fixed);
      assert.match(fixed, /\n {2}other: value\n$/);
      assert.ok(fixed.split('\n').every((line, index) => index < 7 || line === '' || line.startsWith('  ')));
      assert.equal((await judgeExample({ file: 'gateway.yaml', text: fixed })).length, 4, title);
    }
  });

  test('endpoints inside are in the table, with the lines that speak of them', async () => {
    const parsed = await parseText('yaml', configMap('nginx.conf', nginx));
    const [endpoint] = endpointsIn(parsed, 'gateway.yaml').endpoints;
    assert.equal(endpoint?.product, 'nginx');
    assert.equal(endpoint.range.line, 9);
    assert.equal(endpoint.controls.tls.range?.line, 10);
  });

  test('what is in a text of another kind, or is no text, is left alone', async () => {
    assert.deepEqual(await placesOf('a.yaml', `data:\n  nginx.conf: |\n${nginx.replace(/^/gm, '    ')}\n`), []);
    assert.deepEqual(
      await placesOf('a.yaml', 'apiVersion: v1\nkind: ConfigMap\ndata:\n  nginx.conf: 3\n  a.py:\n'),
      [],
    );
  });
});
