import type { CancellationToken, ProgressToken } from 'vscode-languageserver/node';
import type { ScanProgress } from '../../engine/report.ts';
import type { ServerContext } from '../context.ts';

export interface LongWork {
  signal: AbortSignal;
  /** `message` for a person, `done` of `total` where both are known. */
  report(message: string, done?: number, total?: number): void;
}

/**
 * Runs work that may take long: with progress that can be cancelled where the client shows such, otherwise silently.
 * Cancelling the request cancels the work, too.
 */
export async function longWork<T>(
  context: ServerContext,
  title: string,
  token: CancellationToken,
  given: ProgressToken | undefined,
  work: (run: LongWork) => Promise<T>,
): Promise<T> {
  const { window } = context.session.connection;
  const own = given === undefined ? await window.createWorkDoneProgress() : undefined;
  const progress = own ?? window.attachWorkDoneProgress(given);
  const controller = new AbortController();
  const stops = [token, own?.token].map((each) => each?.onCancellationRequested(() => controller.abort()));
  if (token.isCancellationRequested) controller.abort();
  progress.begin(title, 0, '', true);
  try {
    return await work({
      signal: controller.signal,
      report: (message, done, total) => {
        if (done === undefined || total === undefined || total === 0) progress.report(message);
        else progress.report(Math.floor((100 * done) / total), message);
      },
    });
  } finally {
    for (const stop of stops) stop?.dispose();
    progress.done();
  }
}

/** `214 of 1,203: models/a.pt` */
export function describeProgress({ done, total, path }: ScanProgress): string {
  return `${done.toLocaleString('en')} of ${total.toLocaleString('en')}: ${path}`;
}
