import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { endpointsIn } from '../posture/postureOf.ts';
import { parseText } from '../formats/text/parse.ts';
import { judgeExample } from './exampleFiles.fixture.ts';
import type { Finding } from './finding.ts';
import { judgeRemarks } from './suppress.ts';
import { withChanges } from './textEdits.fixture.ts';

async function judged(text: string, file = 'train.sh'): Promise<Finding[]> {
  return judgeExample({ file, text });
}

/** Rule, severity and the text at each finding. */
async function told(text: string, file?: string): Promise<string[]> {
  const lines = text.split('\n');
  return (await judged(text, file))
    .map(({ ruleId, severity, location: { line, column, endLine, endColumn } }) => {
      const at = lines[(line ?? 0) - 1]?.slice((column ?? 0) - 1, line === endLine ? (endColumn ?? 0) - 1 : undefined);
      return `${ruleId} ${severity} ${line}: ${at}`;
    })
    .sort();
}

describe('scripts of a shell are judged as commands elsewhere are', () => {
  test('what is installed and downloaded', async () => {
    assert.deepEqual(await told('pip install a==1 --extra-index-url https://packages.example.org/simple\n'), [
      'pin/python-deps warning 1: https://packages.example.org/simple',
    ]);
    assert.deepEqual(await told('python -m pip install --trusted-host packages.example.org a==1\n'), [
      'pin/python-deps error 1: packages.example.org',
    ]);
    assert.deepEqual(await told('pip install git+http://git.example.org/a.git\n'), [
      'pin/python-deps warning 1: git+http://git.example.org/a.git',
    ]);
    assert.deepEqual(await told('if x; then curl -LsSf https://a.example.org/i.sh | sudo sh; fi\n'), [
      'fetch/no-checksum warning 1: https://a.example.org/i.sh',
    ]);
    assert.deepEqual(await told('wget --no-check-certificate https://a.example.org/data\n'), [
      'fetch/insecure-transport warning 1: --no-check-certificate',
    ]);
  });

  test('what a substitution brings and a shell runs', async () => {
    const url = 'https://a.example.org/i.sh';
    const forms = [
      `sh -c "$(curl -fsSL ${url})"`,
      `eval "$(curl ${url})"`,
      `bash <(curl -s ${url})`,
      `. <(wget ${url})`,
    ];
    for (const text of forms)
      assert.match((await told(`${text}\n`))[0] ?? '', /^fetch\/no-checksum warning 1: .*https/, text);
    const kept = [
      'VERSION="$(curl -s https://a.example.org/version)"',
      'echo "$(curl -s https://a.example.org/v)"',
      'diff <(curl -s https://a.example.org/v) b',
    ];
    for (const text of kept) assert.deepEqual(await told(`${text}\n`), [], text);
  });

  test('what is loaded from the hub', async () => {
    assert.deepEqual(await told('vllm serve org/m --trust-remote-code\n'), [
      'load/trust-remote-code error 1: --trust-remote-code',
      'pin/model-revision info 1: org/m',
    ]);
    const commit = '0123456789abcdef0123456789abcdef01234567';
    assert.deepEqual(await told(`vllm serve org/m --revision ${commit}\n`), []);
    assert.deepEqual(await told('srun torchrun --nproc 8 t.py \\\n  --model ./m --trust_remote_code True\n'), [
      'load/trust-remote-code warning 2: --trust_remote_code',
    ]);
    assert.deepEqual(await told('accelerate launch t.py --trust_remote_code False\n'), []);
    assert.deepEqual(await told('huggingface-cli download org/m --local-dir m\n'), [
      'pin/model-revision info 1: org/m',
    ]);
    assert.deepEqual(await told('hf download org/d --repo-type dataset\n'), ['pin/dataset-revision info 1: org/d']);
    assert.deepEqual(await told(`hf download org/m --revision ${commit}\nhf upload org/m .\nhf download "$M"\n`), []);
  });

  test('credentials by their shape and by the name of a variable', async () => {
    assert.deepEqual(await told('export HF_TOKEN=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\n'), [
      'secret/literal error 1: 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',
    ]);
    const key = '9f3c1e7ab24d8056ce17b9a04fd2e6c83ab5071d';
    assert.deepEqual(await told(`WANDB_API_KEY="${key}" python t.py\n`), [
      `secret/literal error 1: WANDB_API_KEY="${key}"`,
    ]);
    assert.deepEqual(await told(`docker run -e WANDB_API_KEY=${key} img\n`), [
      `secret/literal error 1: WANDB_API_KEY=${key}`,
    ]);
    assert.deepEqual(await told(`  # export WANDB_API_KEY="${key}"\n`), [`secret/literal error 1: ${key}`]);
    const clean = [
      '# export HF_TOKEN=word-of-mine',
      'export HF_TOKEN="$1"',
      'HF_TOKEN=$(cat t)',
      'TOKEN=${TOKEN:?}',
      `COMMIT=${key}`,
      'MAX_TOKENS=256',
    ];
    for (const text of clean) assert.deepEqual(await told(`${text}\n`), [], text);
  });

  test('rights of containers, up to the image', async () => {
    assert.deepEqual(
      await told(
        'sudo docker run --rm -it --privileged -v /:/host --cap-add=SYS_ADMIN --security-opt seccomp=unconfined --net host --ipc=host a/b:1\n',
      ),
      [
        'job/privileged error 1: --cap-add=SYS_ADMIN',
        'job/privileged error 1: --privileged',
        'job/privileged error 1: /:/host',
        'job/privileged info 1: --ipc=host',
        'job/privileged warning 1: host',
        'job/privileged warning 1: seccomp=unconfined',
      ],
    );
    const clean = [
      'docker run --gpus all -v "$PWD":/w --shm-size 8g a/b:1 --privileged',
      'docker run --rm a/b:1 serve --privileged',
      'docker build --network host .',
      'docker run --privileged=false a/b:1',
      'docker exec a --privileged',
    ];
    for (const text of clean) assert.deepEqual(await told(`${text}\n`), [], text);
  });

  test('dashboards, servers, and names that Hydra imports', async () => {
    assert.deepEqual(await told("jupyter lab --ServerApp.token=''\n"), [
      "job/dashboard-exposed error 1: --ServerApp.token=''",
    ]);
    assert.deepEqual(await told('VLLM_SERVER_DEV_MODE=1 vllm serve ./m\n'), [
      'endpoint/dynamic-code error 1: VLLM_SERVER_DEV_MODE=1',
    ]);
    assert.deepEqual(await told('python t.py +cb._target_=os.system\n'), [
      'load/import-by-config error 1: +cb._target_=os.system',
    ]);
    const endpoints = async (text: string): Promise<string[]> =>
      endpointsIn(await parseText('shell', text), 'a.sh').endpoints.map(
        ({ product, range }) => `${product} ${range.line}`,
      );
    assert.deepEqual(await endpoints('pip install vllm==0.9.0\nif a; then\n  exec vllm serve ./m\nfi\n'), ['vLLM 3']);
    assert.deepEqual(await endpoints('docker run -p 80:80 vllm/vllm-openai:v0.9.0 --model ./m\npkill vllm\n'), [
      'vLLM 1',
    ]);
  });

  test('comments and texts that are printed are no commands', async () => {
    const text = `#!/bin/bash
# pip install --trusted-host packages.example.org a==1
echo "Usage:
  curl https://a.example.org/i.sh | sh
"
cat <<END
curl -k https://a.example.org/i.sh | sh
END
python train.py --epochs 3
`;
    assert.deepEqual(await told(text), []);
  });

  test('a remark accepts a finding with a reason, in a here-document, too', async () => {
    const text = `# weighbridge: ignore[fetch/no-checksum] the mirror of our own
curl https://a.example.org/i.sh | sh
python - <<END
import torch
torch.load("x", weights_only=False)  # weighbridge: ignore[load/torch-load-unsafe] written a line above
END
`;
    const findings = await judged(text);
    assert.equal(findings.length, 2);
    assert.deepEqual(judgeRemarks(findings, text), { open: [], suppressed: 2 });
  });

  test('a job of Slurm with Python in it: places and changes are those of the file', async () => {
    const text = `#!/bin/bash
#SBATCH --gres=gpu:1
srun python - <<'END'
import torch
model = torch.load("x.pt", weights_only=False)
END
python -c "import torch; torch.load('y.pt', weights_only=False)"
cat > conf.yaml <<END
base_model: ./m
sequence_len: 1
trust_remote_code: true
END
`;
    const findings = await judged(text, 'job.slurm');
    assert.deepEqual(findings.map(({ ruleId, location }) => `${ruleId} ${location.line}:${location.column}`).sort(), [
      'load/torch-load-unsafe 5:41',
      'load/torch-load-unsafe 7:58',
      'load/trust-remote-code 11:20',
    ]);
    const changed = withChanges(
      text,
      findings.flatMap(({ edits }) => edits?.[0]?.changes ?? []),
    );
    assert.equal(
      changed,
      text.replaceAll('weights_only=False', 'weights_only=True').replace('remote_code: true', 'remote_code: false'),
    );
  });

  test('a script in a ConfigMap is read as one', async () => {
    const text = `apiVersion: v1\nkind: ConfigMap\ndata:\n  run.sh: |\n    set -e\n    curl -k https://a.example.org/b\n`;
    assert.deepEqual(await told(text, 'c.yaml'), ['fetch/insecure-transport warning 6: -k']);
  });
});
