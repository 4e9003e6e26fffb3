// The list that a release is checked against: each item ends with a word, and what fails is told with its reason.
import { duration } from '../processes.mjs';

/** What makes an item fail: one sentence that says what to do. */
export class Unfit extends Error {}

export class Checklist {
  /** @type {{ name: string, state: 'ok' | 'FAILED' | 'not asked', said: string }[]} */
  items = [];

  /**
   * @param {string} name
   * @param {() => Promise<string | void> | string | void} check returns what there is to say of it. @throws {Unfit}
   * @returns {Promise<boolean>}
   */
  async item(name, check) {
    const started = performance.now();
    /** @type {'ok' | 'FAILED'} */
    let state = 'ok';
    let said = '';
    try {
      said = (await check()) ?? '';
    } catch (error) {
      // A full disk, or a folder that nobody may write to, is said by the system in one line.
      const isOfSystem = error instanceof Error && 'syscall' in error;
      if (!(error instanceof Unfit) && !isOfSystem) throw error;
      state = 'FAILED';
      said = error.message;
    }
    this.items.push({ name, state, said });
    console.log(line({ name, state, said: `${said}${said && ' '}(${duration(performance.now() - started)})` }));
    return state === 'ok';
  }

  /** An item that a draft leaves out: told, and no release comes of it. @param {string} name @param {string} why */
  leaveOut(name, why) {
    this.items.push({ name, state: 'not asked', said: why });
    console.log(line({ name, state: 'not asked', said: why }));
  }

  get failed() {
    return this.items.some(({ state }) => state === 'FAILED');
  }

  get isWhole() {
    return this.items.every(({ state }) => state === 'ok');
  }
}

/** @param {{ name: string, state: string, said: string }} item */
const line = ({ name, state, said }) => `${state.padEnd(10)} ${name}${said && `: ${said}`}`;
