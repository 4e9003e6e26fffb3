/** A text of about `lines` lines, made of parts that are numbered from 1. */
function repeated(lines: number, head: string, part: (number: number) => string): string {
  const parts = [head];
  let count = head.split('\n').length - 1;
  for (let number = 1; count < lines; number++) {
    const next = part(number);
    parts.push(next);
    count += next.split('\n').length - 1;
  }
  return parts.join('');
}

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;

/** Texts as people write them, of 5,000 lines each, with the places at which a benchmark types: behind lines that begin so. */
export const longTexts: Readonly<
  Record<string, { file: string; language: string; text: string; behind: string; typed: string }>
> = {
  Python: {
    file: 'train.py',
    language: 'python',
    behind: '    outputs = ',
    typed: '\n    state = torch.load(path, map_location="cpu")',
    text: repeated(
      5000,
      'import os\nimport torch\nfrom transformers import AutoModel, Trainer\n\n',
      (number) => `def step_${number}(model, batch, optimizer, path="ckpt/step_${number}.pt"):
    """One step of training, number ${number}."""
    inputs, labels = batch["input_ids"], batch["labels"]
    outputs = model(inputs, labels=labels)
    loss = outputs.loss / ${number}
    if loss.item() > 10.0:
        print(f"loss {loss} is high at {path}")
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    state = {"model": model.state_dict(), "step": ${number}, "name": "run-${number}"}
    torch.save(state, os.path.join("out", path))
    return loss.item()


class Config${number}:
    lr: float = 1e-4
    seed: int = ${number}
    model_name: str = "org/model-${number}"

    def load(self):
        return torch.load("ckpt/model_${number}.pt", weights_only=True)


`,
    ),
  },
  'YAML of many documents': {
    file: 'jobs.yaml',
    language: 'yaml',
    behind: '  backoffLimit: ',
    typed: '\n  activeDeadlineSeconds: 3600',
    text: repeated(
      5000,
      '',
      (number) => `---
apiVersion: batch/v1
kind: Job
metadata:
  name: train-${number}
  namespace: ml
  labels:
    app: trainer
    run: "r${number}"
spec:
  backoffLimit: 2
  template:
    spec:
      restartPolicy: Never
      securityContext:
        runAsNonRoot: true
      containers:
        - name: trainer
          image: registry.example.com/ml/trainer@${digest}
          command: ["python", "train.py", "--epochs", "${number}"]
          env:
            - name: HF_TOKEN
              valueFrom:
                secretKeyRef:
                  name: hf
                  key: token
            - name: OUT
              value: /out/${number}
          resources:
            limits:
              nvidia.com/gpu: 1
              memory: 64Gi
          volumeMounts:
            - name: data
              mountPath: /data
      volumes:
        - name: data
          persistentVolumeClaim:
            claimName: data-${number}
`,
    ),
  },
  'YAML of one document': {
    file: 'compose.yaml',
    language: 'yaml',
    behind: '    command: ',
    typed: '\n    stop_signal: SIGTERM',
    text: repeated(
      5000,
      'version: "3.9"\nservices:\n',
      (number) => `  worker${number}:
    image: registry.example.com/ml/worker@${digest}
    command: python serve.py --model /models/m${number}
    environment:
      - MODEL_NAME=m${number}
      - LOG_LEVEL=info
    ports:
      - "127.0.0.1:${8000 + number}:8000"
    volumes:
      - ./models/m${number}:/models/m${number}:ro
    read_only: true
    user: "1000"
`,
    ),
  },
  JSON: {
    file: 'jobs.json',
    language: 'json',
    behind: '      "EnableNetworkIsolation": ',
    typed: '\n      "Environment": {"OUT": "/out"},',
    text: `${JSON.stringify(
      {
        jobs: Array.from({ length: 218 }, (_, number) => ({
          TrainingJobName: `job-${number}`,
          AlgorithmSpecification: {
            TrainingImage: `1.dkr.ecr.eu-west-1.amazonaws.com/t@${digest}`,
            TrainingInputMode: 'File',
          },
          RoleArn: `arn:aws:iam::1:role/r${number}`,
          HyperParameters: { learning_rate: '1e-4', seed: String(number), model_name: `org/m${number}` },
          ResourceConfig: { InstanceType: 'ml.p4d.24xlarge', InstanceCount: 1, VolumeSizeInGB: 100 },
          EnableNetworkIsolation: true,
          StoppingCondition: { MaxRuntimeInSeconds: 3600 },
        })),
      },
      null,
      2,
    )}\n`,
  },
};
