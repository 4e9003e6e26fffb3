import { documentTrees, ScalarTree } from '../../datasets/registers/scalarTree.ts';
import type { Located } from '../../datasets/registers/facts.ts';
import type { TextRange } from '../../formats/text/facts.ts';
import { isConfig, type TextSubject } from '../text.ts';

/** A container that trains, as a job submission describes it. */
export interface TrainingContainer {
  /** What a person calls the job. */
  name: string;
  mounts: Mount[];
  /** Names of environment variables that it is given, each with its place. */
  variables: { name: string; range: TextRange; literal: boolean }[];
  /** What its command, arguments and variables say. */
  words: string[];
  place: TextRange;
}

/** A volume that the container sees. */
export interface Mount {
  path: string;
  /** Where the mount is written. */
  range: TextRange;
  readOnly: boolean;
  /** What stands behind it: a claim, a bucket, a folder. */
  source: string;
  isDataset: boolean;
}

/** Kinds that do nothing but run to an end; others count where they say that they train. */
const trainingKinds =
  /^(?:PyTorchJob|TFJob|MPIJob|XGBoostJob|JAXJob|PaddleJob|MXJob|TrainJob|TrainingJob|RayJob|VCJob)$/;
const saysTraining =
  /\b(?:re|pre)?train(?:ing|er)?\b|fine-?tun|torchrun|accelerate launch|deepspeed|axolotl|llamafactory|sft\b/i;

const dataWords = /data(?:set|sets)?\b|corpus|corpora|\btrain(?:ing)?[-_/]?(?:set|data)?\b|samples|images\b/i;
/** What a job has to write, or what is no data. */
const workWords =
  /out(?:put)?s?\b|checkpoint|ckpt|results?\b|logs?\b|cache|scratch|tmp|temp\b|work(?:space|dir)?\b|model|shm|artifacts?|metrics|wandb|mlruns|home\b|config|secret|token|certs?\b|code\b|src\b/i;

/** By the document: three rules ask. */
const known = new WeakMap<ScalarTree, TrainingContainer[]>();

/** Every container of a training job in a text: below any object with `containers` (so in every custom resource), and in compose files. */
export function trainingContainers(text: TextSubject): TrainingContainer[] {
  if (!isConfig(text) || !/volumeMounts|mountPath|containers|services/.test(text.text)) return [];
  return documentTrees(text.documents).flatMap((tree) => {
    let containers = known.get(tree);
    if (!containers) {
      containers = tree.at('apiVersion').exists ? inResource(tree) : inCompose(tree);
      known.set(tree, containers);
    }
    return containers;
  });
}

function inResource(tree: ScalarTree): TrainingContainer[] {
  const found: TrainingContainer[] = [];
  const kind = tree.at('kind').text()?.value ?? '';
  const name = tree.at('metadata', 'name').text() ?? tree.at('metadata', 'generateName').text();
  const open: ScalarTree[] = [tree];
  for (let node = open.pop(); node; node = open.pop()) {
    open.push(...node.children().reverse());
    for (const container of node.at('containers').items()) {
      const made = ofContainer(container, node, name?.value ?? kind);
      if (trainingKinds.test(kind) || saysTraining.test([name?.value ?? '', ...made.words].join(' '))) found.push(made);
    }
  }
  return found;
}

/** By the service; null of one that does not train. */
const services = new WeakMap<ScalarTree, TrainingContainer | null>();

function inCompose(tree: ScalarTree): TrainingContainer[] {
  return tree
    .at('services')
    .children()
    .flatMap((service) => {
      let container = services.get(service);
      if (container === undefined) {
        const made = ofService(service);
        container = saysTraining.test([made.name, ...made.words].join(' ')) ? made : null;
        services.set(service, container);
      }
      return container ?? [];
    });
}

