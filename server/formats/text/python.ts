import { Parser, type Node } from 'web-tree-sitter';
import type { PythonArgument, PythonCall, PythonDefault, PythonString } from './facts.ts';
import { LineIndex, type Places } from './lineIndex.ts';
import { noPython, textLimits, type PythonText, type TextProblem } from './parse.ts';
import { pythonGrammar } from './pythonGrammar.ts';
import { PythonImports } from './pythonImports.ts';
import { PythonConstants } from './pythonConstants.ts';
import { argument, stringLiteral } from './pythonLiteral.ts';
import { dottedName } from './pythonName.ts';

/**
 * Words without which no rule has anything to say of a Python file: loading, a hub's code, a shell, a secret, data, or a name that ends
 * like a model file. A file with none of them is not parsed.
 */
const trigger =
  /load|custom_ops_library|packages_to_install|base_image|from_pretrained|trust_remote_code|weights_only|subprocess|os\.(?:system|popen)|verify|extractall|push_to_hub|report_to|http:\/\/|token|secret|password|api_?key|urlretrieve|bentoml|serve|deserialization|(?:read|scan)_(?:csv|json|ndjson|parquet|table|feather|orc|excel|ipc|avro)|[Dd]ataset|ImageFolder|DatasetFolder|genfromtxt|pip|hf_|AKIA|PRIVATE KEY|\.(?:bin|pt|pth|pt2|ckpt|pkl|pickle|p|joblib|dill|npy|npz|h5|hdf5|keras|onnx|safetensors|gguf|ggml|pdparams|model|mar|nemo|dat|data|zip|tar|gz)\b/i;

/** Strings longer than this many characters are no path and no name; they are left out. */
const longestString = 4096;

/**
 * Calls and strings of a Python file. Import aliases are resolved over the whole file, wherever the import stands.
 * @param lines where offsets of the text stand in the file, which is the text itself but for notebooks.
 */
export async function parsePython(text: string, lines?: Places): Promise<PythonText> {
  const problems: TextProblem[] = [];
  if (!trigger.test(text)) return noPython(problems);
  const language = await pythonGrammar();
  const parser = new Parser();
  try {
    parser.setLanguage(language);
    const deadline = performance.now() + textLimits.timeMs;
    const tree = parser.parse(text, null, {
      // Returning true stops the parser; the library's types leave the result out.
      progressCallback: () => performance.now() > deadline,
    });
    if (!tree) {
      const message = `the text takes longer than ${textLimits.timeMs} ms to parse`;
      return noPython([{ code: 'limit-time', line: null, message }]);
    }
    try {
      if (tree.rootNode.hasError) {
        problems.push({ code: 'malformed', line: null, message: 'the text is not Python' });
      }
      return {
        language: 'python',
        ...facts(tree.rootNode, lines ?? new LineIndex(text), problems, deadline),
        shell: [],
        problems,
      };
    } finally {
      tree.delete();
    }
  } finally {
    parser.delete();
  }
}

interface PythonFacts {
  calls: PythonCall[];
  strings: PythonString[];
  defaults: PythonDefault[];
}

/** Nodes between two looks at the clock. */
const clockSteps = 1024;

/**
 * Walks the tree with a cursor, which needs memory for the path alone. Imports are read as they come; names are resolved
 * at the end, because an import may stand below its use.
 */
function facts(root: Node, lines: Places, problems: TextProblem[], deadline: number): PythonFacts {
  const imports = new PythonImports();
  const constants = new PythonConstants();
  const calls: PythonCall[] = [];
  const strings: PythonString[] = [];
  const defaults: PythonDefault[] = [];
  const parents: string[] = [];
  const cursor = root.walk();
  const visit = (type: string): void => {
    if (type === 'import_statement' || type === 'import_from_statement') {
      for (const name of imports.add(cursor.currentNode)) constants.bind(name);
    } else if (type === 'call') calls.push(...callFacts(cursor.currentNode, lines, constants));
    else if (type === 'default_parameter' || type === 'typed_default_parameter')
      defaults.push(...parameterDefault(cursor.currentNode, lines));
    else if (type === 'dictionary') calls.push(...dictionaryFacts(cursor.currentNode, lines, constants));
    else if (type === 'identifier') {
      if (PythonConstants.isBinding(parents, cursor.currentFieldName)) constants.bind(cursor.nodeText);
    } else if (type === 'assignment') {
      if (parents.length === 2) constants.assign(cursor.currentNode, lines);
      else if (parents.at(-2) === 'block' && parents.at(-3) === 'class_definition')
        defaults.push(...fieldDefault(cursor.currentNode, lines));
      else constants.note(cursor.currentNode, lines);
    }
    // A statement that is a string alone is a docstring.
    else if (type === 'string' && parents.at(-1) !== 'expression_statement')
      strings.push(...stringFacts(cursor.currentNode, lines));
  };
  try {
    for (let step = 1; ; step++) {
      if (step % clockSteps === 0 && performance.now() > deadline) {
        const message = `the text takes longer than ${textLimits.timeMs} ms to read`;
        problems.push({ code: 'limit-time', line: cursor.startPosition.row + 1, message });
        break;
      }
      if (calls.length + strings.length >= textLimits.facts) {
        const message = `there are more than ${textLimits.facts} calls and strings`;
        problems.push({ code: 'limit-facts', line: cursor.startPosition.row + 1, message });
        break;
      }
      const type = cursor.nodeType;
      visit(type);
      if (cursor.gotoFirstChild()) {
        parents.push(type);
        continue;
      }
      while (!cursor.gotoNextSibling()) {
        if (!cursor.gotoParent()) break;
        parents.pop();
      }
      if (parents.length === 0) break;
    }
  } finally {
    cursor.delete();
  }
  for (const call of calls)
    if (!call.callee.startsWith('.')) call.callee = imports.resolve(constants.resolve(call.callee));
  constants.settle();
  for (const { positional, keywords } of calls)
    for (const used of [...positional, ...Object.values(keywords)])
      if (used.name !== undefined && !used.name.startsWith('.'))
        used.name = imports.resolve(constants.resolve(used.name));
  return { calls, strings, defaults: [...defaults, ...optionDefaults(calls)] };
}

