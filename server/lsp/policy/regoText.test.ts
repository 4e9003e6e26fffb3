import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputNames, referencesIn, typedBefore } from './regoText.ts';

const steps = (text: string) =>
  referencesIn(text)
    .map((reference) => new InputNames(text).stepsOf(reference))
    .filter((found) => found !== null);

test('references of the input are found, and not those in strings and comments', () => {
  assert.deepEqual(steps('deny if input.model.format != "input.x" # input.y'), [['model', 'format']]);
  assert.deepEqual(steps('a := `input.x\ninput.y` b := input["model"].path'), [['model', 'path']]);
  assert.deepEqual(steps('x := input.findings[_].path\ny := input.findings[i]'), [
    ['findings', null, 'path'],
    ['findings', null],
  ]);
});

test('variables that stand for a part of the input are followed', () => {
  const text = 'deny if {\n\tsome entry in input.model.formats\n\tentry.format == 1\n\tm := input.model\n\tm.path\n}';
  const found = referencesIn(text)
    .filter(({ segments }) => segments.length > 1)
    .map((reference) => new InputNames(text).stepsOf(reference));
  assert.deepEqual(found, [['model', 'formats'], ['model', 'formats', null, 'format'], ['model'], ['model', 'path']]);
  const pair = 'some i, each in input.datasets\neach.name';
  assert.deepEqual(new InputNames(pair).stepsOf(referencesIn(pair).at(-1) ?? assert.fail()), [
    'datasets',
    null,
    'name',
  ]);
});

test('what was computed from the input is not a part of it', () => {
  const text = 'n := count(input.findings)\nn.x\nm := input.a + 1\nm.x';
  assert.deepEqual(
    referencesIn(text)
      .filter(({ segments }) => segments[1]?.step === 'x')
      .map((reference) => new InputNames(text).stepsOf(reference)),
    [null, null],
  );
});

test('what is being typed is known up to the last dot', () => {
  const text = 'deny if {\n\tinput.model.form';
  const typed = typedBefore(text, text.length);
  assert.deepEqual(
    typed?.reference.segments.map(({ step }) => step),
    ['input', 'model'],
  );
  assert.equal(typed?.begun, 'form');
  assert.equal(typedBefore('x := "input.', 12), null);
  assert.equal(typedBefore('# input.', 8), null);
});

test('an unfinished text ends the search and nothing else', () => {
  assert.deepEqual(steps('x := "never closed input.a\ny := input.b'), [['b']]);
  assert.deepEqual(steps('x := input.a["'), [['a']]);
});
