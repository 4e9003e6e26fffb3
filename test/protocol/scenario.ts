import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { assemblePickle } from '../../server/formats/pickle/assembler.fixture.ts';
import { buildProtobuf, type BuildField } from '../../server/formats/protobuf/protobufBuilder.fixture.ts';
import { buildZip } from '../../server/formats/zip/zipBuilder.fixture.ts';

/** A fenced block of a scenario: what its info string says, and what stands in it. */
export interface Block {
  /** Its first word: `yaml`, `pickle`, `json`... */
  kind: string;
  /** The other words. */
  words: string[];
  text: string;
  /** 1-based line of the fence. */
  line: number;
}

export interface Scenario {
  title: string;
  given: Block[];
  /** When and Then, in the order in which they stand. */
  steps: Block[];
}

/**
 * Reads a scenario: a Markdown page with a title, a section `## Given` whose blocks are files and the client, and
 * sections `## When` and `## Then` whose blocks are what is said, in order. The prose is for people.
 */
export function parseScenario(markdown: string): Scenario {
  const scenario: Scenario = { title: '', given: [], steps: [] };
  let section = '';
  let block: Block | undefined;
  for (const [index, line] of markdown.split('\n').entries()) {
    const fence = /^```(.*)$/.exec(line);
    if (block) {
      if (!fence) block.text += `${line}\n`;
      else {
        (section.startsWith('Given') ? scenario.given : scenario.steps).push(block);
        block = undefined;
      }
    } else if (fence) {
      const [kind = '', ...words] = (fence[1] ?? '').trim().split(/\s+/);
      block = { kind, words, text: '', line: index + 1 };
    } else if (line.startsWith('# ')) scenario.title = line.slice(2);
    else if (line.startsWith('## ')) section = line.slice(3);
  }
  return scenario;
}

/**
 * Writes a file that a block holds: `pickle` and `torch` are listings that are assembled, `safetensors` names a tensor a
 * line, `onnx` has a node a line (`Relu x y`: operator, inputs, output), all else is text.
 */
export function writeFile(block: Block, folder: string): string {
  const file = path.join(folder, block.words[0] ?? '');
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, contentOf(block));
  return file;
}

function contentOf({ kind, text }: Block): Uint8Array | string {
  switch (kind) {
    case 'pickle':
      return assemblePickle(text);
    case 'torch':
      return buildZip([
        { name: 'archive/data.pkl', data: assemblePickle(text) },
        { name: 'archive/byteorder', data: Buffer.from('little') },
        { name: 'archive/data/0', data: new Uint8Array(new Float32Array([1, 2, 3, 4]).buffer) },
        { name: 'archive/version', data: Buffer.from('3\n') },
      ]);
    case 'safetensors':
      return safetensors(text.trim().split('\n'));
    case 'onnx':
      return onnx(text.trim().split('\n'));
    default:
      return text;
  }
}

function onnx(lines: string[]): Uint8Array {
  const nodes = lines.map((line): BuildField => {
    const [operator = '', ...ends] = line.split(' ');
    const output = ends.pop() ?? '';
    return [1, [...ends.map((input): BuildField => [1, input]), [2, output], [4, operator]]];
  });
  return buildProtobuf([
    [1, 9],
    [7, nodes],
    [8, [[2, 17]]],
  ]);
}

/** Tensors of four numbers each: 0, 1, 2, 3; then 4, 5, 6, 7; and so on. */
function safetensors(names: string[]): Uint8Array {
  const shape = { dtype: 'F32', shape: [4] };
  const header = Object.fromEntries(
    names.map((name, index) => [name, { ...shape, data_offsets: [index * 16, index * 16 + 16] }]),
  );
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([
    length,
    text,
    Buffer.from(Float32Array.from({ length: names.length * 4 }, (_, at) => at).buffer),
  ]);
}

/**
 * Whether `actual` is what a scenario says: objects may hold more, lists may not, `...words...` is a text that holds the
 * words, and `<any>` is anything.
 */
export function matches(actual: unknown, expected: unknown): boolean {
  if (expected === '<any>') return actual !== undefined;
  if (typeof expected === 'string' && expected.length > 6 && expected.startsWith('...') && expected.endsWith('...')) {
    return typeof actual === 'string' && actual.includes(expected.slice(3, -3));
  }
  if (Array.isArray(expected)) {
    return (
      Array.isArray(actual) &&
      actual.length === expected.length &&
      expected.every((each, index) => matches(actual[index], each))
    );
  }
  if (typeof expected === 'object' && expected !== null) {
    if (typeof actual !== 'object' || actual === null) return false;
    const fields = actual as Record<string, unknown>;
    return Object.entries(expected).every(([key, value]) => matches(fields[key], value));
  }
  return actual === expected;
}
