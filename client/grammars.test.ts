import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import oniguruma from 'vscode-oniguruma';
import textmate, { type IGrammar, type IRawGrammar } from 'vscode-textmate';
import { assemblePickle } from '../server/formats/pickle/assembler.fixture.ts';
import { disassemble } from '../server/formats/pickle/disassemble.ts';
import { withStack } from '../server/formats/pickle/symbolicStack.ts';
import { MemorySource } from '../server/formats/source.ts';

// The engine that VS Code colours with, over the grammars that are shipped.
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const files: Readonly<Record<string, string>> = {
  'source.rego': 'syntaxes/rego.tmLanguage.json',
  'source.weighbridge-pickle': 'syntaxes/pickle.tmLanguage.json',
};

const engine = createRequire(import.meta.url).resolve('vscode-oniguruma/release/onig.wasm');
await oniguruma.loadWASM(new Uint8Array(readFileSync(engine)).buffer);
const registry = new textmate.Registry({
  onigLib: Promise.resolve({
    createOnigScanner: (patterns: string[]) => new oniguruma.OnigScanner(patterns),
    createOnigString: (text: string) => new oniguruma.OnigString(text),
  }),
  loadGrammar: (scope) => {
    const file = files[scope];
    if (file === undefined) return Promise.resolve(null);
    return Promise.resolve(JSON.parse(readFileSync(path.join(root, file), 'utf8')) as IRawGrammar);
  },
});

async function grammar(scope: string): Promise<IGrammar> {
  const loaded = await registry.loadGrammar(scope);
  assert.ok(loaded, scope);
  return loaded;
}

interface Token {
  line: number;
  start: number;
  text: string;
  /** The innermost scope, without the language at its end. */
  scope: string;
  scopes: string[];
}

function tokens(of: IGrammar, text: string): Token[] {
  const found: Token[] = [];
  let state = textmate.INITIAL;
  for (const [line, written] of text.split('\n').entries()) {
    const { tokens: parts, ruleStack } = of.tokenizeLine(written, state);
    state = ruleStack;
    for (const { startIndex, endIndex, scopes } of parts) {
      const scope = (scopes.at(-1) ?? '').replace(/\.(?:rego|weighbridge-pickle)$/, '');
      found.push({ line: line + 1, start: startIndex, text: written.slice(startIndex, endIndex), scope, scopes });
    }
  }
  return found;
}

/** Token and scope of what is no blank. */
const shown = (all: Token[]): string[] =>
  all.filter(({ text }) => text.trim() !== '').map(({ text, scope }) => `${text.trim()} ${scope}`);

/** Words of a policy with what they are, told without the grammar: characters are taken one after another. */
function wordsOf(text: string): { word: string; line: number; start: number; is: 'comment' | 'string' | 'code' }[] {
  const words: ReturnType<typeof wordsOf> = [];
  let is: 'comment' | 'string' | 'code' = 'code';
  let quote = '';
  for (const [index, line] of text.split('\n').entries()) {
    if (is === 'comment') is = 'code';
    for (let at = 0; at < line.length; at++) {
      const sign = line[at] ?? '';
      if (is === 'code' && sign === '#') is = 'comment';
      else if (is === 'code' && (sign === '"' || sign === '`')) [is, quote] = ['string', sign];
      else if (is === 'string' && sign === '\\' && quote === '"') at++;
      else if (is === 'string' && sign === quote) is = 'code';
      else if (/[a-z_]/i.test(sign)) {
        const word = /^\w+/.exec(line.slice(at))?.[0] ?? sign;
        words.push({ word, line: index + 1, start: at, is });
        at += word.length - 1;
      }
    }
  }
  return words;
}

