// The process of one scan. It ends with its answer.
import { Worker } from 'node:worker_threads';
import { WeighbridgeError } from '../../errors.ts';
import { runJob } from './jobs.ts';
import { memoryMark, type ScanMessage, type ScanOrder } from './protocol.ts';

const send = (message: ScanMessage): void => void process.send?.(message);

/** A run of the model blocks this thread, and its memory is not JavaScript's: another thread looks at the whole process. */
function watchMemory(bytes: number): void {
  const watchdog = new Worker(
    `const { workerData } = require('node:worker_threads');
    setInterval(() => {
      if (process.memoryUsage.rss() < workerData.bytes) return;
      require('node:fs').writeSync(2, workerData.mark);
      process.kill(process.pid, 'SIGKILL');
    }, 50);`,
    { eval: true, workerData: { bytes, mark: memoryMark } },
  );
  watchdog.unref();
}

async function work(order: ScanOrder): Promise<void> {
  watchMemory(order.limits.memoryBytes);
  try {
    const result = await runJob(order, {
      progress: (progress) => send({ progress }),
      partial: (partial) => send({ partial }),
    });
    send({ result });
  } catch (error) {
    const known = error instanceof WeighbridgeError;
    send({
      error: { code: known ? error.code : null, message: known ? error.message : String((error as Error).stack) },
    });
  }
}

process.on('message', (order: ScanOrder) => void work(order));
// Whoever started this process has ended: nobody is left to answer.
process.on('disconnect', () => process.exit());
