import { leafAt, mappingsIn } from '../../formats/text/configTree.ts';
import type { TextRange } from '../../formats/text/facts.ts';
import { placeOf } from '../load/place.ts';
import { quoted } from '../place.ts';
import { defineRule } from '../rule.ts';
import { documentsOf, type TextSubject } from '../text.ts';
import { askForDigest, imagesWithoutDigest } from './images.ts';
import { isMovingTag } from '../../formats/text/imageReference.ts';

export const containerImage = defineRule({
  subject: 'text',
  meta: {
    id: 'pin/container-image',
    title: 'A container image is named without a version',
    severity: 'warning',
    description:
      'A container of any Kubernetes object (custom resources of training and serving frameworks too), a Compose service, a cloud job, a job of a GitHub workflow, the `images` of a Kustomization (`newTag`) or a `FROM` of a Dockerfile names an image with no tag, or with one that moves (`latest`, `main-latest`, `nightly`). An environment of Azure ML by the label `latest` is the same. One finding an image and file. A tag without a digest is `pin/image-digest`, which is off by default.',
    why: 'The next pull brings another image, with other libraries and whatever somebody put into it, into a job that holds your data and your credentials.',
    howToFix:
      'Name the version, and better the digest: `image: registry/name:1.2.3@sha256:...`. `docker buildx imagetools inspect NAME` shows it.',
    avoid: [
      {
        file: '.github/workflows/train.yml',
        text: 'on: push\njobs:\n  train:\n    runs-on: ubuntu-24.04\n    container: nvidia/cuda\n    services:\n      db: {image: "postgres:17.2"}\n    steps: []\n',
      },
      {
        file: 'bentofile.yaml',
        text: 'service: "service:Chat"\ndocker:\n  base_image: nvidia/cuda:latest\n',
      },
      {
        file: 'cluster.yaml',
        text: 'cluster_name: tune\nprovider: {type: aws, region: us-west-2}\ndocker:\n  image: rayproject/ray-ml:latest-gpu\n  container_name: ray\nsetup_commands: []\n',
        note: 'What `ray up` pulls on every machine.',
      },
      { file: 'compose.yaml', text: 'services:\n  proxy:\n    image: example.org/proxy:main-latest\n' },
      {
        file: 'job.yaml',
        text: 'apiVersion: kubeflow.org/v1\nkind: PyTorchJob\nspec:\n  pytorchReplicaSpecs:\n    Worker:\n      template:\n        spec:\n          containers:\n            - name: pytorch\n              image: registry.example.org/train\n',
      },
      { file: 'Dockerfile', text: 'FROM pytorch/pytorch:latest\nCOPY . /app\nUSER 1000\n' },
      {
        file: 'azure.yaml',
        text: '$schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json\ncommand: python train.py\nlimits: {timeout: 3600}\nenvironment: azureml:AzureML-acpt-pytorch@latest\n',
      },
      {
        file: 'pipeline.py',
        text: 'from kfp import dsl\n\n\n@dsl.component(base_image="registry.example.org/train:latest")\ndef train():\n    pass\n',
      },
      {
        file: 'kustomization.yaml',
        text: 'resources: [deployment.yaml]\nimages:\n  - name: train\n    newName: registry.example.org/train\n    newTag: latest\n',
      },
      {
        file: 'values.yaml',
        text: 'servingEngineSpec:\n  modelSpec:\n    - name: chat\n      repository: vllm/vllm-openai\n      tag: latest\n',
      },
    ],
    prefer: [
      {
        file: 'overlays/production/kustomization.yaml',
        text: 'resources: [../../base]\nimages:\n  - name: train\n    newName: registry.example.org/train\n    newTag: 1.4.2\n  - name: serve\n    newTag: latest\n    digest: sha256:0b7ffd2cd5a3a1f2bd2b4b5aa6ba2b8b9e9ea4f6b2a5d1a3c7a0d7f1e6c2b3d4\n  - name: proxy\n    newName: registry.example.org/proxy\n',
        note: 'A digest wins over the tag; without a tag, that of the objects stays.',
      },
      {
        file: '.github/workflows/build.yml',
        text: 'on: push\njobs:\n  build:\n    runs-on: ubuntu-24.04\n    container: {image: "python:3.12.8"}\n    steps:\n      - run: make\n        with: {image: example.org/built}\n',
        note: 'An input of a step is no image that runs.',
      },
      {
        file: 'compose.yaml',
        text: 'services:\n  a:\n    image: example.org/a:nightly-20260501\n  b:\n    image: example.org/b:greatest-1.2\n',
        note: 'A nightly build by its date.',
      },
      {
        file: 'job.yaml',
        text: 'apiVersion: batch/v1\nkind: Job\nspec:\n  template:\n    spec:\n      containers:\n        - name: train\n          image: registry.example.org:5000/train:1.4.2\n        - name: side\n          image: ${IMAGE}\n',
      },
      {
        file: 'Dockerfile',
        text: 'ARG BASE=python:3.12\nFROM ${BASE} AS build\nFROM build AS test\nFROM scratch\n',
        note: 'Arguments, earlier stages and `scratch`.',
      },
      {
        file: 'azure.yaml',
        text: '$schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json\ncommand: python train.py\nlimits: {timeout: 3600}\nenvironment: azureml:AzureML-acpt-pytorch:7\n',
      },
    ],
    references: [
      { title: 'Kubernetes documentation: images', url: 'https://kubernetes.io/docs/concepts/containers/images/' },
    ],
    cwe: [1357],
    atlas: ['AML.T0010.001'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['GOVERN 6.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    for (const { written, range } of environmentsIn(text)) {
      report({
        message: `Runs in ${quoted(written)}, the environment that is the latest at the time. Name its version: azureml:NAME:3.`,
        location: placeOf(range),
        evidence: { environment: written },
        fixes: ['pin-image'],
      });
    }
    for (const image of imagesWithoutDigest(text)) {
      const { written, tag, range } = image;
      if (tag !== null && !isMovingTag(tag)) continue;
      report({
        message: `Runs ${JSON.stringify(written)} as the registry has it at the time (${tag === null ? 'no tag is named' : `\`${tag}\` moves`}). Name a version, better a digest.`,
        location: placeOf(range),
        evidence: { image: written },
        ...askForDigest(image),
      });
    }
  },
});

/** Environments of Azure ML, which are images by another name, where they are asked for by a label. */
function* environmentsIn(text: TextSubject): Generator<{ written: string; range: TextRange }> {
  for (const document of documentsOf(text, 'azure-ml')) {
    for (const { node } of mappingsIn(document)) {
      const leaf = leafAt(node, 'environment');
      if (typeof leaf?.value === 'string' && /^azureml:.*(?:@|\/labels\/)latest$/.test(leaf.value))
        yield { written: leaf.value, range: leaf.innerRange };
    }
  }
}
