import { callsWith } from '../../formats/text/pythonCalls.ts';
import { declaredRequirements } from '../../formats/text/declaredRequirements.ts';
import { isDynamicText } from '../../formats/text/dynamicValue.ts';
import type { ConfigNode, PythonRequirement, TextRange } from '../../formats/text/facts.ts';
import { isCommit } from '../../formats/text/hubReference.ts';
import { itemsAt, leafAt, mappingsIn } from '../../formats/text/configTree.ts';
import { LineIndex } from '../../formats/text/lineIndex.ts';
import { isInside } from '../../formats/text/ranges.ts';
import { parseRequirement } from '../../formats/text/requirements.ts';
import { placeOf } from '../load/place.ts';
import { quoted } from '../place.ts';
import { defineRule, type Report } from '../rule.ts';
import { documentsOf, isConfig, type ConfigSubject, type PythonSubject, type TextSubject } from '../text.ts';
import { installCommands, optionsOf, packagesOf } from './installCommands.ts';

export const pythonDeps = defineRule({
  subject: 'text',
  meta: {
    id: 'pin/python-deps',
    title: 'Python packages are installed that can change or come from elsewhere',
    severity: 'warning',
    description:
      'In requirements and conda files, in the `python_env` of MLflow, `pip install` of Dockerfiles, jobs and notebooks, and lists that Ray, Kubeflow and BentoML install: packages without an exact version (one information a file), a second index (`--extra-index-url`, or `index-strategy = "unsafe-best-match"` of uv: a warning), an index whose certificate is not checked (`--trusted-host`: an error), and `git+https` without a full commit (a warning). A `pyproject.toml` is left out: libraries ask for ranges, and what is installed stands in the lock file.',
    why: 'A version that appears tomorrow runs in tomorrow’s job. With a second index the highest version of either wins, so that a package of your own name on the public index is installed instead of yours.',
    howToFix:
      'Write exact versions with hashes (`pip-compile --generate-hashes`, `uv lock`), use one index (`--index-url`), and pin repositories to a commit.',
    avoid: [
      {
        file: 'environment.yml',
        text: 'name: train\nchannels:\n  - conda-forge\ndependencies:\n  - python=3.11.9\n  - pip=24.0\n  - pip:\n      - --extra-index-url https://packages.example.org/simple\n      - torch==2.10.0\n',
        note: 'conda hands the option to pip.',
      },
      {
        file: 'bentofile.yaml',
        text: 'service: "service:Chat"\npython:\n  packages:\n    - torch==2.10.0\n  trusted_host:\n    - packages.example.org\n',
      },
      {
        file: 'pyproject.toml',
        text: '[project]\nname = "train"\n\n[tool.uv]\nindex-strategy = "unsafe-best-match"\n',
      },
      {
        file: 'python_env.yaml',
        text: 'python: "3.11"\nbuild_dependencies: [pip]\ndependencies:\n  - scikit-learn>=1.4\n  - --extra-index-url https://packages.example.org/simple\n',
      },
      {
        file: 'pyproject.toml',
        text: '[project]\nname = "a"\ndependencies = ["lib @ git+https://github.com/org/lib.git@main"]\n\n[tool.uv.sources]\nother = { git = "https://github.com/org/other", branch = "main" }\n',
      },
      { file: 'requirements.txt', text: '--extra-index-url https://packages.example.org/simple\ntorch==2.6.0\nours\n' },
      {
        file: 'Dockerfile',
        text: 'FROM python:3.12\nRUN pip install --trusted-host packages.example.org ours==1.0\nUSER 1000\n',
      },
      {
        file: 'pipeline.py',
        text: 'from kfp import dsl\n\n\n@dsl.component(packages_to_install=["pandas", "torch==2.6.0"])\ndef train():\n    pass\n',
      },
      { file: 'dev-requirements.txt', text: 'git+https://github.com/org/lib@main\n' },
    ],
    prefer: [
      {
        file: 'python_env.yaml',
        text: 'python: "3.11"\nbuild_dependencies: [pip, setuptools==75.8.0]\ndependencies:\n  - -r requirements.txt\n  - scikit-learn==1.6.1\n',
      },
      {
        file: 'pyproject.toml',
        text: '[project]\nname = "a"\ndependencies = ["torch>=2.6", "lib @ git+https://github.com/org/lib.git@0123456789abcdef0123456789abcdef01234567"]\n\n[project.urls]\nhome = "https://github.com/org/a"\n\n[tool.uv.sources]\nother = { git = "https://github.com/org/other", rev = "0123456789abcdef0123456789abcdef01234567" }\n',
        note: 'What a project can work with is for others to choose from.',
      },
      {
        file: 'Dockerfile',
        text: 'FROM python:3.12\nRUN if [ "$EXTRA" != "" ]; then \\\n      pip install "torch==2.6.0" $MORE; \\\n    else \\\n      # the smaller one\n      pip install "numpy==2.2.0"; \\\n    fi\nUSER 1000\n',
      },
      {
        file: '.github/workflows/test.yml',
        text: 'on: push\npermissions: {contents: read}\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: pip install torch==${{ matrix.torch }}\n',
        note: 'The matrix names the versions.',
      },
      { file: 'requirements.txt', text: '--index-url https://packages.example.org/simple\ntorch==2.6.0\n' },
      {
        file: 'requirements-git.txt',
        text: 'git+https://github.com/org/lib@0123456789abcdef0123456789abcdef01234567#egg=lib\n',
      },
      {
        file: 'Dockerfile',
        text: 'FROM python:3.12\nRUN pip install --require-hashes -r requirements.txt\nUSER 1000\n',
      },
    ],
    references: [
      { title: 'pip documentation: secure installs', url: 'https://pip.pypa.io/en/stable/topics/secure-installs/' },
      { title: 'CWE-427: Uncontrolled Search Path Element', url: 'https://cwe.mitre.org/data/definitions/427.html' },
    ],
    cwe: [1357, 427],
    atlas: ['AML.T0010.001'],
    owasp: ['ML06:2023', 'LLM03:2025'],
    nistAiRmf: ['GOVERN 6.1'],
    euAiAct: ['Article 15(5)'],
    since: '0.1.0',
  },
  check(text, report) {
    const required = requiredBy(text);
    const open = required.filter(
      ({ url, specifier, source }) => url === null && source !== 'locked' && !isExact(specifier),
    );
    const [first] = open;
    if (first) {
      const names = [...new Set(open.map(({ name }) => name))];
      report({
        message: `Installs ${names.slice(0, 3).map(quoted).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''} in whatever version there is. Write exact versions, better with hashes.`,
        severity: 'info',
        location: placeOf(first.range),
        evidence: { packages: names.slice(0, 50) },
      });
    }
    for (const { url, range } of required) if (url !== null) checkAddress(url, range, report);
    if (isConfig(text) && text.language === 'toml') checkProject(text, report);
    for (const { name, value, range } of optionsIn(text)) checkOption(name, value, range, report);
  },
});

