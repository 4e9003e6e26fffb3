import type { DatasetRowsParams, FromDatasetPage, ToDatasetPage } from '../messages.ts';

declare function acquireVsCodeApi(): { postMessage(message: FromDatasetPage): void };

type Rows = Extract<ToDatasetPage, { type: 'rows' }>['result'];

const vscode = acquireVsCodeApi();
const waiting = new Map<number, { resolve: (result: Rows) => void; reject: (error: Error) => void }>();
let requests = 0;

export function send(message: FromDatasetPage): void {
  vscode.postMessage(message);
}

/** A page of the rows that were scored. */
export function askForRows(params: Omit<DatasetRowsParams, 'uri'>): Promise<Rows> {
  const id = ++requests;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    send({ type: 'rows', id, params });
  });
}

/** Hands what is no answer to `onMessage`. */
export function listen(onMessage: (message: Extract<ToDatasetPage, { type: 'report' | 'unscanned' }>) => void): void {
  window.addEventListener('message', ({ data }: MessageEvent<ToDatasetPage>) => {
    if (data.type === 'report' || data.type === 'unscanned') {
      onMessage(data);
      return;
    }
    const request = waiting.get(data.id);
    waiting.delete(data.id);
    if (data.type === 'rows') request?.resolve(data.result);
    else request?.reject(new Error(data.message));
  });
}
