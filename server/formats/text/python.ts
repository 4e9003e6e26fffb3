import { Edit, Parser, type Node, type Tree } from 'web-tree-sitter';
import { changeBetween, pointAt } from './change.ts';
import type { PythonCall, PythonDefault } from './facts.ts';
import { LineIndex, type Places } from './lineIndex.ts';
import { noPython, textLimits, type PythonText, type TextProblem } from './parse.ts';
import { pythonGrammar } from './pythonGrammar.ts';
import { PythonNames, type Lines } from './pythonNames.ts';
import { noStatement, readNode, type StatementFacts } from './pythonStatement.ts';
import { KnownStatements } from './pythonStatements.ts';

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
  const language = await pythonGrammar();
  const deadline = performance.now() + textLimits.timeMs;
  const parser = new Parser();
  try {
    parser.setLanguage(language);
    const tree = parse(parser, text, null, deadline);
    if (!tree) return tooSlow();
    try {
      return read(tree.rootNode, lines ?? new LineIndex(text), null, deadline);
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
    const language = await pythonGrammar();
    const deadline = performance.now() + textLimits.timeMs;
    const parser = new Parser();
    try {
      parser.setLanguage(language);
      this.#edit(text);
      const tree = parse(parser, text, this.#tree, deadline);
      this.#tree?.delete();
      this.#tree = tree;
      this.#text = text;
      if (!tree) return tooSlow();
      const lines = new LineIndex(text);
      this.#statements.begin(text, tree.rootNode.hasError, lines);
      return read(tree.rootNode, lines, this.#statements, deadline);
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

function read(root: Node, lines: Places, known: KnownStatements | null, deadline: number): PythonText {
  const problems: TextProblem[] = [];
  if (root.hasError) problems.push({ code: 'malformed', line: null, message: 'the text is not Python' });
  const parts = statements(root, lines, known, problems, deadline);
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

/** Nodes between two looks at the clock. */
const clockSteps = 1024;

/**
 * Walks the tree with a cursor, which needs memory for the path alone.
 * @param known statements of an earlier version that need not be walked through again.
 */
function statements(
  root: Node,
  lines: Places,
  known: KnownStatements | null,
  problems: TextProblem[],
  deadline: number,
): StatementFacts[] {
  const parts: StatementFacts[] = [];
  const parents: string[] = [];
  const cursor = root.walk();
  let count = 0;
  let open = noStatement();
  /** Functions that are taken apart, from the outside in, and how many nodes lie around what they hold. */
  const functions: { depth: number; lines: Lines }[] = [];
  /** The statement that is being read to be kept, and how many nodes lie around it. */
  let keeping: { depth: number; finish: () => void } | null = null;
  let places: Places = lines;
  const close = (): void => {
    if (open.calls.length + open.strings.length + open.defaults.length > 0 || hasNames(open)) parts.push(open);
    open = noStatement();
  };
  try {
    for (let step = 1; ; step++) {
      if (step % clockSteps === 0 && performance.now() > deadline) {
        const message = `the text takes longer than ${textLimits.timeMs} ms to read`;
        problems.push({ code: 'limit-time', line: cursor.startPosition.row + 1, message });
        break;
      }
      if (count + open.calls.length + open.strings.length >= textLimits.facts) {
        const message = `there are more than ${textLimits.facts} calls and strings`;
        problems.push({ code: 'limit-facts', line: cursor.startPosition.row + 1, message });
        break;
      }
      const type = cursor.nodeType;
      let walkedInto = false;
      const found = known && !keeping ? known.look(cursor, type, parents) : null;
      const around = functions.at(-1)?.lines ?? null;
      if (found?.facts) {
        close();
        found.facts.names.around = around;
        parts.push(found.facts);
        count += found.facts.calls.length + found.facts.strings.length;
      } else {
        if (found) {
          close();
          open = noStatement(cursor.startIndex, around);
          places = found.places;
          const { keep } = found;
          keeping = { depth: parents.length, finish: () => keep(open) };
        }
        readNode(cursor, type, parents, places, open);
        const entered =
          known && !keeping && type === 'function_definition' ? lines.range(cursor.startIndex, cursor.endIndex) : null;
        walkedInto = cursor.gotoFirstChild();
        if (walkedInto) {
          parents.push(type);
          if (entered) functions.push({ depth: parents.length, lines: entered });
        }
      }
      if (walkedInto) continue;
      for (;;) {
        if (keeping?.depth === parents.length) {
          count += open.calls.length + open.strings.length;
          keeping.finish();
          keeping = null;
          places = lines;
          close();
        }
        if (cursor.gotoNextSibling() || !cursor.gotoParent()) break;
        parents.pop();
        if ((functions.at(-1)?.depth ?? 0) > parents.length) functions.pop();
      }
      if (parents.length === 0) break;
    }
  } finally {
    cursor.delete();
    known?.end();
  }
  close();
  return parts;
}

function hasNames({ names }: StatementFacts): boolean {
  return Object.values(names).some((list) => Array.isArray(list) && list.length > 0);
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
