// The process of one scan. It ends with its answer.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { WeighbridgeError } from '../../errors.ts';
import { runJob } from './jobs.ts';
import { memoryMark, type ScanMessage, type ScanOrder } from './protocol.ts';

const send = (message: ScanMessage): void => void process.send?.(message);

/**
 * A run of the model blocks this thread, and its memory is not JavaScript's: another thread looks at the whole process. Waits until
 * it looks. Weights that the system maps from a file count only where Linux does not tell them apart: it takes their pages back when it needs them.
 */
async function watchMemory(bytes: number): Promise<void> {
  const watchdog = new Worker(
    `const { parentPort, workerData } = require('node:worker_threads');
    const { readFileSync, writeSync } = require('node:fs');
    const held = () => {
      try {
        return 1024 * Number(/^RssAnon:\\s+(\\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
      } catch {
        return process.memoryUsage.rss();
      }
    };
    const look = () => {
      if (held() < workerData.bytes) return;
      writeSync(2, workerData.mark);
      process.kill(process.pid, 'SIGKILL');
    };
    look();
    setInterval(look, 50);
    parentPort.postMessage('looking');`,
    { eval: true, workerData: { bytes, mark: memoryMark } },
  );
  await once(watchdog, 'message');
  watchdog.unref();
}

async function work(order: ScanOrder): Promise<void> {
  await watchMemory(order.limits.memoryBytes);
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
