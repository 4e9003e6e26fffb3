import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { strip } from './strip.ts';

describe('STRIP', () => {
  const clean = [5, 1, 4, 2, 3];
  const question = {
    how: 'overlay' as const,
    falseRejectionRate: 0.25,
    entropiesOf: (inputs: number[]) => Promise.resolve(inputs),
    clean: { inputs: clean, count: 5 },
    triggered: { class: 7, inputs: [0, 1, 2, 3] },
    tested: { inputs: [1.9, 2, 9], count: 3 },
  };

  it('draws its boundary through clean inputs, and flags what lies below', async () => {
    const notes: string[] = [];
    const found = await strip(question, notes);
    assert.equal(found.threshold, 2);
    assert.deepEqual(found.flaggedSamples, [0]);
    assert.deepEqual(found.recoveredTrigger, { class: 7, entropies: [0, 1, 2, 3], acceptedRate: 0.5 });
    assert.deepEqual([found.cleanSamples, notes], [5, []]);
  });

  it('says what the time was too short for', async () => {
    const notes: string[] = [];
    const entropiesOf = (inputs: number[]) => Promise.resolve(inputs.slice(0, 2));
    const found = await strip({ ...question, entropiesOf }, notes);
    assert.equal(found.cleanSamples, 2);
    assert.deepEqual(notes, [
      'The boundary of STRIP comes from 2 of 5 inputs, because the time was up.',
      'Of 3 inputs 2 were tested, because the time was up.',
    ]);
    const none = await strip({ ...question, entropiesOf: () => Promise.resolve([]) }, []);
    assert.deepEqual([none.recoveredTrigger, none.tested], [null, []]);
  });
});
