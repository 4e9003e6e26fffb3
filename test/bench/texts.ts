import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { rules } from '../../server/rules/index.ts';
import { pythonWithPackages } from '../interop/python.ts';
import { compare } from './measure.ts';
import { memoryGoal, ratioGoal, type Row } from './table.ts';

/** What a repository of models holds in text: code of libraries, and configurations, jobs and containers as rule pages show them. */
const files = 2000;
const code = 800;

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
  writeRepository(repository, path.dirname(path.dirname(python)));
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
      job: `scan: ${files.toLocaleString('en')} texts of a repository`,
      ours,
      peers,
      goals: [ratioGoal(10, ours, peers), memoryGoal(ours)],
    },
  ];
}

function writeRepository(folder: string, environment: string): void {
  const lib = path.join(environment, 'lib');
  const version = readdirSync(lib).find((name) => name.startsWith('python3')) ?? '';
  const transformers = path.join(lib, version, 'site-packages', 'transformers');
  const python = readdirSync(transformers, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.py'))
    .sort()
    .slice(0, code);
  for (const name of python) {
    const to = path.join(folder, 'src', name);
    mkdirSync(path.dirname(to), { recursive: true });
    cpSync(path.join(transformers, name), to);
  }
  const examples = rules
    .flatMap(({ meta }) => [...meta.avoid, ...meta.prefer])
    .flatMap(({ file, text }) => (text === undefined || file.endsWith('.py') ? [] : [{ file, text }]));
  for (let number = python.length; number < files; number++) {
    const example = examples[number % examples.length];
    if (!example) break;
    const to = path.join(folder, 'deploy', String(number), example.file);
    mkdirSync(path.dirname(to), { recursive: true });
    writeFileSync(to, example.text);
  }
}
