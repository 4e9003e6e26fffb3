import type { FromWebview, Question, Questions, ToWebview } from '../messages.ts';

declare function acquireVsCodeApi(): {
  postMessage(message: FromWebview): void;
  getState(): unknown;
  setState(state: unknown): void;
};

const vscode = acquireVsCodeApi();
const waiting = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>();
let requests = 0;

export function send(message: FromWebview): void {
  vscode.postMessage(message);
}

export function ask<Q extends Question>(question: Q, params: Questions[Q]['params']): Promise<Questions[Q]['result']> {
  const id = ++requests;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    send({ type: 'ask', id, question, params });
  });
}

/** Hands what is no answer to `onMessage`. */
export function listen(onMessage: (message: Extract<ToWebview, { type: 'inspection' | 'failed' }>) => void): void {
  window.addEventListener('message', ({ data }: MessageEvent<ToWebview>) => {
    if (data.type === 'inspection' || data.type === 'failed') {
      onMessage(data);
      return;
    }
    const request = waiting.get(data.id);
    waiting.delete(data.id);
    if (data.type === 'refused') request?.reject(new Error(data.message));
    else request?.resolve(data.result as never);
  });
}

/** The tab that was open when the view was last hidden. */
export function rememberedTab(): string | undefined {
  const state = vscode.getState();
  return typeof state === 'object' && state !== null && 'tab' in state && typeof state.tab === 'string'
    ? state.tab
    : undefined;
}

export function rememberTab(tab: string): void {
  vscode.setState({ tab });
}
