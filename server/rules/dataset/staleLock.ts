import { posix } from 'node:path';
import { stagesIn } from '../../datasets/registers/dvc.ts';
import { type ScalarTree, treeOf, type Scalar } from '../../datasets/registers/scalarTree.ts';
import type { TextRange } from '../../formats/text/facts.ts';
import { placeOf } from '../load/place.ts';
import { defineRule, type Report } from '../rule.ts';
import type { TextSubject } from '../text.ts';
import { provenanceMappings } from './mappings.ts';
import { compare, dataOf, isCode, registerIn } from './registersIn.ts';

export const staleLock = defineRule({
  subject: 'text',
  meta: {
    id: 'dataset/stale-lock',
    title: 'dvc.lock speaks of another pipeline than the one that is there',
    severity: 'warning',
    description:
      'What `dvc.lock` records of a stage is no longer what is there: the code that the stage read has changed, its command or parameters in `dvc.yaml` and `params.yaml` are others, a dependency or output is not in the lock, or the stage is not in it at all. Data that changed is an error of its own (`dataset/hash-mismatch`).',
    why: 'The lock is the record of how data came about. When it is stale, the outputs on disk were made by something else than what the repository shows, and nobody can reproduce or explain them.',
    howToFix: 'Run `dvc repro`, look at what changed, and commit `dvc.lock` with it. `dvc status` lists the same.',
    avoid: [
      {
        file: 'dvc.yaml',
        text: 'stages:\n  prepare:\n    cmd: python prepare.py --clean\n    deps:\n    - raw.csv\n    outs:\n    - train.csv\n',
        beside: [
          {
            file: 'dvc.lock',
            text: "schema: '2.0'\nstages:\n  prepare:\n    cmd: python prepare.py\n    deps:\n    - path: raw.csv\n      hash: md5\n      md5: 4c176a5d418613c562f4ea298ad505a1\n    outs:\n    - path: train.csv\n      hash: md5\n      md5: 4c176a5d418613c562f4ea298ad505a1\n",
          },
        ],
      },
    ],
    prefer: [
      {
        file: 'dvc.yaml',
        text: 'stages:\n  prepare:\n    cmd: python prepare.py\n    deps:\n    - raw.csv\n    outs:\n    - train.csv\n',
        beside: [
          {
            file: 'dvc.lock',
            text: "schema: '2.0'\nstages:\n  prepare:\n    cmd: python prepare.py\n    deps:\n    - path: raw.csv\n      hash: md5\n      md5: 4c176a5d418613c562f4ea298ad505a1\n    outs:\n    - path: train.csv\n      hash: md5\n      md5: 4c176a5d418613c562f4ea298ad505a1\n",
          },
        ],
      },
    ],
    references: [
      {
        title: 'DVC documentation: dvc.lock',
        url: 'https://dvc.org/doc/user-guide/project-structure/dvcyaml-files#dvclock-file',
      },
    ],
    ...provenanceMappings,
  },
  check(text, report) {
    if (text.language !== 'yaml') return;
    if (posix.basename(text.path) === 'dvc.yaml') checkPipeline(text, report);
    else if (posix.basename(text.path) === 'dvc.lock') checkLock(text, report);
  },
});

/** Code that a stage read, and that is other code now; parameters that have other values now. */
function checkLock(text: TextSubject & { language: 'yaml' }, report: (report: Report) => void): void {
  const { datasets } = text.workspace;
  for (const entry of registerIn(text)?.data ?? []) {
    if (entry.role !== 'input' || !isCode(entry.path ?? '')) continue;
    const data = dataOf(entry, text.path, datasets);
    const [digest] = entry.digests;
    if (!data || !digest || compare(digest, data, datasets)?.matches !== false) continue;
    report({
      message: `${entry.name} has changed since the stage was run: what the stage wrote was made by other code. Run dvc repro.`,
      location: placeOf(digest.range),
      evidence: { file: entry.path, recorded: digest.written },
      related: [{ path: data.path, message: 'The file as it is now' }],
    });
  }
  for (const stage of stagesIn(treeOf(text.scalars))) {
    for (const file of stage.at('params').children()) {
      const named = typeof file.key === 'string' ? datasets.find(file.key, text.path, 'beside') : undefined;
      const now = named ? datasets.scalars(named.path) : undefined;
      if (now) compareParameters(file, treeOf(now), String(stage.key), report);
    }
  }
}

