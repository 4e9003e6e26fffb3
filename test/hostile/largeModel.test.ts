import { it } from 'node:test';
import { checkLargeModel } from './largeModelCheck.ts';

// 2 GB and more are in largeModel.full.test.ts: this one has what puts a model among the large ones.
it('a model with its weights beside it is differentiated without a copy of them', async (context) => {
  context.diagnostic(await checkLargeModel(9000));
});

it('a model with its weights in it is, too', async (context) => {
  context.diagnostic(await checkLargeModel(9000, 'inside'));
});
