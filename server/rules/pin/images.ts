import { callsWith } from '../../formats/text/pythonCalls.ts';
import {
  dealias,
  itemsAt,
  keysOf,
  leafAt,
  mappingsIn,
  mappingsWhere,
  nodeAt,
  textAt,
} from '../../formats/text/configTree.ts';
import type { ConfigMapping, ConfigNode, TextRange } from '../../formats/text/facts.ts';
import { isDynamicText } from '../../formats/text/dynamicValue.ts';
import { remembered } from '../../formats/text/remembered.ts';
import { imageReference } from '../../formats/text/imageReference.ts';
import { answerMark } from '../finding.ts';
import { replace } from '../load/place.ts';
import type { Report } from '../rule.ts';
import { documentsOf, isConfig, type DockerfileSubject, type PythonSubject, type TextSubject } from '../text.ts';

/** An image that a text names and no digest with it. */
export interface NamedImage {
  written: string;
  tag: string | null;
  range: TextRange;
}

/** The images of a text that no digest holds in place, each once. */
export function imagesWithoutDigest(text: TextSubject): readonly NamedImage[] {
  let images = known.get(text);
  if (!images) known.set(text, (images = [...withoutDigest(text)]));
  return images;
}

/** Several rules ask. */
const known = new WeakMap<TextSubject, readonly NamedImage[]>();

function* withoutDigest(text: TextSubject): Generator<NamedImage> {
  const said = new Set<string>();
  for (const { written, range } of imagesIn(text)) {
    if (said.has(written) || !isLoose(written)) continue;
    const image = imageReference(written);
    if (!image) continue;
    said.add(written);
    yield { written, tag: image.tag, range };
  }
}

/** The offer to pin an image to a digest that a person is asked for. */
export function askForDigest({ written, range }: NamedImage): Pick<Report, 'fixes' | 'asked'> {
  return {
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
  };
}

/** Whether the place holds the name and nothing else (no `docker://`, no tag of its own key). */
function isWhole(written: string, { line, column, endLine, endColumn }: TextRange): boolean {
  return line === endLine && endColumn - column === written.length;
}

/** Keys that hold images beside `image`: Vertex AI, SageMaker, Azure ML. */
const keys = new Set([
  'image',
  'imageUri',
  'ImageUri',
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
    'accelerate',
    'vllm-stack',
    'ray-autoscaler',
    'step-functions',
  ] as const;
  for (const document of documentsOf(text, ...kinds)) {
    for (const { node } of mappingsWhere(document, namesLooseImage)) yield* imagesOf(node);
  }
  for (const document of documentsOf(text, 'vllm-stack', 'helm-values')) yield* chartImages(document);
  for (const document of documentsOf(text, 'kustomize')) yield* replacedImages(document);
  for (const document of documentsOf(text, 'github-workflow')) yield* workflowImages(document);
  for (const document of documentsOf(text, 'bentoml')) {
    const image = leafAt(document, 'docker', 'base_image');
    if (typeof image?.value === 'string') yield { written: image.value, range: image.innerRange };
  }
}

/** What jobs of a workflow run in, and beside: `container: NAME`, `container.image`, `services.NAME.image`. Inputs of actions are no images. */
function* workflowImages(document: ConfigNode): Generator<{ written: string; range: TextRange }> {
  const jobs = nodeAt(document, 'jobs');
  for (const job of keysOf(jobs)) {
    const services = nodeAt(jobs, job, 'services');
    const images = [
      leafAt(jobs, job, 'container'),
      leafAt(jobs, job, 'container', 'image'),
      ...keysOf(services).map((name) => leafAt(services, name, 'image')),
    ];
    for (const leaf of images)
      if (typeof leaf?.value === 'string') yield { written: leaf.value, range: leaf.innerRange };
  }
}

function* imagesOf(node: ConfigMapping): Generator<{ written: string; range: TextRange }> {
  for (const { key, value } of node.entries) {
    const leaf = keys.has(key) ? dealias(value) : undefined;
    if (leaf?.kind !== 'scalar' || typeof leaf.value !== 'string' || leaf.tag !== undefined) continue;
    // What is built here is not pulled.
    if (leafAt(node, 'build') !== undefined || node.entries.some((entry) => entry.key === 'build')) continue;
    yield { written: leaf.value.replace(/^docker:\/\//, ''), range: leaf.innerRange };
  }
}

function namesLooseImage(node: ConfigMapping): boolean {
  return [...imagesOf(node)].some(({ written }) => isLoose(written));
}

/** Whether a text names an image, and no digest with it. */
const isLoose = remembered((written) => !isDynamicText(written) && imageReference(written)?.digest === null);

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

/** Charts write the name and the tag of an image apart, and a digest, if any, behind the tag or in a key of its own. */
function* chartImages(document: ConfigNode): Generator<{ written: string; range: TextRange }> {
  for (const { node } of mappingsIn(document)) {
    const repository = leafAt(node, 'repository');
    const tag = leafAt(node, 'tag');
    if (typeof repository?.value !== 'string' || !tag || !String(tag.value ?? '') || leafAt(node, 'digest')?.value)
      continue;
    yield { written: `${repository.value}:${tag.source}`, range: tag.innerRange };
  }
}

/**
 * `images` of a Kustomization, which put another name, tag or digest into the objects that it takes in. Without a tag the objects' own stays, and a digest
 * wins over a tag. Source: kubectl.docs.kubernetes.io/references/kustomize/kustomization/images, fluxcd.io/flux/components/kustomize/kustomizations.
 */
function* replacedImages(document: ConfigNode): Generator<{ written: string; range: TextRange }> {
  for (const list of [itemsAt(document, 'images'), itemsAt(document, 'spec', 'images')]) {
    for (const item of list) {
      const name = textAt(item, 'newName') ?? textAt(item, 'name');
      const tag = leafAt(item, 'newTag');
      if (name === undefined || !tag || tag.tag !== undefined || !tag.source || nodeAt(item, 'digest')) continue;
      yield { written: `${name}:${tag.source}`, range: tag.innerRange };
    }
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
