import { bytePlace, quoted } from '../place.ts';
import { defineRule } from '../rule.ts';
import { modelPlace } from './modelPlace.ts';

/** Runs commands, or text as code. */
const runs =
  /^(?:(?:os|posix|nt)\.(?:system|popen\d?|exec[lv]\w*|spawn\w+|posix_spawnp?|startfile|fork)|subprocess\.(?:run|call|check_\w+|Popen|getoutput|getstatusoutput)|commands\.\w+|pty\.\w+|pexpect\.\w+|asyncio\.(?:subprocess\.)?create_subprocess_\w+|builtins\.exec|code\.(?:interact|Interactive\w+)|runpy\.\w+)$/;
/** Makes code of data, loads libraries, or talks to others. */
const reaches =
  /^(?:builtins\.getattr\((?:os|sys|subprocess|builtins|posix|importlib)\)|builtins\.(?:eval|compile|__import__|breakpoint)|marshal\.loads?|types\.(?:CodeType|FunctionType)|ctypes\.(?:CDLL|PyDLL|WinDLL|cdll|windll)(?:\..*)?|socket\.(?:socket|create_connection)|urllib\.request\.\w+|urllib2\.\w+|requests\.(?:get|post|put|request|Session)|http\.client\.HTTPS?Connection|ftplib\.\w+|smtplib\.\w+|paramiko\.\w+|dill\.loads?|cloudpickle\.loads?|pickle\.loads)$/;

export const handlerCalls = defineRule({
  subject: 'names',
  meta: {
    id: 'archive/handler-calls',
    title: 'Code in a model archive runs commands',
    severity: 'error',
    description:
      'Python code in an archive that is a model (the handler of TorchServe, code in NeMo, Keras or PyTorch archives, and, as a warning, the `code` folder of SageMaker) starts programs, executes text as code, or (a warning) makes code of data, loads libraries, or opens connections. Names are resolved through the imports of the file.',
    why: 'The handler of an archive runs in the server as soon as the model is registered, with the rights of the server and everything that it can reach.',
    howToFix:
      'Read the handler. Serve the model with a handler of your own, or with one of those that TorchServe brings.',
    avoid: [
      {
        file: 'model.mar',
        zip: [
          { name: 'MAR-INF/MANIFEST.json', text: '{"model": {"modelName": "m", "handler": "handler.py"}}' },
          { name: 'handler.py', text: 'import os\n\nos.system("echo probe")\n' },
        ],
      },
    ],
    prefer: [
      {
        file: 'model.mar',
        zip: [
          { name: 'MAR-INF/MANIFEST.json', text: '{"model": {"modelName": "m", "handler": "handler.py"}}' },
          { name: 'handler.py', text: 'from ts.torch_handler.base_handler import BaseHandler\n' },
        ],
      },
    ],
    references: [
      { title: 'TorchServe documentation: security', url: 'https://github.com/pytorch/serve/blob/master/SECURITY.md' },
    ],
    cwe: [94, 78, 829],
    atlas: ['AML.T0010.003', 'AML.T0011.000'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7', 'MAP 4.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report, artifact) {
    const place = part.source === 'python' ? modelPlace(part, artifact) : null;
    if (place === null) return;
    const told = part.names.filter(({ name }) => runs.test(name));
    // PyTorch prints compiled models as Python in form: names that only reach something may be its own there.
    const others = place === 'printed' ? [] : part.names.filter(({ name }) => reaches.test(name));
    const all = [...told, ...others];
    const [first] = all;
    if (first === undefined) return;
    const more = all.length > 1 ? ` and ${all.length - 1} more` : '';
    report({
      // What a job of SageMaker runs is its owner's own, and often installs packages by a command.
      ...((told.length === 0 || place === 'deployed') && { severity: 'warning' as const }),
      message: `The code that this model brings along uses ${quoted(first.name)}${more} (${first.path}). Read it before you serve or load the model.`,
      location: bytePlace(part, first.offset),
      evidence: { names: all.slice(0, 50).map(({ name, path }) => `${name} (${path})`) },
    });
  },
});
