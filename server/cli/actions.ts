import { nearest } from '../engine/nearest.ts';
import { WeighbridgeError } from '../errors.ts';
import type { Command } from './io.ts';

/** The actions of a subcommand by name; the code of each is loaded when it is called. */
export type Actions = Record<string, () => Promise<Command['run']>>;

/**
 * A subcommand whose first argument says what to do.
 * @param question what is asked of whoever names no action: `say what to do with the data`.
 */
export function commandOf(help: string, question: string, actions: Actions): Command {
  return {
    help,
    async run(args, io) {
      const [name = '', ...rest] = args;
      const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
      if (action) return (await action())(rest, io);
      const near = nearest(name, Object.keys(actions));
      const given = name === '' ? '' : `, not "${name}"${near ? `; did you mean "${near}"?` : ''}`;
      throw new WeighbridgeError('bad-usage', `${question}: ${Object.keys(actions).join(', ')}${given}`);
    },
  };
}
