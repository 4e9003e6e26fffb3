import assert from 'node:assert/strict';
import { test } from 'node:test';
import { declaredRequirements } from './declaredRequirements.ts';

function declared(path: string, text: string): [string, string][] {
  const lines = text.split('\n');
  return declaredRequirements(path, text).map(({ name, specifier, nameRange }) => {
    const written = (lines[nameRange.line - 1] ?? '').slice(nameRange.column - 1, nameRange.endColumn - 1);
    assert.equal(written, name, 'the place of the name');
    return [name, specifier];
  });
}

test('pyproject.toml: PEP 621, dependency groups and Poetry', () => {
  const text = `[project]
name = "x"
dependencies = [
  "torch>=2.6", # why
  "transformers[torch]==4.50.0",
]
keywords = ["numpy"]
[project.optional-dependencies]
dev = ["pytest"]
[dependency-groups]
lint = ["ruff>=0.5"]
[tool.poetry.dependencies]
python = "^3.11"
numpy = "^1.26"
pandas = {version = "~2.1", optional = true}
scipy = "*"
[tool.other]
torch = "1"
`;
  assert.deepEqual(declared('a/pyproject.toml', text), [
    ['torch', '>=2.6'],
    ['transformers', '==4.50.0'],
    ['pytest', ''],
    ['ruff', '>=0.5'],
    ['numpy', '>=1.26,<2'],
    ['pandas', '>=2.1,<2.2'],
    ['scipy', ''],
  ]);
});

test('a conda environment: channels, one equals sign, and what pip installs', () => {
  const text = `name: x
channels:
  - conda-forge
  - http://channels.example.org/own
dependencies:
  - python=3.11
  - conda-forge::numpy>=1.26
  - pytorch=2.1.0=py3.11_cuda
  - pip
  - pip:
      - torchmetrics==1.0
      - "einops"
`;
  assert.deepEqual(declared('environment.yml', text), [
    ['python', '==3.11.*'],
    ['numpy', '>=1.26'],
    ['pytorch', '==2.1.0.*'],
    ['pip', ''],
    ['torchmetrics', '==1.0'],
    ['einops', ''],
  ]);
});