function compareParameters(locked: ScalarTree, now: ScalarTree, stage: string, report: (report: Report) => void): void {
  for (const parameter of locked.children()) {
    const { scalar } = parameter;
    const current = now.at(
      ...String(parameter.key)
        .split('.')
        .map((key) => (/^\d+$/.test(key) ? Number(key) : key)),
    );
    if (!scalar || !current.scalar || current.scalar.value === scalar.value) continue;
    report({
      message: `${String(parameter.key)} was ${String(scalar.value)} when stage ${stage} was run, and is ${String(current.scalar.value)} in ${String(locked.key)}. Run dvc repro.`,
      location: placeOf(scalar.range),
      evidence: { stage, parameter: String(parameter.key) },
    });
  }
}

/** What `dvc.yaml` says of a stage and its lock does not. Stages with templates (`foreach`, `matrix`, `${...}`) are left alone. */
function checkPipeline(text: TextSubject & { language: 'yaml' }, report: (report: Report) => void): void {
  const { datasets } = text.workspace;
  const lockPath = posix.join(posix.dirname(text.path), 'dvc.lock');
  const scalars = datasets.scalars(lockPath);
  if (!scalars) return;
  const locked = new Map(stagesIn(treeOf(scalars)).map((stage) => [String(stage.key), stage]));
  for (const stage of treeOf(text.scalars).at('stages').children()) {
    const name = String(stage.key);
    if (stage.at('foreach').exists || stage.at('matrix').exists || stage.at('frozen').scalar?.value === true) continue;
    const lock = locked.get(name);
    const say = (message: string, range: TextRange) =>
      report({
        message: `${message} Run dvc repro, and commit dvc.lock.`,
        location: placeOf(range),
        evidence: { stage: name },
        related: [{ path: lockPath, message: 'The lock' }],
      });
    if (!lock) {
      if (stage.at('outs').exists)
        say(`Stage ${name} is not in dvc.lock: nobody has recorded what it reads and writes.`, stage.place());
      continue;
    }
    const command = stage.at('cmd');
    const written = joined(command);
    if (written !== null && !written.includes('${') && joined(lock.at('cmd')) !== written) {
      say(`Stage ${name} was run with another command.`, command.place());
    }
    const folder = stage.at('wdir').text()?.value ?? '';
    for (const kind of ['deps', 'outs'] as const) {
      const recorded = new Set(
        lock
          .at(kind)
          .items()
          .map((item) => item.at('path').text()?.value),
      );
      for (const scalar of pathsIn(stage.at(kind))) {
        const path = String(scalar.value);
        if (path.includes('${') || recorded.has(path) || recorded.has(posix.join(folder, path))) continue;
        say(`${path} is not among the ${kind} of stage ${name} in dvc.lock.`, scalar.innerRange);
      }
    }
  }
}

/** Plain items of a list; one with options is a record of which the key is the path, and has no place of its own. */
function pathsIn(list: ScalarTree): Scalar[] {
  return list.items().flatMap(({ scalar }) => (scalar && typeof scalar.value === 'string' ? [scalar] : []));
}

/** A command is a text or a list of texts; DVC compares what they say, not how lines are folded. */
function joined(node: ScalarTree): string | null {
  const parts = node.items().map((item) => item.text()?.value.trim());
  return parts.length > 0 && parts.every((part) => part !== undefined) ? parts.join('\n').replace(/\s+/g, ' ') : null;
}
