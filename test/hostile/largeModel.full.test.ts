import { it } from 'node:test';
import { checkLargeModel } from './largeModelCheck.ts';

it('a model of more than 2 GB is differentiated without a copy of its weights', async (context) => {
  context.diagnostic(await checkLargeModel(24_000));
});
