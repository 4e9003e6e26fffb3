import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TextRange } from './facts.ts';
import { launchesIn } from './launches.ts';
import { parseText, scriptLanguage, textLanguage, textLimits } from './parse.ts';

async function parse(text: string) {
  const parsed = await parseText('shell', text);
  assert.ok(parsed.language === 'shell');
  return parsed;
}

/** What stands at a place of one line. */
function shown(text: string, { line, column, endLine, endColumn }: TextRange): string | undefined {
  assert.equal(line, endLine);
  return text.split(/\r\n|\r|\n/)[line - 1]?.slice(column - 1, endColumn - 1);
}

const statements = async (text: string): Promise<string[]> =>
  launchesIn(await parse(text), 'a.sh').map(({ words }) => words.map(({ value }) => value).join(' '));

/** The first call of the first program in a text, and what stands at its place in the outer text. */
async function firstCall(text: string): Promise<[string | undefined, string | undefined]> {
  const [program] = (await parse(text)).embedded ?? [];
  assert.ok(program?.facts.language === 'python' && program.places);
  const [call] = program.facts.calls;
  return [call?.callee, call && shown(text, program.places.range(call.range))];
}

describe('scripts of a shell', () => {
  test('are known by their names and by their first lines', () => {
    for (const name of ['a.sh', 'run.bash', 'job.slurm', 'job.sbatch', 'a.zsh', 'job.pbs'])
      assert.equal(textLanguage(name), 'shell', name);
    assert.equal(textLanguage('train'), null);
    const first = {
      '#!/bin/bash\n': 'shell',
      '#!/usr/bin/env bash\n#SBATCH -n 1\n': 'shell',
      '#! /bin/sh -e\n': 'shell',
      '\uFEFF#!/usr/bin/env zsh\n': 'shell',
      '#!/usr/bin/env -S python3 -u\n': 'python',
      '#!/opt/conda/bin/python3.11\n': 'python',
      '#!/usr/bin/env node\n': null,
      '#!/usr/bin/fish\n': null,
      '# bash\n': null,
      'bash\n': null,
    };
    for (const [head, language] of Object.entries(first)) assert.equal(scriptLanguage(head), language, head);
  });

  test('come to what they start, without words of the shell and brackets', async () => {
    const text = `#!/bin/bash
#SBATCH --gres=gpu:1
if [ -z "$A" ]; then sudo pip install torch; fi
(cd x && curl -k https://a.example.org/b | tar x)
export A=1 B=2
HF_HOME=/x nohup python train.py --a "b c" \\
  --d 'e' &
`;
    assert.deepEqual(await statements(text), [
      '[ -z $A ]',
      'pip install torch',
      'fi',
      'cd x && curl -k https://a.example.org/b | tar x',
      'export A=1 B=2',
      'python train.py --a b c --d e',
    ]);
  });

  test('quotes reach over lines, and one that nothing closes ends with its line', async () => {
    assert.deepEqual(await statements('echo "usage:\n  curl -k x\n" a\npip install b\n'), [
      'echo usage:\n  curl -k x\n a',
      'pip install b',
    ]);
    assert.deepEqual(await statements("echo it's\npip install b\n"), ['echo its', 'pip install b']);
  });

  test('places are those of the file, also behind quotes over lines and with line ends of Windows', async () => {
    const text = 'echo "a\nb" && pip install "c"\npip install d\n';
    for (const each of [text, text.replaceAll('\n', '\r\n')]) {
      const { words } = await parse(each);
      const found = words.filter(({ value }) => value === 'c' || value === 'd');
      assert.deepEqual(
        found.map(({ range }) => shown(each, range)),
        ['"c"', 'd'],
      );
    }
  });

  test('variables are told, wherever they are set', async () => {
    const text = 'export A=1\nB="x y" python a.py\ndocker run -e C=3 img\n';
    const [{ environment = [] } = {}] = launchesIn(await parse(text), 'a.sh');
    assert.deepEqual(
      environment.map(({ name, value }) => [name, value]),
      [
        ['A', '1'],
        ['B', 'x y'],
        ['C', '3'],
      ],
    );
  });

  test('more words than are kept are told of', async () => {
    const { words, problems } = await parse('a '.repeat(textLimits.facts + 10));
    assert.equal(words.length, textLimits.facts);
    assert.deepEqual(
      problems.map(({ code }) => code),
      ['limit-facts'],
    );
  });
});

describe('programs in scripts', () => {
  const code = 'import torch\ntorch.load("x")\n';

  test('a here-document for Python, with tabs and with line ends of Windows', async () => {
    for (const text of [
      `set -e\npython3 - <<'END'\n${code}END\necho\n`,
      `set -e\nsrun python - <<END\n${code}END\n`,
      `if a; then\n\tpython - <<-END\n${code.replace(/^/gm, '\t').slice(0, -1)}\tEND\nfi\n`,
      `python - <<END\n${code}END\n`.replaceAll('\n', '\r\n'),
    ])
      assert.deepEqual(await firstCall(text), ['torch.load', 'torch.load("x")'], JSON.stringify(text));
  });

  test('python -c, quoted either way, and in the script of another shell', async () => {
    assert.deepEqual(await firstCall(`python -c 'import torch; torch.load("x")'\n`), ['torch.load', 'torch.load("x")']);
    assert.deepEqual(await firstCall(`python3 -u -c "import torch; torch.load(\\"x\\")"\n`), [
      'torch.load',
      String.raw`torch.load(\"x\")`,
    ]);
    assert.deepEqual(await firstCall(`bash -lc "python -c 'import torch; torch.load(1)'"\n`), [
      'torch.load',
      'torch.load(1)',
    ]);
    assert.deepEqual(await firstCall(`python -c "\nimport torch\ntorch.load('x')\n"\n`), [
      'torch.load',
      "torch.load('x')",
    ]);
  });

  test('what is handed on is no word of the script, but what goes to a shell is', async () => {
    const handed = `cat > a.py <<END\npip install a\nEND\ncat <<END\npip install b\nEND\nssh host <<END\npip install c\nEND\n`;
    assert.deepEqual(
      (await statements(handed)).filter((each) => each.startsWith('pip')),
      ['pip install c'],
    );
  });

  test('a file that is written is read as what its name says', async () => {
    const text = `cat > "$DIR/conf.yaml" <<END\na: 1\nEND\ntee requirements.txt <<END\ntorch\nEND\nkubectl apply -f - <<END\nkind: A\nEND\ncat > notes.txt <<END\nload\nEND\ncat <<END > run.py\nload\nEND\n`;
    assert.deepEqual(
      ((await parse(text)).embedded ?? []).map(({ name, language }) => [name, language]),
      [
        ['conf.yaml', 'yaml'],
        ['requirements.txt', 'requirements'],
        ['object.yaml', 'yaml'],
        ['run.py', 'python'],
      ],
    );
  });

  test('more programs than are read are told of', async () => {
    const { problems, embedded = [] } = await parse(`python -c 'import torch'\n`.repeat(1_100));
    assert.equal(embedded.length, 1_000);
    assert.deepEqual(
      problems.map(({ code }) => code),
      ['limit-facts'],
    );
  });

  test('what only looks like a here-document hides nothing', async () => {
    for (const text of [
      'echo $((1<<2))\npip install a\n',
      'cat <<<"END"\npip install a\nEND\n',
      '# python - <<END\npip install a\nEND\n',
      'python - <<END\npip install a\n',
    ])
      assert.ok((await statements(text)).includes('pip install a'), text);
  });
});
