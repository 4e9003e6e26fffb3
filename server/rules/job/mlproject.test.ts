import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judgeExample } from '../exampleFiles.fixture.ts';

/** A project whose container has these fields, the first of which stands on line 4. */
const project = (...fields: string[]): string =>
  `name: reviews\ndocker_env:\n  image: registry.example.org/train:1.4.2\n${fields.map((each) => `  ${each}\n`).join('')}entry_points:\n  main:\n    command: python train.py\n`;

/** What is told, as `severity rule line`; a tag without a digest is only for who asks. */
async function found(file: string, text: string): Promise<string[]> {
  const findings = await judgeExample({ file, text });
  return findings
    .filter(({ ruleId }) => ruleId !== 'pin/image-digest')
    .map(({ severity, ruleId, location }) => `${severity} ${ruleId} ${location.line}`);
}

describe('the container of an MLflow project', () => {
  test('what it mounts of the machine', async () => {
    for (const [volume, severity] of [
      ['/:/host', 'error'],
      ['/var/run/docker.sock:/var/run/docker.sock', 'error'],
      ['/etc:/host-etc:ro', 'warning'],
    ])
      assert.deepEqual(await found('MLproject', project(`volumes: ["/data:/data", "${volume}"]`)), [
        `${severity} job/privileged 4`,
      ]);
    assert.deepEqual(await found('MLproject', project('volumes: ["/data/reviews:/data:ro", "cache:/cache"]')), []);
  });

  test('credentials that are written as a pair, and names that are copied', async () => {
    const key = '9b1c7f3e5d2a8064c1e7b3f9a5d2c8e4f60718ab';
    assert.deepEqual(await found('MLproject', project(`environment: [[WANDB_API_KEY, ${key}], [MODE, train]]`)), [
      'error job/secret-in-env 4',
    ]);
    assert.deepEqual(
      await found('MLproject', project('environment: [WANDB_API_KEY, [API_KEY, $KEY], [MODE, train]]')),
      [],
    );
  });

  test('variables of the container are those of what it starts', async () => {
    assert.deepEqual(await found('MLproject', project('environment: [[TRUST_REMOTE_CODE, "true"]]')), [
      'error load/trust-remote-code 4',
    ]);
  });

  test('an image without a version', async () => {
    const text = project().replace(':1.4.2', '');
    assert.deepEqual(await found('MLproject', text), ['warning pin/container-image 3']);
  });
});

describe('commands of an MLflow project', () => {
  const command = (line: string): string =>
    `name: reviews\npython_env: python_env.yaml\nentry_points:\n  main:\n    parameters: {a: {type: float, default: 1}, b: string}\n    command: ${JSON.stringify(line)}\n`;

  test('quotes around a parameter, and another shell, end the quoting of MLflow, whatever its type', async () => {
    for (const line of [
      "python train.py --alpha '{a}'",
      'python train.py --name "{b}"',
      'bash -c "python train.py {b}"',
      'sh -c "python train.py" && bash -lc "echo {a}"',
      'ssh gpu python train.py {b}',
      'su trainer -c "python train.py {b}"',
      'eval python train.py {b}',
    ])
      assert.deepEqual(await found('MLproject', command(line)), ['warning exec/quoted-parameter 6'], line);
  });

  test('a parameter by itself is quoted by MLflow', async () => {
    for (const line of [
      'python train.py --alpha {a} --name {b}',
      "python train.py --title 'a run' --name {b}",
      "python train.py {b} --format '{{b}}'",
      'python sshd.py {b} && python resume.py {a}',
      'python issue.py -c {b}',
    ])
      assert.deepEqual(await found('MLproject', command(line)), [], line);
  });
});

describe('the Python environment of an MLflow project', () => {
  test('what is not pinned, once a file, and options of pip', async () => {
    const text = (...lines: string[]): string =>
      `python: "3.11"\nbuild_dependencies: [pip, setuptools==75.8.0]\ndependencies:\n${lines.map((line) => `- ${line}\n`).join('')}`;
    assert.deepEqual(await found('env.yaml', text('numpy==2.2.0', 'scikit-learn', 'mlflow>=2.1')), [
      'info pin/python-deps 5',
    ]);
    assert.deepEqual(await found('env.yaml', text('numpy==2.2.0', '-r requirements.txt')), []);
    assert.deepEqual(await found('env.yaml', text('a==1.0', '--trusted-host packages.example.org')), [
      'error pin/python-deps 5',
    ]);
    assert.deepEqual(await found('env.yaml', text('git+https://github.com/org/lib@main')), [
      'warning pin/python-deps 4',
    ]);
  });
});
