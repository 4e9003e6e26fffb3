import type { PickleImport } from '../../formats/facts.ts';
import { defineRule } from '../rule.ts';
import { conversionFixes, importPlace, spelled } from './importWords.ts';
import { judgeImport } from './knownImports.ts';

const reasons: Record<Exclude<PickleImport['state'], 'constant'>, string> = {
  computed: 'makes up, while it is being loaded, the name of what it imports: no checker can know it beforehand',
  extension:
    'imports by an extension number (copyreg) that the file does not explain: what stands behind it depends on the loading program',
  malformed: 'imports something whose name is no Python name',
};

/** A module that is written as a path: Python loads the file beside the program. */
const isPath = ({ module, state }: PickleImport): boolean => state === 'malformed' && /[/\\]/.test(module ?? '');

export const unresolvedImport = defineRule({
  subject: 'pickle',
  meta: {
    id: 'pickle/unresolved-import',
    title: 'The pickle hides what it reaches for',
    severity: 'error',
    description:
      'The module or the name of an import is computed while the file is being loaded in a way that cannot be worked out beforehand, given by an extension number, or not a name at all. A computed name is an error; an unexplained extension number or a malformed name is a warning.',
    why: 'No library writes such files by itself. Hiding the name is how a dangerous import gets past a list.',
    howToFix: 'Do not load the file. Ask whoever made it for a safetensors file.',
    avoid: [
      {
        file: 'model.pkl',
        pickle: "PROTO 4\nGLOBAL platform node\nEMPTY_TUPLE\nREDUCE\nSHORT_BINUNICODE 'system'\nSTACK_GLOBAL\nSTOP",
        note: 'The module is the one that is named like the machine on which the file is loaded.',
      },
    ],
    prefer: [
      {
        file: 'model.pkl',
        pickle: "PROTO 4\nSHORT_BINUNICODE 'collections'\nSHORT_BINUNICODE 'OrderedDict'\nSTACK_GLOBAL\nSTOP",
      },
    ],
    references: [
      {
        title: 'CPython, Lib/pickletools.py: STACK_GLOBAL and EXT1',
        url: 'https://github.com/python/cpython/blob/main/Lib/pickletools.py',
      },
    ],
    cwe: [502, 470],
    atlas: ['AML.T0011.000', 'AML.T0018.002'],
    owasp: ['ML06:2023'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report, artifact) {
    for (const entry of part.imports) {
      if (entry.state === 'constant') {
        // A dangerous name is told as what it is, however it is written.
        if (entry.assembled && part.context !== 'hidden' && judgeImport(entry).tier !== 'dangerous')
          report({
            message: `The pickle puts the name ${spelled(entry)} together while it is being loaded, as only a file does that has something to hide. Do not load this file.`,
            ...importPlace(part, entry),
            fixes: conversionFixes(artifact),
          });
        continue;
      }
      report({
        message: `The pickle ${reasons[entry.state]}. Do not load this file.`,
        severity: (entry.state === 'computed' || isPath(entry)) && part.context !== 'hidden' ? 'error' : 'warning',
        ...importPlace(part, entry),
        fixes: conversionFixes(artifact),
      });
    }
  },
});
