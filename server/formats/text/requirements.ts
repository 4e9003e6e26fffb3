import type { PythonRequirement, RequirementsOption } from './facts.ts';
import { LineIndex, type Places } from './lineIndex.ts';
import { textLimits, type RequirementsText, type TextProblem } from './parse.ts';

/**
 * What a requirements file, a constraints file or a lock file (`poetry.lock`, `uv.lock`, `pdm.lock`, `pylock.toml`, `Pipfile.lock`)
 * asks for. Sources: pip's documentation, "Requirements File Format"; PEP 508; PEP 751.
 */
export function parseRequirements(text: string): RequirementsText {
  const lines = new LineIndex(text);
  const problems: TextProblem[] = [];
  const found: RequirementsText = { language: 'requirements', requirements: [], options: [], problems };
  for (const each of entriesOf(text, lines)) {
    if (found.requirements.length + found.options.length >= textLimits.facts) {
      const message = `there are more than ${textLimits.facts} requirements`;
      problems.push({ code: 'limit-facts', line: each.range.line, message });
      break;
    }
    if ('specifier' in each) found.requirements.push(each);
    else found.options.push(each);
  }
  return found;
}

/** One after another, so that nothing is read behind what is kept. */
function entriesOf(text: string, lines: LineIndex): Iterable<PythonRequirement | RequirementsOption> {
  if (/^\s*\{/.test(text)) return pipfileLock(text, lines);
  return /^\[\[packages?\]\]/m.test(text) ? tomlLock(text, lines) : requirementLines(text, lines);
}

function* requirementLines(text: string, lines: LineIndex): Generator<PythonRequirement | RequirementsOption> {
  // A logical line goes on behind a backslash; a comment begins the line or follows a blank.
  for (const match of text.matchAll(/(?:[^\\\r\n]|\\(?:\r\n|[\s\S])?)+/g)) {
    const written = match[0];
    const comment = /(?:^|\s)#/.exec(written)?.index ?? written.length;
    const lead = written.length - written.trimStart().length;
    const bare = written.slice(lead, comment).trimEnd();
    if (bare === '') continue;
    const start = match.index + lead;
    if (bare.startsWith('-') && !/^(?:-e|--editable)[\s=]/.test(bare)) {
      for (const option of bare.matchAll(/(--?[\w-]+)(?:[=\s]+([^\s-]\S*))?/g)) {
        const range = lines.range(start + option.index, start + option.index + option[0].length);
        yield { name: option[1] ?? '', value: option[2] ?? '', range };
      }
      continue;
    }
    const editable = /^(?:-e|--editable)[\s=]+/.exec(bare)?.[0].length ?? 0;
    const requirement = parseRequirement(bare.slice(editable), start + editable, lines);
    if (requirement) yield requirement;
  }
}

const distribution = /^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(\[[^\]]*\])?\s*/;

/**
 * A requirement as PEP 508 and pip write it.
 * @param start where it stands in the file.
 */
export function parseRequirement(written: string, start: number, lines: Places): PythonRequirement | null {
  const hashed = /--hash[=\s]/.test(written);
  // Hashes, other options of pip and continuations follow; a marker follows a semicolon.
  const bare = (/^[\s\S]*?(?=\s+--|\s*\\\s|$)/.exec(written)?.[0] ?? written).trimEnd();
  const place = (from: number, to: number) => lines.range(start + from, start + to);
  const url = /^(?:(?:git|hg|svn|bzr)\+|https?:\/\/|file:|s3:\/\/|\.{0,2}\/)\S+/.exec(bare);
  if (url) {
    const name = /#egg=([\w.-]+)/.exec(bare)?.[1] ?? '';
    const all = place(0, url[0].length);
    return {
      name,
      nameRange: all,
      range: all,
      specifier: '',
      specifierRange: null,
      url: url[0],
      hashed: hashed || /#sha256=/.test(url[0]),
      source: 'requirement',
    };
  }
  const named = distribution.exec(bare);
  if (!named) return null;
  const name = named[1] ?? '';
  const nameRange = place(0, name.length);
  const rest = bare.slice(named[0].length);
  const direct = /^@\s*(\S+)/.exec(rest);
  if (direct) {
    const range = place(0, named[0].length + direct[0].length);
    const address = direct[1] ?? '';
    const isHashed = hashed || /#sha256=/.test(address);
    return {
      name,
      nameRange,
      range,
      specifier: '',
      specifierRange: null,
      url: address,
      hashed: isHashed,
      source: 'requirement',
    };
  }
  const marker = rest.indexOf(';');
  const specifier = (marker < 0 ? rest : rest.slice(0, marker)).replace(/^\(|\)\s*$/g, '').trim();
  if (
    specifier !== '' &&
    !/^(?:===?|~=|!=|<=?|>=?)\s*[\w.*+!-]+(?:\s*,\s*(?:===?|~=|!=|<=?|>=?)\s*[\w.*+!-]+)*,?$/.test(specifier)
  )
    return null;
  const from = named[0].length + rest.indexOf(specifier);
  const end = specifier === '' ? (named[2] ? named[0].trimEnd().length : name.length) : from + specifier.length;
  return {
    name,
    nameRange,
    range: place(0, end),
    specifier,
    specifierRange: specifier === '' ? null : place(from, end),
    url: null,
    hashed,
    source: 'requirement',
  };
}

