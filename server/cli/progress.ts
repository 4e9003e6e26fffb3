import type { ScanProgress } from '../engine/report.ts';
import { printable } from '../report/printable.ts';
import type { Io } from './io.ts';

/** Milliseconds between two pictures of the progress. */
const interval = 100;

/** One line on standard error that says how far the work is; nothing where no person is watching. */
export function progressOn(
  { stderr }: Io,
  quiet: boolean,
): { show: (progress: ScanProgress) => void; clear: () => void } {
  if (stderr.isTTY !== true || quiet) return { show: () => undefined, clear: () => undefined };
  let shown = false;
  let last = performance.now();
  return {
    show({ done, total, path }) {
      if (performance.now() - last < interval) return;
      last = performance.now();
      shown = true;
      const name = printable(path);
      stderr.write(`\r\u001b[2K${done}/${total} ${name.length > 60 ? `…${name.slice(-59)}` : name}`);
    },
    clear() {
      if (shown) stderr.write('\r\u001b[2K');
      shown = false;
    },
  };
}
