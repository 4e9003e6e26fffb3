import type { PythonRequirement } from './facts.ts';
import { LineIndex } from './lineIndex.ts';
import { parseCondaRequirement, parseRequirement, parseRequirements } from './requirements.ts';

/** Files that say which Python distributions are installed, those first that leave the least open. */
export const requirementFileNames = [
  'uv.lock',
  'poetry.lock',
  'pdm.lock',
  'Pipfile.lock',
  'pylock.toml',
  'requirements.lock',
  'requirements.txt',
  'requirements.in',
  'pyproject.toml',
  'Pipfile',
  'environment.yml',
  'environment.yaml',
  'conda.yaml',
  'conda.yml',
] as const;

/**
 * The Python distributions that a file asks for: a requirements or lock file, `pyproject.toml`, `Pipfile`, a conda environment. It reads
 * line by line what tools and people write there, so that it serves where a syntax tree would cost too much.
 * @param path only its last part counts.
 */
export function declaredRequirements(path: string, text: string): PythonRequirement[] {
  const content = text.startsWith('\uFEFF') ? text.slice(1) : text;
  if (/(?:^|[\\/])(?:pyproject\.toml|pipfile)$/i.test(path)) return projectRequirements(content);
  if (/\.ya?ml$/i.test(path)) return condaRequirements(content);
  return parseRequirements(content).requirements;
}

/** Sections whose arrays hold requirements, and those whose keys are names. */
const listed = /^(?:project\.optional-dependencies|dependency-groups|build-system)$/;
const keyed = /^(?:tool\.(?:poetry|pixi)(?:\.[\w-]+)*\.?(?:[\w-]*dependencies)|packages|dev-packages)$/;

function projectRequirements(text: string): PythonRequirement[] {
  const lines = new LineIndex(text);
  const found: PythonRequirement[] = [];
  let section = '';
  let inArray = false;
  for (const { 0: line, index } of text.matchAll(/[^\r\n]+/g)) {
    const header = inArray ? null : /^\s*\[+\s*([^\]]+?)\s*\]+\s*(?:#.*)?$/.exec(line);
    if (header) {
      section = (header[1] ?? '').replaceAll(/["']/g, '');
      continue;
    }
    if (!inArray) {
      const key = /^\s*(["']?)([\w.-]+)\1\s*=\s*/.exec(line);
      if (!key) continue;
      const rest = line.slice(key[0].length);
      const opens = rest.startsWith('[');
      const isList =
        opens &&
        (listed.test(section) ||
          (section === 'project' && key[2] === 'dependencies') ||
          (section === 'build-system' && key[2] === 'requires') ||
          (section.startsWith('tool.') && /^(?:dev-)?dependencies$/.test(key[2] ?? '')));
      if (isList) inArray = true;
      else if (keyed.test(section) && key[2] !== 'python') {
        const requirement = poetryRequirement(key, rest, index, lines);
        if (requirement) found.push(requirement);
      }
    }
    if (!inArray) continue;
    for (const quoted of line.matchAll(/"([^"]*)"|'([^']*)'/g)) {
      const requirement = parseRequirement(quoted[1] ?? quoted[2] ?? '', index + quoted.index + 1, lines);
      if (requirement) found.push(requirement);
    }
    // The brackets of extras stand inside of the quotes.
    if (/\]/.test(line.replace(/"[^"]*"|'[^']*'|#.*/g, ''))) inArray = false;
  }
  return found;
}

function poetryRequirement(
  key: RegExpExecArray,
  rest: string,
  index: number,
  lines: LineIndex,
): PythonRequirement | null {
  const written = /^["']([^"'\n]*)["']/.exec(rest) ?? /version\s*=\s*["']([^"'\n]*)["']/.exec(rest);
  const name = key[2] ?? '';
  const nameStart = index + key[0].indexOf(name);
  const nameRange = lines.range(nameStart, nameStart + name.length);
  const git = /(?:git|url)\s*=\s*["']([^"'\n]*)["']/.exec(rest);
  if (!written && !git) return null;
  const value = written?.[1] ?? '';
  const start = index + key[0].length + (written ? written.index + written[0].lastIndexOf(value) : 0);
  const range = written ? lines.range(start, start + value.length) : nameRange;
  const rev = /rev\s*=\s*["']([^"'\n]*)["']/.exec(rest)?.[1];
  return {
    name,
    nameRange,
    range,
    specifier: caret(value),
    specifierRange: written ? range : null,
    url: git ? `git+${git[1] ?? ''}${rev === undefined ? '' : `@${rev}`}` : null,
    hashed: false,
    source: 'requirement',
  };
}

/** Poetry's `^1.2` and `~1.2`, and a bare `1.2`, as PEP 440 says it. */
function caret(value: string): string {
  const match = /^([\^~]?)\s*(\d+)(?:\.(\d+))?(.*)$/.exec(value);
  if (value === '*' || value === '') return '';
  if (!match) return value;
  const [, sign, major = '0', minor, rest = ''] = match;
  const version = `${major}${minor === undefined ? '' : `.${minor}`}${rest}`;
  if (sign === '') return /[,*]/.test(value) ? `==${value}` : `==${version}`;
  const upper =
    sign === '^' && major !== '0'
      ? `${Number(major) + 1}`
      : minor === undefined
        ? `${Number(major) + 1}`
        : `${major}.${Number(minor) + 1}`;
  return `>=${version},<${upper}`;
}

function condaRequirements(text: string): PythonRequirement[] {
  if (!/^dependencies\s*:/m.test(text)) return [];
  const lines = new LineIndex(text);
  const found: PythonRequirement[] = [];
  let pip = -1;
  let section = '';
  for (const { 0: line, index } of text.matchAll(/[^\r\n]+/g)) {
    section = /^([\w-]+)\s*:/.exec(line)?.[1] ?? section;
    // Channels are a list, too.
    if (section !== 'dependencies') continue;
    const item = /^(\s*)-\s+(["']?)([^"'#\n]+?)\2\s*(?:#.*)?$/.exec(line);
    if (!item) continue;
    const indent = (item[1] ?? '').length;
    const value = item[3] ?? '';
    if (/^pip\s*:$/.test(value)) {
      pip = indent;
      continue;
    }
    const start = index + line.indexOf(value, indent + 1);
    const isPip = pip >= 0 && indent > pip;
    if (!isPip) pip = -1;
    const requirement = isPip ? parseRequirement(value, start, lines) : parseCondaRequirement(value, start, lines);
    if (requirement) found.push(requirement);
  }
  return found;
}
