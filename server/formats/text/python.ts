import { Edit, Parser, type Node, type Tree } from 'web-tree-sitter';
import { changeBetween, pointAt } from './change.ts';
import type { PythonCall, PythonDefault } from './facts.ts';
import { LineIndex, type Places } from './lineIndex.ts';
import { noPython, textLimits, type PythonText, type TextProblem } from './parse.ts';
import { pythonGrammar } from './pythonGrammar.ts';
import { PythonNames } from './pythonNames.ts';
import type { StatementFacts } from './pythonStatement.ts';
import { KnownStatements } from './pythonStatements.ts';
import { StatementWalk, type Walked } from './pythonWalk.ts';

/**
 * Words without which no rule has anything to say of a Python file: loading, a hub's code, a shell, a secret, data, or a name that ends
 * like a model file. A file with none of them is not parsed.
 */
const trigger =
  /load|custom_ops_library|packages_to_install|base_image|from_pretrained|trust_remote_code|weights_only|subprocess|os\.(?:system|popen)|verify|extractall|push_to_hub|report_to|http:\/\/|token|secret|password|api_?key|urlretrieve|bentoml|serve|deserialization|(?:read|scan)_(?:csv|json|ndjson|parquet|table|feather|orc|excel|ipc|avro)|[Dd]ataset|ImageFolder|DatasetFolder|genfromtxt|pip|hf_|AKIA|PRIVATE KEY|\.(?:bin|pt|pth|pt2|ckpt|pkl|pickle|p|joblib|dill|npy|npz|h5|hdf5|keras|onnx|safetensors|gguf|ggml|pdparams|model|mar|nemo|dat|data|zip|tar|gz)\b/i;

/**
 * Calls and strings of a Python file. Import aliases are resolved over the whole file, wherever the import stands.
 * @param lines where offsets of the text stand in the file, which is the text itself but for notebooks.
 */
export async function parsePython(text: string, lines?: Places): Promise<PythonText> {
  if (!trigger.test(text)) return noPython([]);
  const grammar = await pythonGrammar();
  const deadline = performance.now() + textLimits.timeMs;
  const parser = new Parser();
  try {
    parser.setLanguage(grammar.language);
    const tree = parse(parser, text, null, deadline);
    if (!tree) return tooSlow();
    try {
      return read(tree.rootNode, { grammar, text, lines: lines ?? new LineIndex(text), known: null, deadline });
    } finally {
      tree.delete();
    }
  } finally {
    parser.delete();
  }
}

/** A Python text that is being edited: each version is parsed from the tree of the one before, and what did not change is not read again. */
export class EditedPython {
  #text = '';
  #tree: Tree | null = null;
  readonly #statements = new KnownStatements();

  /** What `parsePython` gives for this version. It holds until the next call: places in it move with the text. */
  async parse(text: string): Promise<PythonText> {
    if (!trigger.test(text)) {
      this.dispose();
      return noPython([]);
    }
    const grammar = await pythonGrammar();
    const deadline = performance.now() + textLimits.timeMs;
    const parser = new Parser();
    try {
      parser.setLanguage(grammar.language);
      this.#edit(text);
      const tree = parse(parser, text, this.#tree, deadline);
      this.#tree?.delete();
      this.#tree = tree;
      this.#text = text;
      if (!tree) return tooSlow();
      const lines = new LineIndex(text);
      this.#statements.begin(text, tree.rootNode.hasError, lines);
      return read(tree.rootNode, { grammar, text, lines, known: this.#statements, deadline });
    } finally {
      parser.delete();
    }
  }

  /** The trees lie in WebAssembly's memory, which nobody sweeps. */
  dispose(): void {
    this.#tree?.delete();
    this.#tree = null;
    this.#statements.clear();
  }

  #edit(text: string): void {
    const before = this.#text;
    if (!this.#tree || before === text) return;
    const { start, oldEnd, newEnd } = changeBetween(before, text);
    const startPosition = pointAt(before, start, { row: 0, column: 0 }, 0);
    this.#tree.edit(
      new Edit({
        startIndex: start,
        oldEndIndex: oldEnd,
        newEndIndex: newEnd,
        startPosition,
        oldEndPosition: pointAt(before, oldEnd, startPosition, start),
        newEndPosition: pointAt(text, newEnd, startPosition, start),
      }),
    );
  }
}

function parse(parser: Parser, text: string, before: Tree | null, deadline: number): Tree | null {
  return parser.parse(text, before, {
    // Returning true stops the parser; the library's types leave the result out.
    progressCallback: () => performance.now() > deadline,
  });
}

function tooSlow(): PythonText {
  const message = `the text takes longer than ${textLimits.timeMs} ms to parse`;
  return noPython([{ code: 'limit-time', line: null, message }]);
}

function read(root: Node, walked: Omit<Walked, 'cursor'>): PythonText {
  const problems: TextProblem[] = [];
  if (root.hasError) problems.push({ code: 'malformed', line: null, message: 'the text is not Python' });
  const cursor = root.walk();
  let parts: StatementFacts[];
  try {
    const walk = new StatementWalk({ ...walked, cursor });
    parts = walk.perform();
    problems.push(...walk.problems);
  } finally {
    cursor.delete();
    walked.known?.end();
  }
  const names = new PythonNames(parts.map((part) => part.names));
  names.settle();
  for (const { calls, callees } of parts) {
    for (const [index, call] of calls.entries()) {
      const written = callees[index] ?? call.callee;
      call.callee = written.startsWith('.') ? written : names.resolve(written);
    }
  }
  const calls = parts.flatMap((part) => part.calls);
  return {
    language: 'python',
    calls,
    strings: parts.flatMap((part) => part.strings),
    defaults: [...parts.flatMap((part) => part.defaults), ...optionDefaults(calls)],
    shell: [],
    problems,
  };
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
