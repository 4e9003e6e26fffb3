import { callsWith } from '../../formats/text/pythonCalls.ts';
import { dealias, leafAt, mappingsIn } from '../../formats/text/configTree.ts';
import type { ConfigNode, TextRange } from '../../formats/text/facts.ts';
import { isDynamicText } from '../../formats/text/dynamicValue.ts';
import { imageReference } from '../../formats/text/imageReference.ts';
import { defineRule } from '../rule.ts';
import { answerMark } from '../finding.ts';
import { placeOf, replace } from '../load/place.ts';
import { quoted } from '../place.ts';
import { documentsOf, isConfig, type DockerfileSubject, type PythonSubject, type TextSubject } from '../text.ts';

export const containerImage = defineRule({
  subject: 'text',
  meta: {
    id: 'pin/container-image',
    title: 'A container image is named without a version',
    severity: 'warning',
    description:
      'A container of any Kubernetes object (custom resources of training and serving frameworks too), a Compose service, a cloud job or a `FROM` of a Dockerfile names an image with no tag, or with `latest`. An environment of Azure ML by the label `latest` is the same. One finding an image and file. A tag without a digest is not reported: nearly everybody writes it so.',
    why: 'The next pull brings another image, with other libraries and whatever somebody put into it, into a job that holds your data and your credentials.',
    howToFix:
      'Name the version, and better the digest: `image: registry/name:1.2.3@sha256:...`. `docker buildx imagetools inspect NAME` shows it.',
    avoid: [
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
        file: 'values.yaml',
        text: 'servingEngineSpec:\n  modelSpec:\n    - name: chat\n      repository: vllm/vllm-openai\n      tag: latest\n',
      },
    ],
    prefer: [
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
    const said = new Set<string>();
    for (const { written, range } of imagesIn(text)) {
      if (isDynamicText(written) || said.has(written)) continue;
      const image = imageReference(written);
      if (!image || image.digest !== null || (image.tag !== null && image.tag !== 'latest')) continue;
      said.add(written);
      report({
        message: `Runs ${JSON.stringify(written)} as the registry has it at the time (${image.tag === null ? 'no tag is named' : '`latest` moves'}). Name a version, better a digest.`,
        location: placeOf(range),
        evidence: { image: written },
        fixes: ['pin-image'],
        ...(isWhole(written, range) && {
          asked: [
            {
              fix: 'pin-image',
              title: `Pin ${written} to a digest...`,
              wanted: 'digest',
              of: written,
              changes: [replace(range, `${written}@${answerMark}`)],
            },
          ],
        }),
      });
    }
  },
});

/** Whether the place holds the name and nothing else (no `docker://`, no tag of its own key). */
function isWhole(written: string, { line, column, endLine, endColumn }: TextRange): boolean {
  return line === endLine && endColumn - column === written.length;
}

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

/** Keys that hold images beside `image`: Vertex AI, SageMaker, Azure ML. */
const keys = new Set([
  'image',
  'imageUri',
  'image_uri',
  'trainingImage',
  'TrainingImage',
  'Image',
  'baseImage',
  'base_image',
]);

function* imagesIn(text: TextSubject): Generator<{ written: string; range: TextRange }> {
  if (text.language === 'dockerfile') yield* fromLines(text);
  if (text.language === 'python') yield* componentImages(text);
  if (!isConfig(text) || (text.language !== 'yaml' && text.language !== 'json')) return;
  const kinds = [
    'kubernetes',
    'compose',
    'kubeflow-pipeline',
    'kubeflow-component',
    'sagemaker',
    'cloudformation',
    'vertex',
    'azure-ml',
    'mlproject',
  ] as const;
  for (const document of documentsOf(text, ...kinds)) {
    for (const { node } of mappingsIn(document)) {
      for (const { key, value } of node.entries) {
        const leaf = dealias(value);
        if (!keys.has(key) || leaf?.kind !== 'scalar' || typeof leaf.value !== 'string' || leaf.tag !== undefined)
          continue;
        // What is built here is not pulled.
        if (leafAt(node, 'build') !== undefined || node.entries.some((entry) => entry.key === 'build')) continue;
        yield { written: leaf.value.replace(/^docker:\/\//, ''), range: leaf.innerRange };
      }
    }
  }
  for (const document of documentsOf(text, 'vllm-stack', 'helm-values')) yield* chartImages(document);
}

/** `@dsl.component(base_image=...)` of Kubeflow pipelines. */
function* componentImages({ calls }: PythonSubject): Generator<{ written: string; range: TextRange }> {
  for (const { callee, keywords } of callsWith(calls, 'base_image')) {
    const image = keywords['base_image'];
    if (
      /(?:^|\.)(?:component|container_component|create_component_from_func|func_to_container_op)$/.test(callee) &&
      typeof image?.value === 'string'
    )
      yield { written: image.value, range: image.innerRange ?? image.range };
  }
}

/** Charts write the name and the tag of an image apart. */
function* chartImages(document: ConfigNode): Generator<{ written: string; range: TextRange }> {
  for (const { node } of mappingsIn(document)) {
    const repository = leafAt(node, 'repository');
    const tag = leafAt(node, 'tag');
    if (typeof repository?.value !== 'string' || tag?.value !== 'latest' || isDynamicText(repository.value)) continue;
    yield { written: `${repository.value}:latest`, range: tag.innerRange };
  }
}

function* fromLines({ instructions }: DockerfileSubject): Generator<{ written: string; range: TextRange }> {
  const stages = new Set<string>(['scratch']);
  for (const { keyword, words } of instructions) {
    if (keyword !== 'FROM') continue;
    const [image, as, stage] = words;
    if (image && !stages.has(image.value.toLowerCase())) yield { written: image.value, range: image.range };
    if (as?.value.toLowerCase() === 'as' && stage) stages.add(stage.value.toLowerCase());
  }
}