describe('the grammar of Rego', async () => {
  const rego = await grammar('source.rego');
  const policies = readdirSync(path.join(root, 'policies'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.rego'))
    .map((file) => [file, readFileSync(path.join(root, 'policies', file), 'utf8')] as const);

  it('tells words, strings and comments of the shipped policies apart, and calls nothing wrong', () => {
    assert.ok(policies.length > 8);
    const keywords = /^(?:package|import|default|else|if|in|with|as|some|every|not)$/;
    for (const [file, text] of policies) {
      const all = tokens(rego, text);
      const wrong = all.filter(({ scopes }) => scopes.some((scope) => scope.startsWith('invalid')));
      assert.deepEqual(wrong, [], file);
      for (const { word, line, start, is } of wordsOf(text)) {
        const token = all.findLast((each) => each.line === line && each.start <= start);
        const has = (scope: string): boolean => token?.scopes.some((each) => each.startsWith(scope)) === true;
        const at = `${file}:${line}: ${word}: ${token?.scopes.join(' ') ?? ''}`;
        assert.equal(has('comment'), is === 'comment', at);
        assert.equal(has('string'), is === 'string', at);
        const before = text.split('\n')[line - 1]?.[start - 1];
        if (is === 'code' && before !== '.' && keywords.test(word)) assert.ok(has('keyword.control'), at);
      }
    }
  });

  it('knows each part of a policy by its kind', () => {
    const text = `# METADATA
# title: Text
package weighbridge.gates
import data.roles as known
default allow := false
deny contains "unsigned\\n" if {
	not input.model.signed
	contains(input.data.name, \`raw \\ "text"\`)
	x := -1.5e3 + count([y | some y in known; y != null])
}`;
    assert.deepEqual(shown(tokens(rego, text)), [
      '# comment.block.documentation',
      'METADATA keyword.other.metadata',
      '# comment.block.documentation',
      'title entity.name.tag',
      ': punctuation.separator',
      'Text comment.block.documentation',
      'package keyword.control.import',
      'weighbridge.gates entity.name.namespace',
      'import keyword.control.import',
      'data.roles entity.name.namespace',
      'as keyword.control.import',
      'known entity.name.namespace',
      'default keyword.control',
      'allow entity.name.function',
      ':= keyword.operator',
      'false constant.language',
      'deny entity.name.function',
      'contains keyword.control',
      '" string.quoted.double',
      'unsigned string.quoted.double',
      '\\n constant.character.escape',
      '" string.quoted.double',
      'if keyword.control',
      '{ punctuation.section',
      'not keyword.control',
      'input variable.language',
      '. punctuation.separator',
      'model variable.other.property',
      '. punctuation.separator',
      'signed variable.other.property',
      'contains support.function',
      '( punctuation.section',
      'input variable.language',
      '. punctuation.separator',
      'data variable.other.property',
      '. punctuation.separator',
      'name variable.other.property',
      ', punctuation.separator',
      '` string.quoted.other.raw',
      'raw \\ "text" string.quoted.other.raw',
      '` string.quoted.other.raw',
      ') punctuation.section',
      'x variable.other',
      ':= keyword.operator',
      '-1.5e3 constant.numeric',
      '+ keyword.operator',
      'count support.function',
      '( punctuation.section',
      '[ punctuation.section',
      'y variable.other',
      '| keyword.operator',
      'some keyword.control',
      'y variable.other',
      'in keyword.control',
      'known variable.other',
      '; punctuation.separator',
      'y variable.other',
      '!= keyword.operator',
      'null constant.language',
      '] punctuation.section',
      ') punctuation.section',
      '} punctuation.section',
    ]);
  });
});

describe('the grammar of pickle disassemblies', async () => {
  const pickle = await grammar('source.weighbridge-pickle');

  /** As `weighbridge inspect --disassemble` prints it. */
  function listing(lines: string): string {
    const source = new MemorySource(assemblePickle(lines));
    const { rows } = disassemble(source, 0, 10_000);
    return withStack(source, rows)
      .map(({ offset, opcode, argument, stack }) => {
        const row = `${String(offset).padStart(3)}  ${opcode} ${argument}`.trimEnd();
        return stack ? `${row.padEnd(40)}  ; ${stack}` : row;
      })
      .join('\n');
  }

  it('knows offsets, opcodes, imports, calls, arguments and what lies on the stack', () => {
    const text = listing(
      'PROTO 4\nGLOBAL os system\nMARK\nBINUNICODE \'echo "hi"\\n\'\nBININT1 7\nBINFLOAT -2.5\nNONE\nSHORT_BINBYTES hex:00ff\nTUPLE\nREDUCE\nSTOP',
    );
    const all = tokens(pickle, text);
    const kinds = (line: string): string[] =>
      shown(all.filter((each) => text.split('\n')[each.line - 1]?.includes(line)));
    assert.deepEqual(kinds('GLOBAL'), [
      '2 constant.numeric.offset',
      'GLOBAL keyword.control.import',
      'os entity.name.namespace',
      'system entity.name.function',
      '; punctuation.definition.stack',
      'os.system entity.name.namespace',
    ]);
    assert.deepEqual(kinds('BINUNICODE').slice(0, 7), [
      `${kinds('BINUNICODE')[0]}`,
      'BINUNICODE keyword.operator.opcode',
      "' string.quoted.single",
      'echo "hi" string.quoted.single',
      '\\n constant.character.escape',
      "' string.quoted.single",
      '; punctuation.definition.stack',
    ]);
    assert.ok(kinds('BINUNICODE').includes('( keyword.operator.mark'));
    assert.ok(kinds('BINFLOAT').includes('-2.5 constant.numeric'));
    assert.ok(kinds('SHORT_BINBYTES').includes('<2 bytes> comment.block.payload'));
    assert.ok(kinds('NONE').includes('None constant.language'));
    const call = kinds('REDUCE');
    assert.equal(call[1], 'REDUCE keyword.control.call');
    assert.ok(call.includes('os.system entity.name.function.called'), call.join('\n'));
  });

  it('leaves no word without a kind, whatever the opcodes', () => {
    const text = listing(
      [
        'PROTO 2',
        'EMPTY_DICT',
        'PUT 0',
        "UNICODE 'plain words'",
        'LONG -300',
        'INT 5',
        'SETITEM',
        'INST __builtin__ dict',
        'NEWTRUE',
        'BUILD',
        'STOP',
      ].join('\n'),
    );
    const plain = tokens(
      pickle,
      `${text}\n  (the stream ends inside LONG1 at byte 4)\n  ▶ 41: GLOBAL os system`,
    ).filter((token) => /\w/.test(token.text) && token.scopes.length === 1);
    assert.deepEqual(plain, []);
  });
});
