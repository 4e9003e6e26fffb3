import { defineRule } from '../rule.ts';
import { conversionFixes, importPlace, isAllowed, isToldByTarget, isGivenCommand, spelled } from './importWords.ts';
import { judgeImport } from './knownImports.ts';

export const suspiciousImport = defineRule({
  subject: 'pickle',
  meta: {
    id: 'pickle/suspicious-import',
    title: 'The pickle reaches for something that needs a second look',
    severity: 'warning',
    description:
      'Loading the file looks up a name that honest files sometimes hold and that an attack can build on: a function that calls another function, something that inspects the interpreter, an attribute that is reached through another object. It is an error when the name is called with a shell command or with Python code.',
    why: 'Such names are the joints of longer gadget chains: each step looks harmless, and together they run code.',
    howToFix:
      'Read the call in the Model Inspector. If it is what your own code wrote, allow the name in `weighbridge.yaml` under `allow-imports`; otherwise save the model as safetensors, ONNX or skops instead.',
    avoid: [
      {
        file: 'pipeline.pkl',
        pickle: 'PROTO 2\nGLOBAL functools reduce\nGLOBAL builtins len\nEMPTY_LIST\nTUPLE2\nREDUCE\nSTOP',
        note: '`functools.reduce` calls whatever it is given.',
      },
    ],
    prefer: [{ file: 'pipeline.pkl', pickle: "PROTO 2\nEMPTY_DICT\nBINUNICODE 'steps'\nEMPTY_LIST\nSETITEM\nSTOP" }],
    references: [
      {
        title: 'PickleBall: Secure Deserialization of Pickle-based Machine Learning Models',
        url: 'https://arxiv.org/abs/2508.15987',
      },
    ],
    cwe: [502],
    atlas: ['AML.T0011.000'],
    owasp: ['ML06:2023'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report, artifact) {
    for (const entry of part.imports) {
      if (entry.state !== 'constant' || entry.module === null || entry.name === null) continue;
      const known = judgeImport(entry);
      if (known.tier !== 'suspicious' || isAllowed(entry, artifact) || isToldByTarget(entry)) continue;
      if (entry.byChance !== undefined && !isGivenCommand(entry)) continue;
      const what = entry.call === undefined ? `imports ${spelled(entry)}` : `calls ${entry.call}`;
      report({
        message: `Loading it ${what}; ${entry.module}.${entry.name} ${known.does}. Look at the call before you load this file.`,
        ...(isGivenCommand(entry) && part.context !== 'hidden' && { severity: 'error' as const }),
        ...importPlace(part, entry),
        fixes: conversionFixes(artifact),
      });
    }
  },
});
