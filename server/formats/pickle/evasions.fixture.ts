import { deflateSync, gzipSync } from 'node:zlib';
import { assemblePickle } from './assembler.fixture.ts';

/** What an evasion calls in the end: `module.name(argument)`. */
export interface Target {
  module: string;
  name: string;
  argument: string;
}

/** Runs a command; never loaded by any test. */
export const hostile: Target = { module: 'os', name: 'system', argument: 'echo probe' };
/** The same opcodes with something harmless to call: Python itself can be asked whether they work. */
export const harmless: Target = { module: 'keyword', name: 'iskeyword', argument: 'if' };

const text = (value: string) => `BINUNICODE '${value.replace(/[\\']/g, '\\$&')}'\n`;
const bytes = (value: Uint8Array | string) => `BINBYTES hex:${Buffer.from(value).toString('hex')}\n`;
const integer = (value: number) => `BININT ${value}\n`;
const none = 'NONE\n';
const tuple = (...items: string[]) => `MARK\n${items.join('')}TUPLE\n`;
const list = (...items: string[]) => `MARK\n${items.join('')}LIST\n`;
const named = (module: string, name: string) => `${text(module)}${text(name)}STACK_GLOBAL\n`;
const apply = (callee: string, ...args: string[]) => `${callee}${tuple(...args)}REDUCE\n`;
const call = (dotted: string, ...args: string[]) => apply(globalOf(dotted), ...args);
/** `module:name`, where the name may be dotted. */
const globalOf = (dotted: string) => {
  const [module = '', name = ''] = dotted.split(':');
  return named(module, name);
};
const letters = (word: string) => list(...[...word].map((letter) => text(letter)));
const module_ = ({ module }: Target) => call('importlib:import_module', text(module));
const plain = ({ module, name, argument }: Target) =>
  assemblePickle(`PROTO 4\n${apply(named(module, name), text(argument))}STOP`);
const base64 = (value: Uint8Array | string) => Buffer.from(value).toString('base64');
const rot13 = (word: string) =>
  word.replace(/[a-z]/g, (letter) => String.fromCharCode(((letter.charCodeAt(0) - 84) % 26) + 97));
const reversed = (word: string) => [...word].reverse().join('');
const backwards = () => call('builtins:slice', none, none, integer(-1));

/** The call of `module.name`, where the two halves are made up by these opcodes. */
const madeUp = (module: string, name: string, { argument }: Target) =>
  `${module}${name}STACK_GLOBAL\n${tuple(text(argument))}REDUCE\n`;

