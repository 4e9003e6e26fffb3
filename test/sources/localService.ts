import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** A port that nobody listened at a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

/** Waits until a server that was just started answers. @throws {Error} after four minutes. */
export async function answers(
  url: string,
  isReady: (status: number) => boolean,
  headers: Record<string, string> = {},
): Promise<void> {
  const end = Date.now() + 240_000;
  for (;;) {
    const status = (await fetch(url, { headers }).catch(() => null))?.status;
    if (status !== undefined && isReady(status)) return;
    if (Date.now() > end) throw new Error(`${url} does not answer: ${status}`);
    await pause(200);
  }
}
