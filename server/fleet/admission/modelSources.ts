/** Where the models of an object of Kubernetes come from. */
export interface ModelSources {
  /** Addresses, sorted, each once. */
  models: string[];
  /** Places that name a model in a way that cannot be followed from here. */
  unresolvable: string[];
}

type Fields = Record<string, unknown>;

/** Variables by which servers of models are told what to load (KServe, Seldon, TGI, and MLflow's own). */
const variables = new Set(['STORAGE_URI', 'MODEL_URI', 'HF_MODEL_ID', 'MODEL_ID']);

/** Options by which servers of models are told what to load (vLLM, SGLang, TGI, MLServer). */
const options = /^--(?:model|model-id|model-path|model-uri|model_id|model_path)(?:=(.*))?$/s;

/** Fields that hold the address of a model, wherever they stand (KServe v1beta1 and v1alpha1). */
const addressFields = new Set(['storageUri', 'sourceModelUri']);

const containerLists = new Set(['containers', 'initContainers', 'ephemeralContainers']);

const annotations = ['weighbridge.dev/model', 'internal.serving.kserve.io/storage-initializer-sourceuri'];

/** Deeper objects are not what Kubernetes accepts. */
const deepest = 64;

/** What an object would load. Everything in it is data of whoever submits it. */
export function modelSourcesOf(object: unknown): ModelSources {
  const found = { models: new Set<string>(), unresolvable: new Set<string>() };
  if (isFields(object)) {
    annotated(object['metadata'], found);
    if (object['kind'] === 'LLMInferenceService') {
      const model = isFields(object['spec']) ? object['spec']['model'] : null;
      if (isFields(model)) add(model['uri'], 'spec.model.uri', found);
    }
    walk(object['spec'], 'spec', 0, found);
  }
  return { models: [...found.models].sort(), unresolvable: [...found.unresolvable].sort() };
}

interface Found {
  models: Set<string>;
  unresolvable: Set<string>;
}

function annotated(metadata: unknown, found: Found): void {
  const given = isFields(metadata) && isFields(metadata['annotations']) ? metadata['annotations'] : {};
  for (const name of annotations) {
    const value = given[name];
    if (typeof value !== 'string') continue;
    for (const each of value.split(',')) add(each.trim(), name, found);
  }
}

function walk(value: unknown, at: string, depth: number, found: Found): void {
  if (depth > deepest) {
    found.unresolvable.add(at.slice(0, 80));
    return;
  }
  if (Array.isArray(value)) {
    for (const [index, each] of value.entries()) walk(each, `${at}[${index}]`, depth + 1, found);
    return;
  }
  if (!isFields(value)) return;
  for (const [field, inside] of Object.entries(value)) {
    const place = `${at}.${field}`;
    if (addressFields.has(field)) add(inside, place, found);
    else if (field === 'storage' && isFields(inside) && 'path' in inside) stored(inside, place, found);
    else if (containerLists.has(field)) contained(inside, place, found);
    else if (field === 'volumes') mounted(inside, place, found);
    else if (field === 'template' && isFields(inside)) annotated(inside['metadata'], found);
    walk(inside, place, depth + 1, found);
  }
}

/** KServe's `storage`: a path in a store whose address stands in a secret, unless its parameters name it. */
function stored(storage: Fields, place: string, found: Found): void {
  const parameters = isFields(storage['parameters']) ? storage['parameters'] : {};
  const { type, bucket } = parameters;
  const path = storage['path'];
  if ((type === undefined || type === 's3') && typeof bucket === 'string' && typeof path === 'string') {
    add(`s3://${bucket}/${path.replace(/^\/+/, '')}`, place, found);
  } else found.unresolvable.add(place);
}

function contained(list: unknown, place: string, found: Found): void {
  if (!Array.isArray(list)) return;
  for (const [index, container] of (list as unknown[]).entries()) {
    if (!isFields(container)) continue;
    const at = `${place}[${index}]`;
    if (Array.isArray(container['env'])) {
      for (const variable of container['env'] as unknown[]) {
        if (!isFields(variable) || !variables.has(String(variable['name']))) continue;
        add(variable['value'], `${at}.env.${String(variable['name'])}`, found);
      }
    }
    const words = [container['command'], container['args']].flatMap((each) =>
      Array.isArray(each) ? (each as unknown[]).filter((word) => typeof word === 'string') : [],
    );
    // KServe's own: where from, where to.
    const args = container['args'];
    if (container['name'] === 'storage-initializer' && Array.isArray(args)) add(args[0], `${at}.args[0]`, found);
    else commanded(words, at, found);
  }
}

/** `vllm serve NAME`, `--model NAME`, also inside `sh -c "..."`. */
function commanded(given: readonly string[], at: string, found: Found): void {
  const words = given.flatMap((word) => (/\s/.test(word) ? word.split(/\s+/).map(unquoted) : [word]));
  for (const [index, word] of words.entries()) {
    const option = options.exec(word);
    if (option) add(option[1] ?? words[index + 1], `${at} ${word.split('=', 1)[0] ?? ''}`, found, true);
    const isServe = word === 'serve' && /(?:^|\/)vllm$/.test(words[index - 1] ?? '');
    if (isServe) add(words[index + 1], `${at} vllm serve`, found, true);
  }
}

const unquoted = (word: string) => word.replace(/^(['"])(.*)\1$/s, '$2');

/** Volumes of images: a model as an artifact of an OCI registry. */
function mounted(list: unknown, place: string, found: Found): void {
  if (!Array.isArray(list)) return;
  for (const [index, volume] of (list as unknown[]).entries()) {
    if (!isFields(volume) || !isFields(volume['image'])) continue;
    const { reference } = volume['image'];
    add(typeof reference === 'string' ? `oci://${reference}` : undefined, `${place}[${index}].image`, found);
  }
}

/**
 * @param mayBePath a path inside the container says nothing of where its files come from: what mounts them does.
 */
function add(value: unknown, place: string, { models, unresolvable }: Found, mayBePath = false): void {
  if (
    typeof value !== 'string' ||
    value === '' ||
    value.length > 4096 ||
    value.includes('$(') ||
    value.includes('${')
  ) {
    unresolvable.add(place);
    return;
  }
  // KServe writes a revision of the hub with a colon.
  const kserve = /^(hf:\/\/[\w.-]+\/[\w.-]+):([\w.-]+)$/.exec(value);
  if (kserve) models.add(`${kserve[1]}@${kserve[2]}`);
  else if (/^[a-z][a-z0-9+.-]*:\/\//i.test(value)) models.add(value);
  else if (mayBePath && /^[./~]/.test(value)) return;
  else if (/^[\w.-]+\/[\w.-]+$/.test(value)) models.add(`hf://${value}`);
  else unresolvable.add(place);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