/** Ways to hide a call that work in CPython, each as a listing without PROTO and STOP. */
export const evasions: Readonly<Record<string, (target: Target) => string>> = {
  'names joined of letters': (t) =>
    madeUp(
      apply(named('builtins', 'str.join'), text(''), letters(t.module)),
      apply(named('builtins', 'str.join'), text(''), letters(t.name)),
      t,
    ),
  'names added up': (t) =>
    madeUp(
      call('operator:add', text(t.module.slice(0, 1)), text(t.module.slice(1))),
      call('_operator:concat', text(t.name.slice(0, 2)), text(t.name.slice(2))),
      t,
    ),
  'names of characters by number': (t) =>
    madeUp(
      apply(
        named('builtins', 'str.join'),
        text(''),
        call('builtins:map', globalOf('builtins:chr'), tuple(...[...t.module].map((c) => integer(c.charCodeAt(0))))),
      ),
      text(t.name),
      t,
    ),
  'names written backwards': (t) =>
    madeUp(
      call('operator:getitem', text(reversed(t.module)), backwards()),
      apply(named('builtins', 'str.join'), text(''), call('builtins:reversed', text(reversed(t.name)))),
      t,
    ),
  'names in rot13': (t) => madeUp(call('codecs:decode', text(rot13(t.module)), text('rot_13')), text(t.name), t),
  'names in hexadecimal bytes': (t) =>
    madeUp(
      apply(named('builtins', 'bytes.decode'), call('binascii:unhexlify', text(Buffer.from(t.module).toString('hex')))),
      text(t.name),
      t,
    ),
  'names in base64': (t) =>
    madeUp(
      call('codecs:decode', call('base64:b64decode', text(base64(t.module))), text('utf-8')),
      call('builtins:str', call('base64:b32decode', bytes(base32(t.name))), text('ascii')),
      t,
    ),
  'names by format and percent': (t) =>
    madeUp(
      apply(named('builtins', 'str.format'), text('{}{}'), text(t.module.slice(0, 1)), text(t.module.slice(1))),
      call('operator:mod', text('%s%s'), tuple(text(t.name.slice(0, 1)), text(t.name.slice(1)))),
      t,
    ),
  'names by replace and case': (t) =>
    madeUp(
      apply(named('builtins', 'str.replace'), text(`#${t.module}#`), text('#'), text('')),
      apply(named('builtins', 'str.lower'), text(t.name.toUpperCase())),
      t,
    ),
  'names picked out of string.ascii_lowercase': (t) =>
    madeUp(
      apply(
        named('builtins', 'str.join'),
        text(''),
        list(
          ...[...t.module].map((c) =>
            call('operator:getitem', globalOf('string:ascii_lowercase'), integer(c.charCodeAt(0) - 97)),
          ),
        ),
      ),
      text(t.name),
      t,
    ),
  'names compressed': (t) =>
    madeUp(
      apply(named('builtins', 'bytes.decode'), call('zlib:decompress', bytes(deflateSync(t.module)))),
      text(t.name),
      t,
    ),
  'methods by methodcaller': (t) =>
    madeUp(apply(call('operator:methodcaller', text('lower')), text(t.module.toUpperCase())), text(t.name), t),
  'a method of a string by getattr': (t) =>
    madeUp(apply(call('builtins:getattr', text(''), text('join')), letters(t.module)), text(t.name), t),
  'attrgetter on an imported module': (t) =>
    apply(apply(call('operator:attrgetter', text(t.name)), module_(t)), text(t.argument)),
  'methodcaller on an imported module': (t) =>
    apply(call('operator:methodcaller', text(t.name), text(t.argument)), module_(t)),
  'getattr on __import__': (t) =>
    apply(call('builtins:getattr', call('builtins:__import__', text(t.module)), text(t.name)), text(t.argument)),
  'a lookup in sys.modules': (t) =>
    module_(t) +
    'POP\n' +
    apply(
      call('builtins:getattr', call('operator:getitem', globalOf('sys:modules'), text(t.module)), text(t.name)),
      text(t.argument),
    ),
  'a dictionary of a module by itemgetter': (t) =>
    apply(apply(call('operator:itemgetter', text(t.name)), named(t.module, '__dict__')), text(t.argument)),
  'vars of a module': (t) =>
    apply(apply(named('builtins', 'dict.get'), call('builtins:vars', module_(t)), text(t.name)), text(t.argument)),
  'reduce of getattr': (t) =>
    apply(call('functools:reduce', globalOf('builtins:getattr'), list(text(t.name)), module_(t)), text(t.argument)),
  'a list of calls by map': (t) =>
    call('builtins:list', call('builtins:map', named(t.module, t.name), list(text(t.argument)))),
  'map of what attrgetter finds': (t) =>
    call(
      'builtins:list',
      call('builtins:map', apply(call('operator:attrgetter', text(t.name)), module_(t)), list(text(t.argument))),
    ),
  'a partial of what getattr finds': (t) =>
    apply(call('functools:partial', call('builtins:getattr', module_(t), text(t.name)), text(t.argument))),
  'a partial of a partial': (t) =>
    apply(call('functools:partial', call('functools:partial', named(t.module, t.name)), text(t.argument))),
  starmap: (t) =>
    call('builtins:list', call('itertools:starmap', named(t.module, t.name), list(tuple(text(t.argument))))),
  'a resolver': (t) => apply(call('pkgutil:resolve_name', text(`${t.module}:${t.name}`)), text(t.argument)),
  'a locator': (t) => apply(call('pydoc:locate', text(`${t.module}.${t.name}`)), text(t.argument)),
  'a pickle in bytes': (t) => call('pickle:loads', bytes(plain(t))),
  'a pickle in a file in memory': (t) => call('pickle:load', call('io:BytesIO', bytes(plain(t)))),
  'a pickle in base64': (t) => call('pickle:loads', call('base64:b64decode', text(base64(plain(t))))),
  'a pickle in zlib in base64': (t) =>
    call('_pickle:loads', call('zlib:decompress', call('base64:b85decode', text(base85(deflateSync(plain(t))))))),
  'a pickle in gzip': (t) => call('pickle:loads', call('gzip:decompress', bytes(gzipSync(plain(t))))),
  'a pickle in hexadecimal digits': (t) =>
    call('pickle:loads', apply(named('builtins', 'bytes.fromhex'), text(Buffer.from(plain(t)).toString('hex')))),
  'a pickle backwards': (t) =>
    call('pickle:loads', call('operator:getitem', bytes(Buffer.from(plain(t)).reverse()), backwards())),
  'a pickle in pieces': (t) =>
    call('pickle:loads', call('operator:add', bytes(plain(t).subarray(0, 9)), bytes(plain(t).subarray(9)))),
  'a pickle in a pickle': (t) =>
    call('pickle:loads', bytes(assemblePickle(`PROTO 4\n${call('pickle:loads', bytes(plain(t)))}STOP`))),
  'a registry that SETITEM changes': (t) =>
    `${globalOf('copyreg:_inverted_registry')}BININT1 240\n${tuple(text(t.module), text(t.name))}SETITEM\nPOP\nEXT1 240\n${tuple(text(t.argument))}REDUCE\n`,
  'object.__getattribute__': (t) =>
    apply(call('builtins:object.__getattribute__', module_(t), text(t.name)), text(t.argument)),
  'the built-ins of another module': (t) =>
    apply(
      call(
        'builtins:getattr',
        apply(apply(call('operator:itemgetter', text('__import__')), globalOf('keyword:__builtins__')), text(t.module)),
        text(t.name),
      ),
      text(t.argument),
    ),
  'special methods of strings': (t) =>
    madeUp(
      call('builtins:str.__add__', text(t.module.slice(0, 1)), text(t.module.slice(1))),
      call('builtins:str.__mod__', text('%s'), text(t.name)),
      t,
    ),
  'a dictionary of pieces': (t) =>
    madeUp(call('builtins:dict.get', `EMPTY_DICT\n${text('k')}${text(t.module)}SETITEM\n`, text('k')), text(t.name), t),
  'UTF-16': (t) =>
    madeUp(call('codecs:decode', bytes(Buffer.from(t.module, 'utf16le')), text('utf-16-le')), text(t.name), t),
  'an Unpickler': (t) =>
    apply(call('operator:methodcaller', text('load')), call('pickle:Unpickler', call('io:BytesIO', bytes(plain(t))))),
  'a partial of a loader': (t) => apply(call('functools:partial', globalOf('pickle:loads'), bytes(plain(t)))),
  'a loader that map calls': (t) =>
    call('builtins:list', call('builtins:map', globalOf('pickle:loads'), list(bytes(plain(t))))),
  'a bytearray for a loader': (t) =>
    call('pickle:loads', call('builtins:bytes', call('builtins:bytearray', bytes(plain(t))))),
  'names of Python 2': (t) =>
    `PROTO 2\n${apply(
      apply('GLOBAL __builtin__ getattr\n', apply('GLOBAL __builtin__ __import__\n', text(t.module)), text(t.name)),
      text(t.argument),
    )}`,
};