function ofContainer(container: ScalarTree, pod: ScalarTree, job: string): TrainingContainer {
  const volumes = new Map(
    pod
      .at('volumes')
      .items()
      .map((volume) => [volume.at('name').text()?.value, volume]),
  );
  const mounts = container
    .at('volumeMounts')
    .items()
    .flatMap((mount): Mount[] => {
      const path = mount.at('mountPath').text();
      if (!path) return [];
      const volume = volumes.get(mount.at('name').text()?.value) ?? new ScalarTree();
      const source = sourceOf(volume) ?? mount.at('name').text()?.value ?? '';
      const readOnly = isTrue(mount.at('readOnly')) || volume.children().some((each) => isTrue(each.at('readOnly')));
      // What kubelet fills is read-only by itself, or lives as long as the pod.
      const filled = ['configMap', 'secret', 'emptyDir', 'downwardAPI', 'projected'].some(
        (each) => volume.at(each).exists,
      );
      // An empty `emptyDir: {}` holds nothing that would show: the volume has a name and no more.
      const ephemeral = filled || volume.children().length === 1;
      const isDataset = !ephemeral && looksLikeData(path.value, source);
      return [{ path: path.value, range: path.range, readOnly, source, isDataset }];
    });
  const variables = container
    .at('env')
    .items()
    .flatMap((variable) => {
      const name = variable.at('name').text();
      return name ? [{ name: name.value, range: name.range, literal: variable.at('value').exists }] : [];
    });
  const words = [
    ...textsIn(container.at('command')),
    ...textsIn(container.at('args')),
    ...textsIn(container.at('env')),
  ];
  return { name: job, mounts, variables, words, place: container.place() };
}

/** A service of a compose file: `./data:/data:ro`, or the long form. */
function ofService(service: ScalarTree): TrainingContainer {
  const mounts = service
    .at('volumes')
    .items()
    .flatMap((volume): Mount[] => {
      const short = volume.text();
      if (short) {
        const [source = '', path = '', mode = ''] = short.value.split(':');
        if (path === '') return [];
        return [
          { path, range: short.range, readOnly: /\bro\b/.test(mode), source, isDataset: looksLikeData(path, source) },
        ];
      }
      const target = volume.at('target').text();
      const source = volume.at('source').text()?.value ?? '';
      if (!target || volume.at('type').text()?.value === 'tmpfs') return [];
      const readOnly = isTrue(volume.at('read_only'));
      return [
        { path: target.value, range: target.range, readOnly, source, isDataset: looksLikeData(target.value, source) },
      ];
    });
  const environment = service.at('environment');
  const variables = environment.children().flatMap((variable) => {
    const { scalar, key } = variable;
    if (!scalar) return [];
    const name = typeof key === 'string' ? key : String(scalar.value).split('=', 1)[0];
    return [{ name: name ?? '', range: scalar.innerRange, literal: true }];
  });
  const words = [...textsIn(service.at('command')), ...textsIn(service.at('entrypoint')), ...textsIn(environment)];
  return { name: String(service.key), mounts, variables, words, place: service.place() };
}

function looksLikeData(path: string, source: string): boolean {
  // Where the job sees it says most; a volume that is called "data" may be mounted as the output.
  if (workWords.test(path)) return false;
  return dataWords.test(path) || (dataWords.test(source) && !workWords.test(source));
}

function sourceOf(volume: ScalarTree): string | null {
  const places: [string, string][] = [
    ['persistentVolumeClaim', 'claimName'],
    ['hostPath', 'path'],
    ['nfs', 'path'],
    ['csi', 'driver'],
    ['azureFile', 'shareName'],
  ];
  for (const [kind, key] of places) {
    const found: Located<string> | null = volume.at(kind, key).text();
    if (found) return found.value;
  }
  return null;
}

function isTrue(node: ScalarTree): boolean {
  return node.scalar?.value === true;
}

const mostWords = 2_000;

function textsIn(node: ScalarTree): string[] {
  const found: string[] = [];
  const open = [node];
  for (let at = open.pop(); at && found.length < mostWords; at = open.pop()) {
    if (typeof at.scalar?.value === 'string') found.push(at.scalar.value);
    open.push(...at.children().reverse());
  }
  return found;
}
