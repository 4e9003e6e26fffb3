import { readFileSync, statSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { WeighbridgeError } from '../../errors.ts';
import { hasSucceeded } from './outcome.ts';
import { promptfooAttacks } from './promptfoo.ts';
import { suiteOf, type Attack, type Suite } from './suite.ts';

const largestFile = 16 * 1024 * 1024;
const mostAttacks = 20_000;

/**
 * Reads a suite of somebody's own: YAML or JSON with `attacks`, or the test format of promptfoo (`prompts` and `tests`).
 * @throws {WeighbridgeError} `not-found`, or `bad-input` naming the place.
 */
export function readSuite(file: string): Suite {
  const name = file.replaceAll('\\', '/').split('/').at(-1) ?? file;
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  if (size === undefined)
    throw new WeighbridgeError('not-found', `${file} is not there: name a suite of attacks, YAML or JSON`);
  if (size > largestFile)
    throw new WeighbridgeError('bad-input', `${name} is larger than ${largestFile / 2 ** 20} MiB`);
  const text = readFileSync(file, 'utf8');
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) throw new WeighbridgeError('bad-input', `${name}: ${error.message.split('\n', 1)[0] ?? ''}`);
  const value = toValue(document, name);
  const fields = isRecord(value) ? value : {};
  const wrong = (what: string) => new WeighbridgeError('bad-input', `${name}: ${what}`);
  const attacks =
    'attacks' in fields
      ? ownAttacks(fields['attacks'], wrong)
      : 'tests' in fields
        ? promptfooAttacks(fields, wrong)
        : null;
  if (!attacks) throw wrong('it has neither "attacks" nor the "tests" of promptfoo');
  if (attacks.length === 0) throw wrong('it has no attacks');
  if (attacks.length > mostAttacks) throw wrong(`it has more than ${mostAttacks} attacks`);
  const seen = new Set<string>();
  for (const { id } of attacks) {
    if (seen.has(id)) throw wrong(`the id "${id}" is there twice`);
    seen.add(id);
  }
  return suiteOf({
    name: typeof fields['name'] === 'string' ? fields['name'] : name,
    version: typeof fields['version'] === 'number' ? fields['version'] : 1,
    system: typeof fields['system'] === 'string' ? fields['system'] : '',
    attacks,
  });
}

function toValue(document: ReturnType<typeof parseDocument>, name: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch {
    throw new WeighbridgeError('bad-input', `${name}: its aliases expand without end`);
  }
}

function ownAttacks(value: unknown, wrong: (what: string) => WeighbridgeError): Attack[] {
  if (!Array.isArray(value)) throw wrong('"attacks" is no list');
  return (value as unknown[]).map((each, index): Attack => {
    const { id, category, prompt, success } = isRecord(each) ? each : {};
    const wanted = typeof success === 'string' ? [success] : success;
    if (typeof prompt !== 'string' || prompt === '') throw wrong(`attack ${index + 1} has no "prompt"`);
    if (
      !Array.isArray(wanted) ||
      wanted.length === 0 ||
      !wanted.every((text) => typeof text === 'string' && text !== '')
    ) {
      throw wrong(
        `attack ${index + 1} has no "success": the text, or the texts, that stand in the answer when it has succeeded`,
      );
    }
    const found = wanted as string[];
    if (hasSucceeded(found, prompt)) {
      throw wrong(`attack ${index + 1} holds its own "success": an answer that only quotes it would count`);
    }
    return {
      id: typeof id === 'string' || typeof id === 'number' ? String(id) : `attack-${index + 1}`,
      category: typeof category === 'string' ? category : 'other',
      prompt,
      success: found,
    };
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
