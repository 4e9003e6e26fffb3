import { denseGroup } from './dataset/denseGroup.ts';
import { hiddenCharactersRule } from './dataset/hiddenCharacters.ts';
import { injectedPhrase } from './dataset/injectedPhrase.ts';
import { instructionInData } from './dataset/instructionInData.ts';
import { isolatedRecord } from './dataset/isolatedRecord.ts';
import { labelShift } from './dataset/labelShift.ts';
import { markedPoisoned } from './dataset/markedPoisoned.ts';
import { nearDuplicates } from './dataset/nearDuplicates.ts';
import { personalData } from './dataset/personalData.ts';
import { rareToken } from './dataset/rareToken.ts';
import { unreadableRecord } from './dataset/unreadableRecord.ts';
import type { DatasetRule } from './rule.ts';

/** Rules of what a scan of data saw. */
export const datasetRules: readonly DatasetRule[] = [
  denseGroup,
  hiddenCharactersRule,
  injectedPhrase,
  instructionInData,
  isolatedRecord,
  labelShift,
  markedPoisoned,
  nearDuplicates,
  personalData,
  rareToken,
  unreadableRecord,
];
