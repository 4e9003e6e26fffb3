import type { ControlState } from './controls.ts';

export const stateWords: Record<ControlState, string> = {
  met: 'Met',
  'not-met': 'Not met',
  unseen: 'Cannot be seen from here',
};

/** What the report does not claim, as it stands at its foot. */
export const limits =
  'This report says what can be seen in the files of this workspace. It is no statement that a law or a standard is fulfilled: what happens outside of these files, and whether what stands in them is true, it cannot tell.';
