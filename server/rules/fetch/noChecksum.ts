import { callsTo } from '../../formats/text/pythonCalls.ts';
import { leafAt, mappingsIn, nodeAt, textAt } from '../../formats/text/configTree.ts';
import { isDynamicText } from '../../formats/text/dynamicValue.ts';
import { placeOf } from '../load/place.ts';
import { defineRule } from '../rule.ts';
import { documentsOf, type TextSubject } from '../text.ts';
import { commandsOf } from '../../formats/text/shellWords.ts';
import type { TextRange } from '../../formats/text/facts.ts';
import { launchesIn } from '../../formats/text/launches.ts';

export const noChecksum = defineRule({
  subject: 'text',
  meta: {
    id: 'fetch/no-checksum',
    title: 'A file is downloaded, and nobody compares its hash',
    severity: 'info',
    description:
      'An Argo artifact over http, `ADD https://...` of a Dockerfile without `--checksum`, `curl` or `wget` of a program, an archive or a model without a hash compared in the same file, and `urlretrieve`. It is a warning where what comes is run: a script piped into a shell, an artifact with an executable mode, a pickle. One finding a file for the rest.',
    why: 'A server that is taken over, or an address that somebody else has registered since, sends another file, and nobody notices.',
    howToFix:
      'Record the SHA-256 and compare it: `ADD --checksum=sha256:...`, `echo "HASH  file" | sha256sum -c`, `hashlib`. Do not pipe downloads into a shell.',
    avoid: [
      {
        file: 'Dockerfile',
        text: 'FROM python:3.12\nRUN curl -LsSf https://tools.example.org/install.sh | sh\nUSER 1000\n',
      },
      { file: 'setup.sh', text: '#!/bin/bash\nbash -c "$(curl -fsSL https://tools.example.org/install.sh)"\n' },
      {
        file: 'workflow.yaml',
        text: 'apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nspec:\n  templates:\n    - name: get\n      inputs:\n        artifacts:\n          - name: tool\n            path: /bin/tool\n            mode: 0755\n            http:\n              url: https://tools.example.org/tool\n      container:\n        image: debian:12.5\n',
      },
    ],
    prefer: [
      {
        file: 'Dockerfile',
        text: 'FROM python:3.12\nADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://models.example.org/model.bin /\nRUN curl -LO https://tools.example.org/tool.tar.gz && echo "24454f83  tool.tar.gz" | sha256sum -c\nUSER 1000\n',
      },
    ],
    references: [
      {
        title: 'Dockerfile reference: ADD --checksum',
        url: 'https://docs.docker.com/reference/dockerfile/#add---checksum',
      },
      { title: 'CWE-353: Missing Support for Integrity Check', url: 'https://cwe.mitre.org/data/definitions/353.html' },
    ],
    cwe: [353, 494],
    atlas: ['AML.T0010'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['MEASURE 2.7'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    const plain: TextRange[] = [];
    for (const { what, range, runs } of downloads(text)) {
      if (!runs) plain.push(range);
      else {
        report({
          message: `Downloads ${what} and runs it, and no hash is compared: whoever answers at that address runs code here. Record its SHA-256, and compare before running it.`,
          severity: 'warning',
          location: placeOf(range),
          evidence: { runs: true },
        });
      }
    }
    const [first] = plain;
    if (first === undefined) return;
    report({
      message: `Downloads ${plain.length === 1 ? 'a file' : `${plain.length} files`}, and no hash is compared. Record the SHA-256, and compare it.`,
      location: placeOf(first),
      evidence: { places: plain.length },
    });
  },
});

interface Download {
  what: string;
  range: TextRange;
  runs: boolean;
}

/** Words of a command that are looked at: a line of a hundred thousand `curl` is no line that anyone wrote. */
const longestCommand = 1_000;

/** A text that compares hashes somewhere does so for its downloads. */
const compares = /sha(?:256|512)sum|shasum|--checksum|hashlib|gpg\s+--verify|cosign\s+verify|minisign/;

function* downloads(text: TextSubject): Generator<Download> {
  yield* artifacts(text);
  let answer: boolean | undefined;
  const checked = (): boolean => (answer ??= compares.test(text.text));
  if (text.language === 'dockerfile') {
    const lines = text.text.split('\n');
    for (const { keyword, words, range } of text.instructions) {
      if (keyword !== 'ADD') continue;
      const address = words.find(({ value }) => /^https?:\/\//.test(value));
      if (!address) continue;
      // Flags are no words of the library: they stand in the text.
      const written = lines.slice(range.line - 1, range.endLine).join('\n');
      if (!written.includes('--checksum')) yield { what: 'a file', range: address.range, runs: false };
    }
  }
  for (const { words } of launchesIn(text, text.path)) {
    for (let at = 0; at < words.length; at++) {
      const word = words[at];
      const substituted = word && substitution.exec(word.value)?.[1];
      if (word && substituted !== undefined && !isLocal(substituted) && isRun(words, at))
        yield { what: 'a script', range: word.range, runs: true };
      if (!word || !/(?:^|[/(`])(?:curl|wget)$/.test(word.value)) continue;
      const length = words
        .slice(at + 1, at + 1 + longestCommand)
        .findIndex(({ value }) => /^(?:&&|\|\||;|\n|\|)$/.test(value));
      const end = length < 0 ? -1 : at + 1 + length;
      const command = words.slice(at, end < 0 ? at + longestCommand : end);
      const address = command.find(({ value }) => /^https?:\/\//.test(value));
      const asked = at;
      // What else the command holds is its own.
      at += command.length - 1;
      if (!address || isLocal(address.value)) continue;
      if (/^(?:[$<]\(|`)/.test(word.value)) {
        if (isRun(words, asked)) yield { what: 'a script', range: address.range, runs: true };
        continue;
      }
      const piped =
        end >= 0 && words[end]?.value === '|'
          ? (commandsOf(words.slice(end + 1, end + 1 + longestCommand))[0] ?? [])
          : [];
      const shell = piped.find(({ value }) => !/^(?:sudo|env|\w+=.*|-\w+)$/.test(value));
      if (shell && /(?:^|\/)(?:ba|z|da)?sh$|(?:^|\/)python3?$/.test(shell.value))
        yield { what: 'a script', range: address.range, runs: true };
      else if (/\.(?:sh|py|bin|tar|t?gz|zip|whl|deb|run|pkl|pt|pth|onnx|so)(?:\?|$)/.test(address.value) && !checked())
        yield { what: 'a file', range: address.range, runs: false };
    }
  }
  if (text.language === 'python') {
    for (const { positional, range } of callsTo(text.calls, /(?:^|\.)urlretrieve$/)) {
      const address = positional[0]?.value;
      if (!(typeof address === 'string' && isLocal(address)) && !checked())
        yield { what: 'a file', range, runs: typeof address === 'string' && /\.(?:pkl|pickle|joblib)$/.test(address) };
    }
  }
}

/** `$(curl -fsSL https://...)` in quotes, which is one word. */
const substitution = /^(?:\$\(|`)\s*(?:\S*\/)?(?:curl|wget)\s[^]*?(https?:\/\/[^\s)"'`]+)/;

/** Whether what a substitution comes to is run: `sh -c "$(curl ...)"`, `eval "$(...)"`, `bash <(curl ...)`, `source <(...)`. */
function isRun(words: readonly { value: string }[], at: number): boolean {
  const before = words[at - 1]?.value ?? '';
  if (/^(?:eval|source|\.)$/.test(before) || /^-[a-z]*c$/.test(before)) return true;
  return (words[at]?.value ?? '').startsWith('<(') && /(?:^|\/)(?:ba|z|da)?sh$|(?:^|\/)python[\d.]*$/.test(before);
}

function isLocal(address: string): boolean {
  return (
    /^https?:\/\/(?:localhost|127\.|\[::1|\$|[\w-]+(?::\d+)?(?:\/|$))/.test(address) ||
    isDynamicText(address.replace(/\/.*/, ''))
  );
}

function* artifacts(text: TextSubject): Generator<Download> {
  for (const document of documentsOf(text, 'argo')) {
    for (const { node } of mappingsIn(document)) {
      const address = leafAt(node, 'http', 'url');
      if (!address || textAt(node, 'name') === undefined || typeof address.value !== 'string') continue;
      const mode = nodeAt(node, 'mode');
      const bits = mode?.kind === 'scalar' ? parseInt(mode.source, mode.source.startsWith('0') ? 8 : 10) : 0;
      yield { what: 'a program', range: address.innerRange, runs: (bits & 0o111) !== 0 };
    }
  }
}
