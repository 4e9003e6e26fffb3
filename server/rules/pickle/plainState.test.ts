import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeExample } from '../exampleFiles.fixture.ts';

async function judge(listing: string): Promise<string[]> {
  const findings = await judgeExample({ file: 'model.pkl', pickle: `PROTO 4\n${listing}STOP` });
  return findings
    .filter(({ ruleId, severity }) => ruleId.startsWith('pickle/') && severity !== 'info')
    .map(
      ({ ruleId, severity, evidence }) =>
        `${severity} ${ruleId} ${typeof evidence['name'] === 'string' ? evidence['name'] : ''}`,
    );
}

const named = (module: string, name: string) => `BINUNICODE '${module}'\nBINUNICODE '${name}'\nSTACK_GLOBAL\n`;
const made = (module: string, name: string) => `${named(module, name)}MEMOIZE\nEMPTY_TUPLE\nNEWOBJ\nMEMOIZE\n`;
const state = (...keys: string[]) =>
  `EMPTY_DICT\nMEMOIZE\nMARK\n${keys.map((key) => `BINUNICODE '${key}'\nNEWTRUE\n`).join('')}SETITEMS\n`;
const data = made('statsmodels.base.data', 'PandasData');
const wrapper = made('statsmodels.regression.linear_model', 'RegressionResultsWrapper');
const told = ['warning pickle/suspicious-import PandasData'];
const many = Array.from({ length: 30 }, (_, index) => `key ${index}`);

describe('data and results of statsmodels', () => {
  it('are nothing to tell where their state only fills them', async () => {
    assert.deepEqual(await judge(`${data}${state(...many)}BUILD\n`), []);
    assert.deepEqual(await judge(`${wrapper}${state('_results')}BUILD\n`), []);
    assert.deepEqual(
      await judge(`${data}${state('frame')}BUILD\nBINGET 0\nEMPTY_TUPLE\nNEWOBJ\n${state('a')}BUILD\n`),
      [],
    );
  });

  it('are told where their state has something evaluated', async () => {
    for (const key of ['restore_design_info', 'restore_model_spec'])
      assert.deepEqual(await judge(`${data}${state(...many, key, 'formula')}BUILD\n`), told, key);
    assert.deepEqual(await judge(`${wrapper}${state('_results', '_wrap_attrs')}BUILD\n`), [
      'warning pickle/suspicious-import RegressionResultsWrapper',
    ]);
  });

  it('are told where what their state holds is not known, or is not all that they are given', async () => {
    const ordered = `${named('collections', 'OrderedDict')}EMPTY_TUPLE\nREDUCE\n`;
    const hidden = {
      'a state that is no dictionary': `${data}${ordered}BUILD\n`,
      'a key that is made': `${data}EMPTY_DICT\n${named('_codecs', 'encode')}BINUNICODE 'restore'\nTUPLE1\nREDUCE\nNEWTRUE\nSETITEM\nBUILD\n`,
      'a second state': `${data}${state('a')}BUILD\n${state('restore_model_spec')}BUILD\n`,
      'a state that another opcode fills': `${data}${state('a')}BINGET 2\nBINUNICODE 'restore_model_spec'\nNEWTRUE\nSETITEM\nPOP\nBUILD\n`,
      'more keys than are kept': `${data}${state(...many, ...many, ...many, 'restore_model_spec')}BUILD\n`,
      'the class, handed on': `${data}${state('a')}BUILD\nBINGET 0\n`,
      'no state at all': data,
      'two states for one object and none for the other': `${data}${state('a')}BUILD\n${state('a')}BUILD\nBINGET 0\nEMPTY_TUPLE\nNEWOBJ\n`,
    };
    for (const [what, listing] of Object.entries(hidden)) assert.deepEqual(await judge(listing), told, what);
  });
});

describe('what modules of statsmodels hand on', () => {
  it('is not vetted with them', async () => {
    for (const [module, name] of [
      ['statsmodels.tsa.base.tsa_model', 'PandasData'],
      ['statsmodels.tsa.holtwinters.results', 'ResultsWrapper'],
    ] as const)
      assert.deepEqual(await judge(`${made(module, name)}${state('restore_model_spec', '_wrap_attrs')}BUILD\n`), [
        `warning pickle/unknown-import ${name}`,
      ]);
  });
});

describe('methods that libraries keep', () => {
  const getattr = (object: string, name: string) =>
    `${named('builtins', 'getattr')}${object}BINUNICODE '${name}'\nTUPLE2\nREDUCE\n`;
  const pattern = `${named('re', '_compile')}BINUNICODE 'a'\nBININT1 0\nTUPLE2\nREDUCE\n`;
  const random = `${made('random', 'Random')}BININT1 3\nNONE\nNONE\nTUPLE3\nBUILD\n`;

  it('are names of methods, of patterns, generators and estimators of many attributes', async () => {
    assert.deepEqual(await judge(getattr(pattern, 'search')), []);
    assert.deepEqual(await judge(getattr(random, 'gauss')), []);
    const estimator = `${made('sklearn.linear_model._logistic', 'LogisticRegression')}${state(...many)}BUILD\n`;
    assert.deepEqual(await judge(getattr(estimator, 'predict')), []);
  });

  it('are told where the object may hold something of that name', async () => {
    const estimator = `${made('sklearn.linear_model._logistic', 'LogisticRegression')}${state(...many, 'predict')}BUILD\n`;
    assert.equal((await judge(getattr(estimator, 'predict')))[0]?.split(' ')[0], 'error');
    assert.equal((await judge(getattr(`${random}${state('gauss')}BUILD\n`, 'gauss')))[0]?.split(' ')[0], 'error');
    assert.equal((await judge(getattr(pattern, '__class__')))[0]?.split(' ')[0], 'error');
  });
});