function requiredBy(text: TextSubject): PythonRequirement[] {
  if (text.language === 'requirements') return text.requirements;
  const kinds = [...documentsOf(text, 'conda')];
  const declared = kinds.length > 0 ? declaredRequirements('environment.yml', text.text) : [];
  return [...declared, ...listedIn(text), ...installedBy(text)].filter(
    ({ name }) => !/^(?:python|pip|cudatoolkit)$/i.test(name),
  );
}

const startLists = ['ray-serve', 'ray-cluster', 'ray-runtime-env', 'kubeflow-pipeline', 'kubeflow-component'] as const;

/** Lists that are installed when a job starts: Ray's `pip`, Kubeflow's `packages_to_install`. */
function listedIn(text: TextSubject): PythonRequirement[] {
  if (text.language === 'python') return componentPackages(text);
  if (!isConfig(text)) return [];
  return [
    ...[...documentsOf(text, ...startLists)].flatMap((document) =>
      [...mappingsIn(document)].flatMap(({ node }) => [
        ...packagesAt(node, 'pip'),
        ...packagesAt(node, 'packages_to_install'),
      ]),
    ),
    ...[...documentsOf(text, 'python-env')].flatMap((document) => [
      ...packagesAt(document, 'build_dependencies'),
      ...packagesAt(document, 'dependencies'),
    ]),
    ...[...documentsOf(text, 'bentoml')].flatMap((document) => packagesAt(document, 'python', 'packages')),
  ];
}