/** Ways that work, too, and whose names only Python can work out. */
export const unresolvable: Readonly<Record<string, (target: Target) => string>> = {
  'UTF-7': (t) => madeUp(call('codecs:decode', bytes(t.module), text('utf-7')), text(t.name), t),
  'a decoder of codecs': (t) =>
    madeUp(
      call('operator:getitem', apply(call('codecs:getdecoder', text('rot13')), text(rot13(t.module))), integer(0)),
      text(t.name),
      t,
    ),
  JSON: (t) => madeUp(call('json:loads', text(`"${t.module}"`)), text(t.name), t),
  'the name of a module': (t) => madeUp(named(t.module, '__name__'), text(t.name), t),
  'a registry that setitem changes': (t) =>
    `${call('operator:setitem', globalOf('copyreg:_inverted_registry'), 'BININT1 241\n', tuple(text(t.module), text(t.name)))}POP\nEXT1 241\n${tuple(text(t.argument))}REDUCE\n`,
  'a default of a dictionary': (t) =>
    `${call('collections:defaultdict', call('functools:partial', named(t.module, t.name), text(t.argument)))}PUT 9\nPOP\n${call('operator:getitem', 'GET 9\n', text('x'))}`,
};

function base32(word: string): string {
  let held = '';
  for (const byte of Buffer.from(word)) held += byte.toString(2).padStart(8, '0');
  const digits = (held.match(/.{1,5}/g) ?? []).map(
    (bits) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[parseInt(bits.padEnd(5, '0'), 2)],
  );
  return digits.join('').padEnd(Math.ceil(digits.length / 8) * 8, '=');
}

function base85(data: Uint8Array): string {
  const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~';
  const padded = Buffer.concat([data, Buffer.alloc((4 - (data.length % 4)) % 4)]);
  let encoded = '';
  for (let from = 0; from < padded.length; from += 4) {
    let number = padded.readUInt32BE(from);
    let group = '';
    for (let index = 0; index < 5; index++, number = Math.floor(number / 85))
      group = (alphabet[number % 85] ?? '') + group;
    encoded += group;
  }
  return encoded.slice(0, encoded.length - (padded.length - data.length));
}
