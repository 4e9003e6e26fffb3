import type { Launch } from '../formats/text/launches.ts';
import { flagOf, type Flag } from '../formats/text/shellWords.ts';
import { note, reachOf, type ControlName, type Endpoint, type Weakness } from './facts.ts';

/** A model server that is known by how it is started. */
export interface Server {
  product: string;
  /** Whether a program is this server, by its words and image. */
  is: (launch: Launch) => boolean;
  /** Where it listens when nothing is said. */
  listens: 'loopback' | 'network';
  look: (launch: Launch, endpoint: Endpoint, weaknesses: Weakness[]) => void;
}

export function word(launch: Launch, pattern: RegExp): boolean {
  return launch.words.some(({ value }) => pattern.test(value));
}

export function image(launch: Launch, pattern: RegExp): boolean {
  return launch.image !== undefined && pattern.test(launch.image);
}

export function variable(launch: Launch, name: string) {
  return launch.environment.find((each) => each.name === name);
}

export function listensOn(endpoint: Endpoint, flag: Flag | undefined): void {
  if (flag?.value) endpoint.reach = reachOf(flag.value);
}

export function tlsBy(endpoint: Endpoint, flag: Flag | undefined, says: string): void {
  if (flag) note(endpoint, 'tls', 'enforced', says, flag.range);
}

/** Notes a flag that enforces a control by its being there; it is told as it stands. */
export function enforcedBy({ words }: Launch, endpoint: Endpoint, control: ControlName, name: string): void {
  const flag = flagOf(words, name);
  if (flag) note(endpoint, control, 'enforced', `${name} ${flag.value ?? ''}`, flag.range);
}
