import type { TextRange } from '../../formats/text/facts.ts';
import { launchesIn } from '../../formats/text/launches.ts';
import { commandsOf, type Word } from '../../formats/text/shellWords.ts';
import type { TextSubject } from '../text.ts';

/** `pip install` as some text runs it. */
export interface InstallCommand {
  /** The words behind `install`. */
  words: Word[];
  range: TextRange;
}

/** Every `pip install`, `uv pip install` and `python -m pip install` of a Dockerfile, a job, a workflow or a notebook. */
export function installCommands(text: TextSubject): InstallCommand[] {
  return launchesIn(text, text.path).flatMap(({ words }) =>
    commandsOf(words).flatMap((command) => {
      const install = command.findIndex(
        ({ value }, index) =>
          value === 'install' && /(?:^|\/)(?:pip3?(?:\.\d+)?|uv)$/.test(command[index - 1]?.value ?? ''),
      );
      const first = command[install];
      return install < 0 || !first ? [] : [{ words: command.slice(install + 1), range: first.range }];
    }),
  );
}

/** Options of pip that take a value. */
const valued = new Set([
  '-r',
  '--requirement',
  '-c',
  '--constraint',
  '-i',
  '--index-url',
  '--extra-index-url',
  '-f',
  '--find-links',
  '--trusted-host',
  '-t',
  '--target',
  '--prefix',
  '--python',
  '--timeout',
  '--retries',
  '--proxy',
  '--cert',
  '--platform',
  '--root',
  '--progress-bar',
  '--no-binary',
  '--only-binary',
  '--index',
  '--default-index',
  '--cache-dir',
  '--root-user-action',
]);

/** What an install command names, options and their values left out. */
export function packagesOf({ words }: InstallCommand): Word[] {
  const packages: Word[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at];
    if (!word) break;
    if (valued.has(word.value)) at++;
    else if (!word.value.startsWith('-')) packages.push(word);
  }
  return packages;
}

/** The value of an option of pip, with or without an equals sign. */
export function optionsOf({ words }: InstallCommand, name: string): Word[] {
  return words.flatMap((word, index) => {
    if (word.value === name) return words[index + 1] ? [words[index + 1] as Word] : [];
    return word.value.startsWith(`${name}=`) ? [{ ...word, value: word.value.slice(name.length + 1) }] : [];
  });
}