/** A field of a class: `trust_remote_code: bool = True`, `... = field(default=True)`. */
function fieldDefault(assignment: Node, lines: Places): PythonDefault[] {
  const name = assignment.childForFieldName('left');
  const value = assignment.childForFieldName('right');
  if (name?.type !== 'identifier' || !value) return [];
  if (value.type !== 'call') return [{ name: name.text, value: argument(value, lines) }];
  const given = value
    .childForFieldName('arguments')
    ?.namedChildren.find(
      (each) => each?.type === 'keyword_argument' && each.childForFieldName('name')?.text === 'default',
    );
  const node = given?.childForFieldName('value');
  return node ? [{ name: name.text, value: argument(node, lines) }] : [];
}

/** `def load(name, trust_remote_code=True)`: what stands there when a caller says nothing. */
function parameterDefault(parameter: Node, lines: Places): PythonDefault[] {
  const name = parameter.childForFieldName('name');
  const value = parameter.childForFieldName('value');
  return name?.type === 'identifier' && value ? [{ name: name.text, value: argument(value, lines) }] : [];
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

function stringFacts(node: Node, lines: Places): PythonString[] {
  const literal = stringLiteral(node);
  if (!literal || literal.value.length > longestString) return [];
  const range = lines.range(node.startIndex, node.endIndex);
  return [{ value: literal.value, range, innerRange: lines.range(literal.start, literal.end) }];
}

function callFacts(node: Node, lines: Places, constants: PythonConstants): PythonCall[] {
  const called = node.childForFieldName('function');
  const list = node.childForFieldName('arguments');
  if (!called || list?.type !== 'argument_list') return [];
  const positional: PythonArgument[] = [];
  const keywords: Record<string, PythonArgument> = {};
  let spread = false;
  let end = list.startIndex + 1;
  for (const child of list.namedChildren) {
    if (!child || child.type === 'comment') continue;
    end = child.endIndex;
    if (child.type === 'keyword_argument') {
      const key = child.childForFieldName('name');
      const value = child.childForFieldName('value');
      if (key && value) setKeyword(keywords, key.text, constants.argument(value, lines));
    } else if (child.type === 'list_splat' || child.type === 'dictionary_splat') {
      spread = true;
    } else {
      positional.push(constants.argument(child, lines));
    }
  }
  return [
    {
      callee: dottedName(called),
      range: lines.range(node.startIndex, node.endIndex),
      positional,
      keywords,
      insertAt: lines.position(end),
      ...(spread ? { spread } : {}),
    },
  ];
}

function dictionaryFacts(node: Node, lines: Places, constants: PythonConstants): PythonCall[] {
  const keywords: Record<string, PythonArgument> = {};
  let spread = false;
  let count = 0;
  let end = node.startIndex + 1;
  for (const child of node.namedChildren) {
    if (!child || child.type === 'comment') continue;
    end = child.endIndex;
    if (child.type === 'dictionary_splat') spread = true;
    if (child.type !== 'pair') continue;
    const key = child.childForFieldName('key');
    const value = child.childForFieldName('value');
    const name = key ? stringLiteral(key)?.value : undefined;
    // Options of a call have names; a table of data has anything.
    if (name === undefined || !value || !/^[A-Za-z_]\w*$/.test(name)) continue;
    setKeyword(keywords, name, constants.argument(value, lines));
    if (++count > 256) return [];
  }
  if (count === 0) return [];
  return [
    {
      callee: 'dict',
      range: lines.range(node.startIndex, node.endIndex),
      positional: [],
      keywords,
      insertAt: lines.position(end),
      ...(spread ? { spread } : {}),
    },
  ];
}

/** `__proto__` is a name like any other in Python. */
function setKeyword(keywords: Record<string, PythonArgument>, name: string, value: PythonArgument): void {
  Object.defineProperty(keywords, name, { value, enumerable: true, configurable: true, writable: true });
}
