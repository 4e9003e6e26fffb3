import type { TextRange } from './facts.ts';
import type { Launch, LaunchVariable } from './launches.ts';
import { scriptOfCells } from './innerTexts.ts';
import type { ShellText } from './parse.ts';
import { opened, type Word } from './shellWords.ts';

/** Variables of one script that its programs are said to be started with. */
const mostVariables = 200;

/** Words before the one that says what runs. */
const prefixes =
  /^(?:if|then|else|elif|do|while|until|!|\{|time|exec|nohup|command|builtin|sudo|env|nice|setsid|stdbuf|export|declare|readonly|local|typeset|-\w+|\d+)$/;

/** Commands that name servers and start none. */
const noServers =
  /(?:^|\/)(?:pip[\d.]*|pipx|uv|conda|mamba|micromamba|poetry|apt|apt-get|yum|dnf|brew|echo|printf|cat|grep|which|type|hash|pkill|killall|kill|pgrep|cd|ls|rm|cp|mv|mkdir|git|curl|wget|tar|chmod|source|\.|huggingface-cli|hf)$/;

/** Programs that a script starts, one a statement; what pipes and `&&` join is one. */
export function scriptLaunches({ words }: Pick<ShellText, 'words'>, path: string): Launch[] {
  const variables = assignmentsIn(words).slice(0, mostVariables);
  const origin = path.endsWith(scriptOfCells) ? 'notebook' : 'script';
  return statementsOf(opened(words)).flatMap((statement): Launch[] => {
    const bare = statement.filter(({ value }) => value !== '');
    const at = bare.findIndex(({ value }) => !prefixes.test(value) && !/^\w+\+?=/.test(value));
    const command = bare.slice(Math.max(at, 0));
    const [first] = command;
    if (!first) return [];
    const range: TextRange = { ...first.range, endLine: first.range.line, endColumn: first.range.column };
    const isServer = at >= 0 && !noServers.test(first.value);
    return [
      {
        name: 'script',
        origin: isServer || origin === 'notebook' ? origin : 'step',
        words: command,
        environment: variables,
        image: imageOf(command),
        node: null,
        range,
      },
    ];
  });
}

/** `NAME=value` wherever it stands: alone, behind `export`, before a command, behind `docker run -e`. */
export function assignmentsIn(words: readonly Word[]): LaunchVariable[] {
  return words.flatMap(({ value, range }) => {
    const match = /^([A-Za-z_]\w*)=([^]*)$/.exec(value);
    return match ? [{ name: match[1] ?? '', value: match[2] ?? '', range }] : [];
  });
}

/** Brackets of a group and of a substitution (`(cd x && curl y | sh)`) are no part of the words beside them. */
function statementsOf(words: readonly Word[]): Word[][] {
  const statements: Word[][] = [[]];
  for (const word of words) {
    if (word.value === '\n' || word.value === ';' || word.value === '&') statements.push([]);
    else statements.at(-1)?.push(withoutBrackets(word));
  }
  return statements.filter((statement) => statement.length > 0);
}

function withoutBrackets(word: Word): Word {
  const { value, range } = word;
  const exact = range.endColumn - range.column === value.length && range.line === range.endLine;
  if (!exact) return word;
  const before = /^(?:\(+|`)(?!\))/.exec(value)?.[0].length ?? 0;
  const behind = /^[^()]+\)+$/.test(value) ? (/\)+$/.exec(value)?.[0].length ?? 0) : 0;
  if (before === 0 && behind === 0) return word;
  return {
    value: value.slice(before, value.length - behind),
    range: { ...range, column: range.column + before, endColumn: range.endColumn - behind },
  };
}

/** The image of a server that `docker run` starts. */
function imageOf(command: readonly Word[]): string | undefined {
  const [program, verb] = command;
  if (
    !/(?:^|\/)(?:docker|podman|nerdctl)$/.test(program?.value ?? '') ||
    !/^(?:run|create|container)$/.test(verb?.value ?? '')
  )
    return undefined;
  return command.find(({ value }) => servers.test(value))?.value;
}

const servers =
  /^[^-/\s=][^\s=]*(?:vllm-openai|text-generation-inference|torchserve|tensorflow\/serving|litellm)|^ollama\/ollama/;
