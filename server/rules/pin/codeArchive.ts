import { leafAt, mappingsIn, nodeAt } from '../../formats/text/configTree.ts';
import type { TextRange } from '../../formats/text/facts.ts';
import { isDynamicText } from '../../formats/text/dynamicValue.ts';
import { isCommit } from '../../formats/text/hubReference.ts';
import { launchesIn } from '../../formats/text/launches.ts';
import { commandsOf } from '../../formats/text/shellWords.ts';
import { placeOf } from '../load/place.ts';
import { defineRule } from '../rule.ts';
import { documentsOf, isConfig, lacks, mayHold, type TextSubject } from '../text.ts';

export const codeArchive = defineRule({
  subject: 'text',
  meta: {
    id: 'pin/code-archive',
    title: 'A job runs code from a branch that can change',
    severity: 'warning',
    description:
      'A job takes its code from an archive of a branch (`.../archive/master.zip`, Ray’s `working_dir` and `py_modules`), from a Git artifact without a commit (Argo), or clones a repository without checking out a commit (information). A tag in the address of an archive is information.',
    why: 'Whoever can push to the branch runs code with the credentials and the data of the job.',
    howToFix:
      'Name the archive of a commit (`.../archive/<40 hexadecimal digits>.zip`), or bake the code into the image.',
    avoid: [
      {
        file: 'rayjob.yaml',
        text: 'apiVersion: ray.io/v1\nkind: RayJob\nspec:\n  runtimeEnvYAML: |\n    working_dir: "https://github.com/org/code/archive/master.zip"\n',
      },
      {
        file: 'workflow.yaml',
        text: 'apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nspec:\n  templates:\n    - name: build\n      inputs:\n        artifacts:\n          - name: code\n            path: /src\n            git:\n              repo: https://github.com/org/code.git\n              revision: main\n',
      },
    ],
    prefer: [
      {
        file: 'rayjob.yaml',
        text: 'apiVersion: ray.io/v1\nkind: RayJob\nspec:\n  runtimeEnvYAML: |\n    working_dir: "https://github.com/org/code/archive/0123456789abcdef0123456789abcdef01234567.zip"\n',
      },
    ],
    references: [
      {
        title: 'Ray documentation: runtime environments, remote URIs',
        url: 'https://docs.ray.io/en/latest/ray-core/handling-dependencies.html#remote-uris',
      },
    ],
    cwe: [494],
    atlas: ['AML.T0010.001'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['GOVERN 6.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    for (const { address, range } of addressesIn(text)) {
      const branch = /\/archive\/(?:refs\/(heads|tags)\/)?(.+?)\.(?:zip|tar\.gz)$/.exec(address);
      if (!branch || isDynamicText(address)) continue;
      const [, kind, revision = ''] = branch;
      if (isCommit(revision)) continue;
      const isTag = kind === 'tags' || /^v?\d/.test(revision);
      report({
        message: isTag
          ? `Runs the code of the tag ${JSON.stringify(revision)}, which can be moved. Name the archive of a commit.`
          : `Runs the code of the branch ${JSON.stringify(revision)} as it stands at the time. Name the archive of a commit.`,
        severity: isTag ? 'info' : 'warning',
        location: placeOf(range),
        evidence: { revision },
      });
    }
    for (const document of documentsOf(text, 'argo')) {
      for (const { node } of mappingsIn(document)) {
        const git = nodeAt(node, 'git');
        const repository = leafAt(git, 'repo');
        const revision = leafAt(git, 'revision');
        if (
          !repository ||
          isCommit(revision?.value) ||
          (typeof revision?.value === 'string' && isDynamicText(revision.value))
        )
          continue;
        report({
          message: `Runs the code of a repository as it stands at the time (${revision ? `${JSON.stringify(String(revision.value))} can be moved` : 'no revision is named'}). Name the full commit.`,
          location: placeOf((revision ?? repository).range),
          evidence: { revision: revision?.value ?? null },
        });
      }
    }
    const clone = clonesIn(text);
    if (clone) {
      report({
        message: 'Clones a repository and runs it as it stands at the time. Check out a full commit behind it.',
        severity: 'info',
        location: placeOf(clone),
        evidence: { revision: null },
      });
    }
  },
});

function* addressesIn(text: TextSubject): Generator<{ address: string; range: TextRange }> {
  if (isConfig(text) && !lacks(text, /\/archive\//)) {
    for (const { value, innerRange, path } of text.scalars) {
      if (typeof value !== 'string' || !value.includes('/archive/')) continue;
      const key = path.findLast((part) => typeof part === 'string') ?? '';
      if (/^https:\/\/\S+$/.test(value) && /working_dir|py_modules|uri|url|archive|source/i.test(String(key)))
        yield { address: value, range: innerRange };
      else
        for (const match of value.matchAll(/working_dir:\s*["']?(https:\/\/[^\s"']+)/g))
          yield { address: match[1] ?? '', range: innerRange };
    }
  }
  if (text.language === 'requirements')
    for (const { url, range } of text.requirements) if (url) yield { address: url.replace(/#.*/, ''), range };
  for (const { words } of launchesIn(text, text.path)) {
    for (const { value, range } of words)
      if (value.includes('/archive/') && /^https:\/\//.test(value)) yield { address: value, range };
  }
}

/** `git clone` in a text that checks nothing out. */
function clonesIn(text: TextSubject): TextRange | undefined {
  if (!mayHold(text.text, 'git') || /git\s+checkout|--revision/.test(text.text)) return undefined;
  for (const { words, origin } of launchesIn(text, text.path)) {
    if (origin === 'notebook') continue;
    const commands = commandsOf(words);
    if (commands.some((command) => /^(?:checkout|reset|switch)$/.test(command[1]?.value ?? ''))) continue;
    for (const command of commands) {
      if (command[0]?.value !== 'git' || command[1]?.value !== 'clone') continue;
      const address = command.find(({ value }) => /^https:\/\//.test(value));
      if (address && !isDynamicText(address.value)) return address.range;
    }
  }
  return undefined;
}
