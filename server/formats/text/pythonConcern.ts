/**
 * Words without which no rule has anything to say of Python code: loading, a hub's code, a shell, a credential, data, or a name that ends
 * like a model file. Code with none of them is not parsed. That they are enough is held by tests beside the rules and by a comparison with
 * what is found without them (test/interop).
 */
const words: readonly RegExp[] = [
  // Calls that load, fetch or unpack, by the end of their names.
  /load\w*\s*\(|\.load\b|from_pretrained|from_single_file|url(?:retrieve|open)|extractall|read_pickle|Unpickler|shelve|jsonpickle|f2py|partial/,
  /(?:pipeline|InferenceSession|SentenceTransformer|CrossEncoder|\bLLM)\s*\(|repo_type/,
  /custom_ops_library|packages_to_install|base_image|bentoml|deserialization|push_to_hub|report_to/,
  // Options, and the defaults that a program gives to its own.
  /trust[-_]remote[-_]code|weights_only|add_argument|verify\w*["']?\s*[=:]|dashboard_host|unverified/,
  // Programs that are started.
  /subprocess|os\.(?:system|popen|exec)|getoutput|\bpip\b|\bserve\b/,
  // What a framework imports by its name, and who may call an app.
  /_target_|_component_|class_path|get_(?:class|method|static_method|object)\s*\(|_locate\s*\(|CORS|middleware|cross_origin|["']\*["']/,
  // Data.
  /(?:read|scan)_(?:csv|json|ndjson|parquet|table|feather|orc|excel|ipc|avro)|loadtxt|genfromtxt/,
  /Dataset(?:Dict)?\.from_|dataset\s*\(|(?:Image|Dataset)Folder|dataset_from_directory/,
  /http:\/\/|["']\.{0,2}\/|\.(?:bin|pt|pth|pt2|ckpt|pkl|pickle|p|joblib|dill|npy|npz|h5|hdf5|keras|onnx|safetensors|gguf|ggml|pdparams|model|mar|nemo|dat|data|zip|tar|gz)["']/,
  // Credentials: names of arguments and keys with a long value, calls that set variables, and what issuers make.
  /(?:key|token|secret|pass(?:word|wd)?|credentials?|pat)["']?\s*[=:]\s*\(?\s*[ru]{0,2}["']{1,3}\s*[^"'\s]{20}/,
  /(?:setdefault|setenv|putenv|set_env_variable|add_env_variable)\s*\(/,
  /hf_\w{20}|api_org_|(?:AKIA|ASIA)\w{12}|\bsk-[\w-]{20}|gh[pousr]_\w{20}|github_pat_|glpat-|xox[baprs]-|hooks\.slack|AIza|nvapi-|dapi[\da-f]{20}|\br8_\w{20}|pypi-|eyJhcGlf|AccountKey=|PRIVATE KEY/,
];

const concern = new RegExp(words.map(({ source }) => source).join('|'), 'i');

/** Names of what concerns rules where it is called, under whatever name: `from datasets import load_dataset as read`. */
const names =
  /load|pipeline|InferenceSession|SentenceTransformer|CrossEncoder|\bLLM\b|dataset|get_(?:class|method|static_method|object)|_locate/i;

/** Whether rules may have anything to say of a text. */
export function mayConcern(text: string): boolean {
  return concern.test(text) || names.test(text);
}

/** The same of a part of one, where it uses no names that the rest gives a meaning. */
export function partMayConcern(code: string): boolean {
  return concern.test(code);
}

/** Modules of which every function concerns rules, whatever its name. */
const modules = /^(?:os|subprocess|commands|shelve|jsonpickle|ctypes|bentoml|vllm|torch\.hub)(?:\.|$)/;

/** Whether code that uses a name may concern rules for what the name means: `torch.load` for `tl`, of `from torch import load as tl`. */
export function nameMayConcern(meant: string): boolean {
  return modules.test(meant) || concern.test(`${meant}(`);
}

/** The same of a name that stands for a string. */
export function valueMayConcern(value: string): boolean {
  return concern.test(`"${value}"`);
}

/** Whether a function, by its full name, may hand its arguments to a shell. */
export function startsPrograms(callee: string): boolean {
  return /^(?:os|subprocess|commands)\./.test(callee);
}

/** Whether the default of a parameter or an option decides where its name is given as this argument. */
export function takesDefault(keyword: string): boolean {
  return keyword === 'trust_remote_code';
}
