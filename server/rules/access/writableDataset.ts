import { placeOf } from '../load/place.ts';
import { defineRule } from '../rule.ts';
import { trainingContainers } from './jobs.ts';
import { accessMappings } from './mappings.ts';

export const writableDataset = defineRule({
  subject: 'text',
  meta: {
    id: 'access/writable-dataset',
    title: 'A training job may write to the data that it reads',
    severity: 'warning',
    description:
      'A training job (a pod of any Kubernetes resource that trains, or a service of a compose file) mounts a volume of training data without `readOnly: true`. Volumes for outputs, checkpoints, caches and models are left alone, and so is what the cluster fills itself. An Azure ML input in the mode `rw_mount` is the same.',
    why: 'Whoever gets code into a training, by a package or by a checkpoint, can then change the data of all trainings to come. Reading is all that a training needs.',
    howToFix:
      'Set `readOnly: true` at the mount (`:ro` in a compose file, `mode: ro_mount` in Azure ML), and write outputs to another volume.',
    avoid: [
      {
        file: 'job.yaml',
        text: 'apiVersion: kubeflow.org/v1\nkind: PyTorchJob\nmetadata:\n  name: sft\nspec:\n  pytorchReplicaSpecs:\n    Master:\n      template:\n        spec:\n          containers:\n            - name: pytorch\n              image: acme/train@sha256:0000\n              volumeMounts:\n                - name: reviews\n                  mountPath: /data/reviews\n          volumes:\n            - name: reviews\n              persistentVolumeClaim:\n                claimName: reviews\n',
      },
      {
        file: 'compose.yaml',
        text: 'services:\n  train:\n    image: acme/train\n    command: python train.py\n    volumes:\n      - ./data:/data\n      - ./out:/out\n',
      },
    ],
    prefer: [
      {
        file: 'compose.yaml',
        text: 'services:\n  train:\n    image: acme/train\n    command: python train.py\n    volumes:\n      - ./data:/data:ro\n      - ./out:/out\n',
      },
    ],
    references: [
      { title: 'Kubernetes: volumes', url: 'https://kubernetes.io/docs/concepts/storage/volumes/#read-only-mounts' },
      {
        title: 'Compose file reference: volumes',
        url: 'https://docs.docker.com/reference/compose-file/services/#volumes',
      },
    ],
    ...accessMappings,
    cwe: [732, 250],
  },
  check(text, report) {
    for (const { name, mounts } of trainingContainers(text)) {
      for (const { path, range, readOnly, isDataset, source } of mounts) {
        if (!isDataset || readOnly) continue;
        report({
          message: `The training job ${name} may write to ${path}, from which it reads its data. Mount it read-only.`,
          location: placeOf(range),
          evidence: { job: name, mountPath: path, source },
        });
      }
    }
    if (text.language !== 'yaml' || !text.text.includes('rw_mount')) return;
    for (const { path: keys, value, range } of text.scalars) {
      if (value !== 'rw_mount' || keys.at(-1) !== 'mode' || !keys.includes('inputs')) continue;
      const input = String(keys.at(-2));
      report({
        message: `The job may write to its input ${input} (\`rw_mount\`). Mount it with \`ro_mount\`.`,
        location: placeOf(range),
        evidence: { input },
      });
    }
  },
});
