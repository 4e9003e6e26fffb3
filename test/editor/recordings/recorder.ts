import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CDPSession, Page } from 'playwright-core';

/** What a frame may stay, in milliseconds: a slow machine makes no slow recording, and a fast one none that nobody can follow. */
const shortest = 80;
const longest = 200;

/** Bytes of one recording: it stands in a page that people load. */
const mostBytes = 1.5e6;

interface Frame {
  /** PNG. */
  data: Buffer;
  /** Seconds, by the browser's clock. */
  time: number;
  /** Milliseconds that it stays at least. */
  held: number;
}

/** Records what a page shows, by the screencast of the DevTools protocol, into an animated WebP. */
export class Recorder {
  readonly #page: Page;
  readonly #session: CDPSession;
  readonly #frames: Frame[] = [];

  private constructor(page: Page, session: CDPSession) {
    this.#page = page;
    this.#session = session;
  }

  static async start(page: Page): Promise<Recorder> {
    await page.evaluate(showPointer);
    const session = await page.context().newCDPSession(page);
    const recorder = new Recorder(page, session);
    session.on('Page.screencastFrame', ({ data, metadata, sessionId }) => {
      recorder.#add(Buffer.from(data, 'base64'), metadata.timestamp ?? Date.now() / 1000);
      void session.send('Page.screencastFrameAck', { sessionId }).catch(() => undefined);
    });
    await session.send('Page.startScreencast', { format: 'png' });
    return recorder;
  }

  /** Lets what is shown now be read, for so many milliseconds of the recording. */
  async hold(milliseconds: number): Promise<void> {
    // The screencast leaves out what changed last; a picture has it.
    this.#add(await this.#page.screenshot({ animations: 'disabled' }), Date.now() / 1000);
    const last = this.#frames.at(-1);
    if (last) last.held = milliseconds;
  }

  /** @returns bytes and milliseconds of what was written. @throws {Error} when that is more than a page should load. */
  async stop(file: string): Promise<{ bytes: number; milliseconds: number }> {
    await this.#session.send('Page.stopScreencast');
    const scratch = mkdtempSync(path.join(tmpdir(), 'weighbridge-frames-'));
    let milliseconds = 0;
    try {
      const args = this.#frames.flatMap(({ data, time, held }, index) => {
        const name = path.join(scratch, `${index}.png`);
        writeFileSync(name, data);
        const until = (this.#frames[index + 1]?.time ?? time) - time;
        const stays = Math.max(held, Math.min(longest, Math.max(shortest, Math.round(until * 1000))));
        milliseconds += stays;
        return ['-d', String(stays), name];
      });
      mkdirSync(path.dirname(file), { recursive: true });
      execFileSync('img2webp', ['-loop', '0', '-lossy', '-q', '60', '-m', '4', ...args, '-o', file], { stdio: 'pipe' });
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
    const bytes = statSync(file).size;
    if (bytes > mostBytes) throw new Error(`${file} has ${bytes} bytes, and may have ${mostBytes}: record less`);
    return { bytes, milliseconds };
  }

  #add(data: Buffer, time: number): void {
    if (this.#frames.at(-1)?.data.equals(data) !== true) this.#frames.push({ data, time, held: 0 });
  }
}

/** The browser's pointer is no part of the page: a dot stands for it. A text, because it runs in the page. */
const showPointer = `{
  const dot = document.createElement('div');
  Object.assign(dot.style, {
    position: 'fixed',
    zIndex: '1000000',
    width: '18px',
    height: '18px',
    margin: '-9px 0 0 -9px',
    borderRadius: '50%',
    background: 'rgba(255, 200, 0, 0.55)',
    border: '1px solid rgba(0, 0, 0, 0.6)',
    pointerEvents: 'none',
    left: '-50px',
  });
  document.body.append(dot);
  const follow = ({ clientX, clientY }) => {
    dot.style.left = clientX + 'px';
    dot.style.top = clientY + 'px';
  };
  document.addEventListener('mousemove', follow, true);
}`;
