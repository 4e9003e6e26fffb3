import { defineRule } from '../rule.ts';

export const persistentId = defineRule({
  subject: 'pickle',
  meta: {
    id: 'pickle/persistent-id',
    title: 'The pickle asks its loader for objects',
    severity: 'warning',
    description:
      'The pickle uses persistent ids, which only a loader made for them can answer. PyTorch checkpoints do so for their storages, in one fixed form, which is not told. Anything else is.',
    why: 'What a persistent id stands for is decided by the loading program: the file alone cannot be judged.',
    howToFix: 'Find out which program is meant to load the file and what it does with the ids.',
    avoid: [{ file: 'data.pkl', pickle: 'PROTO 2\nBININT1 7\nBINPERSID\nSTOP' }],
    prefer: [{ file: 'data.pkl', pickle: 'PROTO 2\nBININT1 7\nSTOP' }],
    references: [
      {
        title: 'Python documentation: persistence of external objects',
        url: 'https://docs.python.org/3/library/pickle.html#persistence-of-external-objects',
      },
    ],
    cwe: [502],
    atlas: ['AML.T0011.000'],
    owasp: ['ML06:2023'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(part, report) {
    const { count, firstForeign } = part.persistentIds;
    if (count === 0 || firstForeign === null) return;
    report({
      message: `The pickle asks its loader for objects by number (${count === 1 ? 'once' : `${count} times`}, first for ${firstForeign.text}). Only the program that wrote it knows what they are.`,
      location: { entry: part.entry === '' ? null : part.entry, byteOffset: firstForeign.offset },
      evidence: { count, first: firstForeign.text },
    });
  },
});
