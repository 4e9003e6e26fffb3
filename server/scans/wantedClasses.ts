import { WeighbridgeError } from '../errors.ts';

/**
 * The classes to scan.
 * @param asked null for all.
 * @throws {WeighbridgeError} when a class is asked for that the model does not have.
 */
export function classesOf(asked: readonly number[] | null, classes: number): number[] {
  const all = Array.from({ length: classes }, (_, label) => label);
  if (asked === null) return all;
  const absent = asked.find((label) => !all.includes(label));
  if (absent === undefined) return [...new Set(asked)];
  throw new WeighbridgeError('bad-input', `There is no class ${absent}: the model has classes 0 to ${classes - 1}.`);
}