/** The name that an index knows a distribution by (PEP 503): `Torch_Vision` is `torch-vision`. */
export function canonicalName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

/** Each `[[package]]` table's name and version; the tables are written by machines, one key a line. */
function* tomlLock(text: string, lines: LineIndex): Generator<PythonRequirement> {
  const heads = /^\[\[packages?\]\][^\n]*$/gm;
  for (let table = heads.exec(text); table;) {
    const from = table.index;
    table = heads.exec(text);
    const whole = text.slice(from, table?.index ?? text.length);
    // Sub-tables of the package follow its own keys.
    const own = whole.slice(0, /\n\[(?!\[packages?\]\])/.exec(whole)?.index ?? whole.length);
    const name = /^name\s*=\s*"([^"\n]*)"/m.exec(own);
    const version = /^version\s*=\s*"([^"\n]*)"/m.exec(own);
    const git = /^(?:url|git)\s*=\s*"([^"\n]*)"|source\s*=\s*\{\s*(?:git|url)\s*=\s*"([^"\n]*)"/m.exec(whole);
    const hashed = /hash\s*=\s*"sha|hashes\s*=/.test(whole);
    if (name && version) yield locked(name, version, from, lines, hashed, git?.[1] ?? git?.[2] ?? null);
  }
}

function locked(
  name: RegExpExecArray,
  version: RegExpExecArray,
  from: number,
  lines: LineIndex,
  hashed: boolean,
  url: string | null,
): PythonRequirement {
  const nameStart = from + name.index + name[0].lastIndexOf(name[1] ?? '');
  const nameRange = lines.range(nameStart, nameStart + (name[1] ?? '').length);
  const start = from + version.index + version[0].lastIndexOf(version[1] ?? '');
  const specifierRange = lines.range(start, start + (version[1] ?? '').length);
  return {
    name: name[1] ?? '',
    nameRange,
    range: specifierRange,
    specifier: `==${version[1] ?? ''}`,
    specifierRange,
    url,
    hashed,
    source: 'locked',
  };
}

function* pipfileLock(text: string, lines: LineIndex): Generator<PythonRequirement> {
  for (const entry of text.matchAll(/"([A-Za-z0-9][\w.-]*)"\s*:\s*\{([^{}]*)\}/g)) {
    const version = /"version"\s*:\s*"(==([^"\n]*))"/.exec(entry[2] ?? '');
    if (!version) continue;
    const nameStart = entry.index + 1;
    const nameRange = lines.range(nameStart, nameStart + (entry[1] ?? '').length);
    const inside = entry.index + entry[0].indexOf(entry[2] ?? '') + version.index;
    const start = inside + version[0].lastIndexOf(version[1] ?? '');
    const range = lines.range(start, start + (version[1] ?? '').length);
    yield {
      name: entry[1] ?? '',
      nameRange,
      range,
      specifier: version[1] ?? '',
      specifierRange: range,
      url: null,
      hashed: /"hashes"/.test(entry[2] ?? ''),
      source: 'locked',
    };
  }
}

/** `torch=2.1.0`, `conda-forge::numpy>=1.26`, as the `dependencies` of a conda environment write them. */
export function parseCondaRequirement(written: string, start: number, lines: Places): PythonRequirement | null {
  const match = /^(?:[\w./-]+::)?([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*((?:[=<>!~]=?|=)[^\s=]*)?(?:=[^\s]*)?/.exec(
    written,
  );
  if (!match) return null;
  const name = match[1] ?? '';
  const at = match[0].indexOf(name, match[0].includes('::') ? match[0].indexOf('::') : 0);
  const specifier = match[2] ?? '';
  const from = specifier === '' ? 0 : match[0].indexOf(specifier, at + name.length);
  return {
    name,
    nameRange: lines.range(start + at, start + at + name.length),
    range: lines.range(start + at, start + (specifier === '' ? at + name.length : from + specifier.length)),
    // One `=` means "this version, with whatever follows".
    specifier: /^=[^=]/.test(specifier) ? `==${specifier.slice(1)}.*` : specifier,
    specifierRange: specifier === '' ? null : lines.range(start + from, start + from + specifier.length),
    url: null,
    hashed: false,
    source: 'conda',
  };
}
