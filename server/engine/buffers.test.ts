import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseYaml } from '../formats/text/yaml.ts';
import { judgeBuffer } from './buffers.ts';
import { defaultConfiguration } from './configuration.ts';
import { judgeTextContent } from './textFile.ts';
import { makeWorkspace } from './workspace.fixture.ts';
import { WorkspaceTable } from './workspaceFacts.ts';

/** Numbers that look random and are the same on every run. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
}

const compose = `services:
  one: &one
    image: org/serve:1
    privileged: true
    command: python serve.py --model ckpt/model.bin
    environment:
      - HF_TOKEN=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
    volumes: ["/var/run/docker.sock:/var/run/docker.sock"]
  two:
    <<: *one
    image: org/serve@sha256:${'0123456789abcdef'.repeat(4)}
    command: torchserve --start
  three:
    image: ghcr.io/huggingface/text-generation-inference:1
    command: curl -k https://models.example.org/a.bin
    environment: {MODEL: http://models.example.org/a.bin}
`;

const jobs = `apiVersion: batch/v1
kind: Job
metadata: {name: train}
spec:
  template:
    spec:
      hostNetwork: true
      containers:
        - name: trainer
          image: org/train:1
          env:
            - {name: WANDB_API_KEY, value: 9f3c1e7ab24d8056ce17b9a04fd2e6c83ab5071d}
            - name: AWS_SECRET_ACCESS_KEY
              value: x
          securityContext: {privileged: true}
---
apiVersion: v1
kind: ConfigMap
data:
  conf.yaml: |
    image: org/train:2
    insecure_skip_verify: true
    resume_from: ckpt/model.bin
`;

const training = `base_model: http://models.example.org/a
model_name_or_path: ckpt
dataset: alpaca, other
dataset_dir: data
datasets:
  - path: data/train.csv
    ds_type: csv
seed: 1
seed: 2
`;

const pieces = [
  ...['x', '\n', ' ', '    ', ':', '-', '- ', '"', '#', '&a ', '*one', 'é', '\u{1F600}', '\r\n', '{', '}', '---\n'],
  ...['    privileged: true\n', '  four:\n    image: org/x:1\n', 'token: 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\n'],
  ...['      - A=b\n', '    pid: host\n', '    build: .\n', 'path: ckpt/model.bin\n', '    command: torchserve\n'],
];

test('a YAML text that is edited step by step is judged as it is when it is opened', async (context) => {
  const { root } = makeWorkspace(context, { 'data/train.csv': 'a,b\n', 'dataset.yaml': '{}\n' });
  const artifact = {
    path: 'ckpt/model.bin',
    format: 'pickle',
    worst: 'error',
    message: 'Bad.',
    convertible: 'no',
  } as const;
  const settings = { limits: defaultConfiguration(root).limits, maxFileSize: null, allowedImports: [] };
  const anew = (): WorkspaceTable => {
    const table = new WorkspaceTable(root, [artifact]);
    table.remembersAsked = false;
    return table;
  };
  const artifacts = anew().pack();
  let found = 0;
  for (const [file, whole] of Object.entries({ 'compose.yaml': compose, 'jobs.yaml': jobs, 'train.yaml': training }))
    for (let seed = 1; seed <= 3; seed++) {
      const roll = dice(seed);
      const path = `${seed}/${file}`;
      const given = seed % 3 === 0 ? whole.replaceAll('\n', '\r\n') : whole;
      let text = given;
      for (let step = 0; step < 40; step++) {
        const task = { base: root, path, text, cells: false, settings, stamp: '1', artifacts };
        const now = await judgeBuffer(task);
        const { findings } = await judgeTextContent(path, text, anew(), settings);
        // Of a text that breaks the grammar, and of one with templates, less may have been read, or more.
        if (parseYaml(text).problems.length === 0) assert.deepEqual(now?.findings, findings, JSON.stringify(text));
        found += findings.length;
        const at = roll(text.length + 1);
        const behind = at + (roll(3) === 0 ? roll(12) : 0);
        text =
          step % 5 === 4
            ? given
            : text.slice(0, at) + (roll(4) === 0 ? '' : (pieces[roll(pieces.length)] ?? '')) + text.slice(behind);
      }
    }
  assert.ok(found > 500);
});
