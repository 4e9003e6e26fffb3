import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { rules } from '../../server/rules/index.ts';
import { pythonWithPackages } from '../interop/python.ts';
import { compare } from './measure.ts';
import { memoryGoal, ratioGoal, type Row } from './table.ts';

/** What a repository of models holds in text: code of libraries, and configurations, jobs and containers as rule pages show them. */
const repositorySize: RepositorySize = { code: 800, configurations: 1200 };

/** A whole repository of texts, scanned here and by bandit and checkov one after the other. */
export async function benchTexts({
  folder,
  python,
  weighbridge,
  rounds,
}: {
  folder: string;
  python: string;
  weighbridge: string[];
  rounds: number;
}): Promise<Row[]> {
  const repository = path.join(folder, 'texts');
  writeRepository(repository, python, repositorySize);
  const scanners = path.dirname(await pythonWithPackages('venv-text-scanners'));
  const bandit = `"${path.join(scanners, 'bandit')}" -q -r "${repository}" >/dev/null 2>&1`;
  const frameworks = '--framework kubernetes dockerfile github_actions secrets';
  const checkov = `"${path.join(scanners, 'checkov')}" -d "${repository}" --quiet --compact --skip-download ${frameworks} >/dev/null 2>&1`;
  const { ours, ...peers } = await compare(
    python,
    {
      ours: [...weighbridge, 'scan', repository, '--no-cache', '--fail-on', 'never'],
      // Both end with 1 when they find something.
      'bandit + checkov': ['sh', '-c', `${bandit}; ${checkov}; true`],
    },
    // Minutes each.
    Math.min(rounds, 2),
  );
  return [
    {
      job: 'scan: 2,000 texts of a repository',
      ours,
      peers,
      goals: [ratioGoal(10, ours, peers), memoryGoal(ours)],
    },
  ];
}

/** How many files of each sort. */
export interface RepositorySize {
  code: number;
  configurations: number;
  /** Texts that nobody reads. */
  others?: number;
}

/** @param python of an environment that has transformers, whose code is copied. */
export function writeRepository(folder: string, python: string, size: RepositorySize): void {
  const lib = path.join(path.dirname(path.dirname(python)), 'lib');
  const version = readdirSync(lib).find((name) => name.startsWith('python3')) ?? '';
  const transformers = path.join(lib, version, 'site-packages', 'transformers');
  const code = readdirSync(transformers, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.py'))
    .sort();
  for (let number = 0; number < size.code; number++) {
    const name = code[number % code.length] ?? '';
    const copy = Math.floor(number / code.length);
    const to = path.join(folder, copy === 0 ? 'src' : `src${copy}`, name);
    mkdirSync(path.dirname(to), { recursive: true });
    cpSync(path.join(transformers, name), to);
  }
  const examples = rules
    .flatMap(({ meta }) => [...meta.avoid, ...meta.prefer])
    .flatMap(({ file, text }) => (text === undefined || file.endsWith('.py') ? [] : [{ file, text }]));
  for (let number = 0; number < size.configurations; number++) {
    const { file, text } = examples[(size.code + number) % examples.length] ?? { file: '', text: '' };
    const to = path.join(folder, 'deploy', String(size.code + number), file);
    mkdirSync(path.dirname(to), { recursive: true });
    writeFileSync(to, text);
  }
  for (let number = 0; number < (size.others ?? 0); number++) {
    const to = path.join(folder, 'notes', String(number % 200), `${number}.txt`);
    mkdirSync(path.dirname(to), { recursive: true });
    writeFileSync(to, `Note ${number}\n`.repeat(20));
  }
}
