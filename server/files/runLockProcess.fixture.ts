// A process that tries to hold a lock when it is told to, says whether it does, and then holds it until it is ended.
import { holdAlone } from './runLock.ts';

const [path = ''] = process.argv.slice(2);
process.on('message', () => {
  try {
    holdAlone(path, 'the baseline');
    process.send?.('held');
  } catch (error) {
    process.send?.((error as { code?: string }).code ?? String(error));
  }
});
process.send?.('ready');