function packagesAt(node: ConfigNode, ...path: string[]): PythonRequirement[] {
  return itemsAt(node, ...path).flatMap((_, index) => {
    const leaf = leafAt(node, ...path, index);
    if (typeof leaf?.value !== 'string' || leaf.value.startsWith('-')) return [];
    const found = parseRequirement(leaf.value, 0, new LineIndex(leaf.value));
    return found ? [{ ...found, range: leaf.innerRange, nameRange: leaf.innerRange, specifierRange: null }] : [];
  });
}

/** `@dsl.component(packages_to_install=[...])` of Kubeflow, which installs them whenever a step starts. */
function componentPackages({ calls, strings }: PythonSubject): PythonRequirement[] {
  return callsWith(calls, 'packages_to_install').flatMap(({ keywords }) => {
    const list = keywords['packages_to_install'];
    if (!list) return [];
    return strings
      .filter(({ range }) => isInside(range, list.range))
      .flatMap(({ value, innerRange }) => {
        const found = parseRequirement(value, 0, new LineIndex(value));
        return found ? [{ ...found, range: innerRange, nameRange: innerRange, specifierRange: null }] : [];
      });
  });
}

function installedBy(text: TextSubject): PythonRequirement[] {
  return installCommands(text).flatMap((command) =>
    packagesOf(command).flatMap(({ value, range }) => {
      if (isDynamicText(value) || /^[./~]|\.whl$|\.txt$/.test(value)) return [];
      const found = parseRequirement(value, 0, new LineIndex(value));
      return found ? [{ ...found, range, nameRange: range, specifierRange: null }] : [];
    }),
  );
}

interface Option {
  name: string;
  value: string;
  range: TextRange;
}

function optionsIn(text: TextSubject): Option[] {
  if (text.language === 'requirements') return text.options;
  if (isConfig(text) && (text.language === 'yaml' || text.language === 'toml')) {
    const kept = [...condaOptions(text), ...bentoOptions(text), ...uvOptions(text)];
    if (kept.length > 0) return kept;
  }
  return installCommands(text).flatMap((command) =>
    ['--extra-index-url', '--trusted-host', '--find-links', '-f', '--index-strategy'].flatMap((name) =>
      optionsOf(command, name).map(({ value, range }) => ({ name, value, range })),
    ),
  );
}

/** `- --extra-index-url https://...` below `pip:` of a conda environment and in a `python_env` of MLflow, which hand it to pip. */
function condaOptions(text: ConfigSubject): Option[] {
  const isConda = [...documentsOf(text, 'conda')].length > 0;
  if (!isConda && [...documentsOf(text, 'python-env')].length === 0) return [];
  return text.scalars.flatMap(({ path, value, innerRange }) => {
    if (path[0] !== 'dependencies' || (isConda && !path.includes('pip')) || typeof value !== 'string') return [];
    const option = /^(--?[\w-]+)(?:[ =]+(.*))?$/.exec(value);
    return option ? [{ name: option[1] ?? '', value: option[2] ?? '', range: innerRange }] : [];
  });
}

/** Options of pip that a `bentofile.yaml` spells as keys. */
function bentoOptions(text: ConfigSubject): Option[] {
  return [...documentsOf(text, 'bentoml')].flatMap((document) =>
    ['extra_index_url', 'trusted_host'].flatMap((key) => {
      const leaves = [
        leafAt(document, 'python', key),
        ...itemsAt(document, 'python', key).map((_, index) => leafAt(document, 'python', key, index)),
      ];
      return leaves.flatMap((leaf) =>
        typeof leaf?.value === 'string'
          ? [{ name: `--${key.replaceAll('_', '-')}`, value: leaf.value, range: leaf.innerRange }]
          : [],
      );
    }),
  );
}

/** `index-strategy` of uv in a `pyproject.toml`. */
function uvOptions(text: ConfigSubject): Option[] {
  return [...documentsOf(text, 'pyproject')].flatMap((document) =>
    [
      ['tool', 'uv'],
      ['tool', 'uv', 'pip'],
    ].flatMap((path) => {
      const leaf = leafAt(document, ...path, 'index-strategy');
      return typeof leaf?.value === 'string'
        ? [{ name: '--index-strategy', value: leaf.value, range: leaf.innerRange }]
        : [];
    }),
  );
}

