import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const read = (file: string): unknown => JSON.parse(readFileSync(path.join(root, file), 'utf8')) as unknown;

interface Manifest {
  contributes: {
    commands: { command: string; title: string; category?: string; enablement?: string }[];
    menus: Record<string, { command: string }[]>;
    customEditors: { viewType: string }[];
    grammars: { path: string; scopeName: string }[];
    languages: { configuration?: string }[];
    yamlValidation: { url: string }[];
    walkthroughs: {
      steps: { id: string; description: string; completionEvents: string[]; media: { markdown: string } }[];
    }[];
    configuration: { properties: Record<string, { markdownDescription?: string; default?: unknown }> };
  };
  capabilities: { untrustedWorkspaces: { restrictedConfigurations: string[] } };
}

interface Pattern {
  match?: string;
  begin?: string;
  end?: string;
  name?: string;
  patterns?: Pattern[];
}

const { contributes, capabilities } = read('package.json') as Manifest;

describe('the manifest', () => {
  it('describes every command and setting', () => {
    for (const { command, category, title } of contributes.commands) {
      assert.equal(category, 'Weighbridge', command);
      assert.ok(title.length > 0, command);
    }
    for (const [name, setting] of Object.entries(contributes.configuration.properties)) {
      assert.ok(setting.markdownDescription, name);
      assert.notEqual(setting.default, undefined, name);
    }
  });

  it('names nothing that is not there', () => {
    const commands = new Set(contributes.commands.map(({ command }) => command));
    for (const { command } of Object.values(contributes.menus).flat()) assert.ok(commands.has(command), command);
    for (const setting of capabilities.untrustedWorkspaces.restrictedConfigurations) {
      assert.ok(setting in contributes.configuration.properties, setting);
    }
    const steps = contributes.walkthroughs.flatMap((walkthrough) => walkthrough.steps);
    for (const { id, description, completionEvents } of steps) {
      const named = [...description.matchAll(/\(command:([\w.]+)\)/g)].map(([, command = '']) => command);
      const awaited = completionEvents.flatMap((event) => /^onCommand:(.+)$/.exec(event)?.[1] ?? []);
      assert.ok(named.length > 0 && awaited.length > 0, id);
      for (const command of [...named, ...awaited]) assert.ok(commands.has(command), `${id}: ${command}`);
    }
    const files = [
      ...contributes.grammars.map((grammar) => grammar.path),
      ...contributes.languages.flatMap(({ configuration }) => configuration ?? []),
      ...contributes.yamlValidation.map(({ url }) => url),
      ...steps.map(({ media }) => media.markdown),
    ];
    for (const file of files) assert.ok(existsSync(path.join(root, file)), file);
  });

  it('asks for trust before anything that writes', () => {
    const writing = ['convert', 'convertAll', 'acceptFinding', 'changeSeverity', 'signModel'];
    for (const name of [
      ...writing,
      'generateAibom',
      'updateAibom',
      'fillAibom',
      'openSideFile',
      'exportClean',
      'redactColumn',
      'markRecord',
      'scanBackdoors',
      'testRobustness',
      'compareBehaviour',
    ]) {
      const command = contributes.commands.find(({ command }) => command === `weighbridge.${name}`);
      assert.equal(command?.enablement, 'isWorkspaceTrusted', name);
    }
  });
});

describe('the grammars', () => {
  it('have patterns that compile', () => {
    for (const { path: file, scopeName } of contributes.grammars) {
      const grammar = read(file) as Pattern & { scopeName: string; repository?: Record<string, Pattern> };
      assert.equal(grammar.scopeName, scopeName);
      for (const pattern of flatten([grammar, ...Object.values(grammar.repository ?? {})])) {
        for (const source of [pattern.match, pattern.begin, pattern.end]) {
          if (source !== undefined) assert.doesNotThrow(() => new RegExp(source), `${file}: ${source}`);
        }
      }
    }
  });

  it('tell a keyword, a rule and a string of Rego apart', () => {
    assert.deepEqual(scopesOf('syntaxes/rego.tmLanguage.json', 'deny contains "unsigned" if {'), [
      'keyword.control.rego',
      'string.quoted.double.rego',
    ]);
  });

  it('mark imports and calls of a pickle', () => {
    assert.deepEqual(scopesOf('syntaxes/pickle.tmLanguage.json', "BINUNICODE 'echo hi'"), [
      'string.quoted.single.weighbridge-pickle',
    ]);
    const [first] = (read('syntaxes/pickle.tmLanguage.json') as { patterns: Pattern[] }).patterns.slice(1);
    const match = new RegExp(first?.match ?? '').exec('  ▶ 41: GLOBAL os system');
    assert.deepEqual(match?.slice(5), ['GLOBAL', 'os', 'system']);
  });
});

/** Scopes of a line that a highlighter would certainly give, by the named one-line patterns alone. */
function scopesOf(file: string, line: string): string[] {
  const grammar = read(file) as Pattern & { repository?: Record<string, Pattern> };
  const wanted = /^(keyword\.control|string)/;
  return flatten([grammar, ...Object.values(grammar.repository ?? {})])
    .filter((pattern) => wanted.test(pattern.name ?? ''))
    .filter(({ match, begin }) => new RegExp(match ?? begin ?? '(?!)').test(line))
    .map(({ name }) => name ?? '')
    .filter((name, index, all) => all.indexOf(name) === index);
}

function flatten(patterns: Pattern[]): Pattern[] {
  return patterns.flatMap((pattern) => [pattern, ...flatten(pattern.patterns ?? [])]);
}
