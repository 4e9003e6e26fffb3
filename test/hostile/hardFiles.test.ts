import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hardFiles, mustBeError, mustBeIncomplete } from './hardFiles.ts';
import { judgeBytes } from './judgeBytes.ts';

/** Harmless however large: nothing has to be said of them. */
const ordinary = new Set(['many-pickles.pkl']);

describe('hard files', () => {
  for (const { name, bytes } of hardFiles()) {
    it(`${name}: inspected within the limits, and not in silence`, () => {
      const { inspection, findings } = judgeBytes(name, bytes);
      const said = findings.map(({ ruleId, severity }) => `${ruleId} (${severity})`).join(', ');
      if (!ordinary.has(name)) assert.notEqual(said, '', `format ${inspection.format}: nothing was said`);
      if (mustBeError.has(name)) assert.match(said, /\(error\)/);
      if (mustBeIncomplete.has(name)) assert.match(said, /file\/incomplete/);
      for (const problem of inspection.problems) assert.doesNotMatch(problem.message, /\n|undefined|NaN|Error:/);
    });
  }
});
