// Loaded into the server by a test: its first workers end as soon as they are given work, as if they had been killed.
import { Worker } from 'node:worker_threads';

let toLose = Number(process.env.LOSE_WORKERS ?? 0);
const postMessage = Worker.prototype.postMessage;
Worker.prototype.postMessage = function (...args) {
  if (toLose > 0) {
    toLose--;
    void this.terminate();
    return;
  }
  postMessage.apply(this, args);
};
