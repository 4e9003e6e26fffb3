// What the bundle of fleets gives to the command line.
export { enqueueAction } from './enqueue.ts';
export { reportAction } from './report.ts';
export { retryAction } from './retry.ts';
export { serveAction } from './serve.ts';
export { statusAction } from './status.ts';
export { workAction } from './work.ts';
