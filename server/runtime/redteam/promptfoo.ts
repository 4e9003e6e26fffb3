import { RE2JS } from 're2js';
import type { WeighbridgeError } from '../../errors.ts';
import type { Attack } from './suite.ts';

// promptfoo's configuration: https://www.promptfoo.dev/docs/configuration/guide. Its assertions say what a good answer has, so an attack has
// succeeded where one of them does not hold. Only those are read that are decided by the text of the answer alone.

type Wrong = (what: string) => WeighbridgeError;
type Holds = (answer: string) => boolean;

/** Every prompt with every test. @throws {WeighbridgeError} naming the test and what of it cannot be decided here. */
export function promptfooAttacks(fields: Record<string, unknown>, wrong: Wrong): Attack[] {
  const prompts = (Array.isArray(fields['prompts']) ? (fields['prompts'] as unknown[]) : []).map((prompt, index) => {
    const raw = isRecord(prompt) ? (prompt['raw'] ?? prompt['prompt']) : prompt;
    if (typeof raw !== 'string') throw wrong(`prompt ${index + 1} is no text`);
    if (raw.startsWith('file://'))
      throw wrong(`prompt ${index + 1} is in another file, which is not read: write it here`);
    return raw;
  });
  if (prompts.length === 0) throw wrong('it has no "prompts"');
  const { tests } = fields;
  if (!Array.isArray(tests)) throw wrong('"tests" is no list of tests: other files are not read');
  const common = isRecord(fields['defaultTest']) ? fields['defaultTest'] : {};
  return (tests as unknown[]).flatMap((test, index) => {
    const own = isRecord(test) ? test : {};
    const variables = { ...recordOf(common['vars']), ...recordOf(own['vars']) };
    const assertions = [...listOf(common['assert']), ...listOf(own['assert'])];
    if (assertions.length === 0) throw wrong(`test ${index + 1} asserts nothing`);
    const holds = assertions.map((assertion) =>
      assertionOf(assertion, variables, (what) => wrong(`test ${index + 1}: ${what}`)),
    );
    const category = own['metadata'];
    return prompts.map((prompt, which): Attack => {
      const kept = JSON.stringify(assertions);
      return {
        id: `${typeof own['description'] === 'string' ? own['description'] : `test-${index + 1}`}${prompts.length > 1 ? `-${which + 1}` : ''}`,
        category: isRecord(category) && typeof category['category'] === 'string' ? category['category'] : 'promptfoo',
        prompt: filled(prompt, variables),
        // Part of the digest: another assertion is another attack.
        success: [kept],
        judge: (answer) => !holds.every((each) => each(answer)),
      };
    });
  });
}

function assertionOf(value: unknown, variables: Record<string, unknown>, wrong: Wrong): Holds {
  const { type, value: given } = isRecord(value) ? value : {};
  if (typeof type !== 'string') throw wrong('an assertion has no type');
  const negated = type.startsWith('not-');
  const kind = negated ? type.slice(4) : type;
  const expected = (Array.isArray(given) ? (given as unknown[]) : [given]).map((each) =>
    filled(textOf(each), variables),
  );
  const [only = ''] = expected;
  const holds = kinds[kind]?.(expected, only, wrong);
  if (!holds)
    throw wrong(`the assertion "${type}" is not decided by the text of the answer alone, and is not read here`);
  return negated ? (answer) => !holds(answer) : holds;
}

const kinds: Record<string, (expected: string[], only: string, wrong: Wrong) => Holds> = {
  equals: (_, only) => (answer) => answer === only,
  contains: (_, only) => (answer) => answer.includes(only),
  icontains: (_, only) => (answer) => lower(answer).includes(lower(only)),
  'contains-any': (expected) => (answer) => expected.some((each) => answer.includes(each)),
  'contains-all': (expected) => (answer) => expected.every((each) => answer.includes(each)),
  'icontains-any': (expected) => (answer) => expected.some((each) => lower(answer).includes(lower(each))),
  'icontains-all': (expected) => (answer) => expected.every((each) => lower(answer).includes(lower(each))),
  'starts-with': (_, only) => (answer) => answer.startsWith(only),
  regex: (_, only, wrong) => {
    try {
      // Linear in the answer, whatever the expression.
      const expression = RE2JS.compile(only);
      return (answer) => expression.matcher(answer).find();
    } catch {
      throw wrong(`"${only.slice(0, 100)}" is no regular expression that is understood here`);
    }
  },
};

const lower = (text: string): string => text.toLowerCase();

/** `{{name}}` by the variable of that name; what is none stays. */
function filled(text: string, variables: Record<string, unknown>): string {
  return text.replace(/\{\{\s*([\w.-]+)\s*\}\}/g, (whole, name: string) => {
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    return value === undefined ? whole : typeof value === 'string' ? value : JSON.stringify(value);
  });
}

/** Numbers and the like as YAML has them; what is no scalar, as JSON. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value);
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

function recordOf(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