function isExact(specifier: string): boolean {
  return /^===?[^*,]+$/.test(specifier.trim()) || isDynamicText(specifier);
}

function checkAddress(url: string, range: TextRange, report: (report: Report) => void): void {
  if (!/^(?:git|hg|svn|bzr)\+/.test(url) || isDynamicText(url)) return;
  const revision = revisionOf(url);
  if (isCommit(revision)) return;
  report({
    message: `Installs a repository as it stands at the time (${revision === undefined ? 'no revision is named' : /^[0-9a-f]{7,39}$/.test(revision) ? `${quoted(revision)} is no full commit, and can come to mean another one` : `${quoted(revision)} can be moved`}). Put the full commit behind an @.`,
    severity: 'warning',
    location: placeOf(range),
    evidence: { address: url.replace(/\/\/[^@/]*@/, '//'), revision: revision ?? null },
  });
}

/** Repositories that a project names: `lib @ git+https://...`, and tables of Poetry and uv. A lock file may hold their commits. */
function checkProject(text: ConfigSubject, report: (report: Report) => void): void {
  const say = (range: TextRange, revision: string | undefined): void =>
    report({
      message: `Depends on a repository as it stands at the time (${revision === undefined ? 'no revision is named' : `${quoted(revision)} can be moved`}) wherever the lock file is not used. Name the full commit as its rev.`,
      severity: 'info',
      location: placeOf(range),
      evidence: { revision: revision ?? null },
    });
  for (const document of documentsOf(text, 'pyproject')) {
    for (const { node } of mappingsIn(document)) {
      const repository = leafAt(node, 'git');
      if (typeof repository?.value !== 'string' || !/^(?:https?:\/\/|ssh:\/\/|git@)/.test(repository.value)) continue;
      const names = ['rev', 'tag', 'branch'].map((key) => leafAt(node, key)?.value);
      const revision = names.find((value): value is string => typeof value === 'string');
      if (!isCommit(revision)) say(repository.range, revision);
    }
  }
  for (const { path, value, innerRange } of text.scalars) {
    if (path[0] !== 'project' && path[0] !== 'dependency-groups') continue;
    const address = typeof value === 'string' ? /\s@\s*(git\+\S+)/.exec(value)?.[1] : undefined;
    if (address === undefined || isDynamicText(address)) continue;
    const revision = revisionOf(address);
    if (!isCommit(revision)) say(innerRange, revision);
  }
}

function revisionOf(address: string): string | undefined {
  return /@([^@/#]+)(?:#.*)?$/.exec(address.replace(/^\w+\+(?:ssh:\/\/)?[^/]*@/, ''))?.[1];
}

function checkOption(name: string, value: string, range: TextRange, report: (report: Report) => void): void {
  // PyTorch's own index holds other builds of the same packages, and is meant to stand beside the first one.
  if (
    name === '--extra-index-url' &&
    !/^https:\/\/(?:download\.pytorch\.org|pypi\.nvidia\.com|pypi\.ngc\.nvidia\.com)\//.test(value)
  ) {
    report({
      message:
        'Asks a second index, and the highest version of either wins: whoever registers the name on the public one is installed. Use one index (--index-url) that holds both.',
      severity: 'warning',
      location: placeOf(range),
      evidence: { option: name },
    });
  }
  if (name === '--index-strategy' && value.startsWith('unsafe-')) {
    report({
      message: `Takes a package from any of the indexes (\`${value}\`): whoever registers the name on the public one is installed. Leave the strategy as it is (first-index).`,
      severity: 'warning',
      location: placeOf(range),
      evidence: { option: name },
    });
  }
  if (
    name === '--trusted-host' &&
    !/^(?:localhost|127\.|\[?::1)/.test(value) &&
    value !== '' &&
    !isDynamicText(value)
  ) {
    report({
      message: `Installs from ${quoted(value)} without checking its certificate: whoever is on the way decides what is installed. Give the index a certificate (--cert names an authority of your own).`,
      severity: 'error',
      location: placeOf(range),
      evidence: { option: name, host: value },
    });
  }
}
