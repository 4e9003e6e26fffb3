import { Parser, type Node, type Tree } from 'web-tree-sitter';
import type { PythonCall, PythonDefault } from './facts.ts';
import { LineIndex, type Places } from './lineIndex.ts';
import { noPython, textLimits, type PythonText, type TextProblem } from './parse.ts';
import { pythonGrammar } from './pythonGrammar.ts';
import { PythonNames } from './pythonNames.ts';
import type { StatementFacts } from './pythonStatement.ts';
import { StatementWalk, type Walked } from './pythonWalk.ts';

/**
 * Words without which no rule has anything to say of a Python file: loading, a hub's code, a shell, a secret, data, or a name that ends
 * like a model file. A file with none of them is not parsed.
 */
const trigger =
  /load|custom_ops_library|_target_|_component_|class_path|fastapi|starlette|flask|quart|sanic|litestar|aiohttp|packages_to_install|base_image|from_pretrained|trust_remote_code|weights_only|subprocess|os\.(?:system|popen)|verify|extractall|push_to_hub|report_to|http:\/\/|token|secret|password|api_?key|urlretrieve|bentoml|serve|deserialization|(?:read|scan)_(?:csv|json|ndjson|parquet|table|feather|orc|excel|ipc|avro)|[Dd]ataset|ImageFolder|DatasetFolder|genfromtxt|pip|hf_|AKIA|sk-|gh[pousr]_|xox[baprs]-|AIza|nvapi-|glpat-|hooks\.slack|wandb\.login|dashboard_host|unverified|set_env_variable|NO_WEIGHTS_ONLY|PRIVATE KEY|\.(?:bin|pt|pth|pt2|ckpt|pkl|pickle|p|joblib|dill|npy|npz|h5|hdf5|keras|onnx|safetensors|gguf|ggml|pdparams|model|mar|nemo|dat|data|zip|tar|gz)\b/i;

/** Whether rules may have anything to say of a text: it is not parsed otherwise. */
export function mayConcern(text: string): boolean {
  return trigger.test(text);
}

/**
 * Calls and strings of a Python file. Import aliases are resolved over the whole file, wherever the import stands.
 * @param lines where offsets of the text stand in the file, which is the text itself but for notebooks.
 */
export async function parsePython(text: string, lines?: Places): Promise<PythonText> {
  if (!mayConcern(text)) return noPython([]);
  const grammar = await pythonGrammar();
  const deadline = performance.now() + textLimits.timeMs;
  const parser = new Parser();
  try {
    parser.setLanguage(grammar.language);
    const tree = syntaxTree(parser, text, null, deadline);
    if (!tree) return tooSlow();
    try {
      const walked = { grammar, text, lines: lines ?? new LineIndex(text), known: null, units: null, deadline };
      const { parts, problems } = readStatements(tree.rootNode, walked);
      return pythonOf(parts, problems);
    } finally {
      tree.delete();
    }
  } finally {
    parser.delete();
  }
}

/** What is wrong with a text that breaks the grammar. */
export const notPython: TextProblem = { code: 'malformed', line: null, message: 'the text is not Python' };

/** Null where it takes too long. @param before the tree of an earlier version, told of what was edited. */
export function syntaxTree(parser: Parser, text: string, before: Tree | null, deadline: number): Tree | null {
  return parser.parse(text, before, {
    // Returning true stops the parser; the library's types leave the result out.
    progressCallback: () => performance.now() > deadline,
  });
}

export function tooSlow(): PythonText {
  const message = `the text takes longer than ${textLimits.timeMs} ms to parse`;
  return noPython([{ code: 'limit-time', line: null, message }]);
}

/** Reads the statements of a tree, before names are resolved over the whole file. */
export function readStatements(
  root: Node,
  walked: Omit<Walked, 'cursor'>,
): { parts: StatementFacts[]; problems: TextProblem[] } {
  const problems: TextProblem[] = root.hasError ? [notPython] : [];
  const cursor = root.walk();
  try {
    const walk = new StatementWalk({ ...walked, cursor });
    const parts = walk.perform();
    return { parts, problems: [...problems, ...walk.problems] };
  } finally {
    cursor.delete();
    walked.known?.end();
  }
}

/** What all statements of a text come to, with its names resolved. */
export function pythonOf(parts: readonly StatementFacts[], problems: TextProblem[]): PythonText {
  const names = new PythonNames(parts.map((part) => part.names));
  names.settle();
  for (const { calls, callees } of parts) {
    for (const [index, call] of calls.entries()) {
      const written = callees[index] ?? call.callee;
      call.callee = written.startsWith('.') ? written : names.resolve(written);
    }
  }
  const calls = parts.flatMap((part) => part.calls).flatMap((call) => [call, ...preparedCall(call)]);
  return {
    language: 'python',
    calls,
    strings: parts.flatMap((part) => part.strings),
    defaults: [...parts.flatMap((part) => part.defaults), ...optionDefaults(calls)],
    shell: [],
    problems,
  };
}

/** `functools.partial(torch.load, weights_only=False)` is a call of `torch.load` with more to come. */
function preparedCall(call: PythonCall): PythonCall[] {
  const [prepared, ...positional] = call.positional;
  const callee = call.callee === 'functools.partial' ? prepared?.name : undefined;
  return callee === undefined || callee.startsWith('.') ? [] : [{ ...call, callee, positional, spread: true }];
}

/** `add_argument("--trust-remote-code", default=True)`, and `action="store_true"`, which is false unless it is given. */
function optionDefaults(calls: readonly PythonCall[]): PythonDefault[] {
  return calls.flatMap(({ callee, positional, keywords, range }) => {
    if (!callee.endsWith('.add_argument')) return [];
    const flag = positional
      .map(({ value }) => value)
      .find((value) => typeof value === 'string' && value.startsWith('--'));
    if (typeof flag !== 'string') return [];
    const stored = keywords['action']?.value;
    const value = keywords['default'] ?? {
      value: stored === 'store_true' ? false : stored === 'store_false' ? true : null,
      range,
    };
    return [{ name: flag.slice(2).replaceAll('-', '_'), value }];
  });
}
