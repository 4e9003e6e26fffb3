import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inWords } from '../scripts/localisation.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const read = (file: string): unknown => JSON.parse(readFileSync(path.join(root, file), 'utf8')) as unknown;

interface Manifest {
  contributes: {
    commands: { command: string; title: string; category?: string; enablement?: string }[];
    menus: Record<string, { command: string }[]>;
    customEditors: { viewType: string }[];
    grammars: { path: string; scopeName: string }[];
    languages: { configuration?: string }[];
    views: Record<string, { id: string }[]>;
    viewsWelcome: { view: string; contents: string; when: string }[];
    languageModelTools: { name: string; when: string }[];
    yamlValidation: { url: string }[];
    walkthroughs: {
      steps: { id: string; description: string; completionEvents: string[]; media: { markdown: string } }[];
    }[];
    configuration: { properties: Record<string, { markdownDescription?: string; default?: unknown }> };
  };
  capabilities: { untrustedWorkspaces: { restrictedConfigurations: string[] } };
}

const words = read('package.nls.json') as Record<string, string>;
const { contributes, capabilities } = inWords(read('package.json') as Manifest, words);

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

  it('has words and a next step for every view that is empty, with a folder and without', () => {
    const commands = new Set(contributes.commands.map(({ command }) => command));
    for (const { id } of Object.values(contributes.views).flat()) {
      const welcomes = contributes.viewsWelcome.filter(({ view }) => view === id);
      assert.deepEqual(
        welcomes.map(({ when }) => when).sort(),
        ['workspaceFolderCount == 0', 'workspaceFolderCount > 0'],
        id,
      );
      for (const { contents } of welcomes) {
        const [, command = ''] = /\(command:([\w.]+)\)/.exec(contents) ?? [];
        assert.ok(commands.has(command) || command === 'vscode.openFolder', contents);
      }
    }
  });

  it('shows assistants no file before the workspace is trusted, and nothing where the settings say so', () => {
    for (const { name, when } of contributes.languageModelTools) {
      assert.match(when, /config\.weighbridge\.assistants == 'tools'/, name);
      assert.equal(when.includes('isWorkspaceTrusted'), name !== 'weighbridge_explain_rule', name);
    }
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
