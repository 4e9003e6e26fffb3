// The example for Jenkins: parsed as Groovy, held to the sections that a declarative pipeline may have, and its shell steps run. Jenkins
// itself, which is no package of a registry, does not run here.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Language, Parser, type Node } from 'web-tree-sitter';
import { dangerousPickle, harmlessPickle, makeWorkspace } from '../../server/engine/workspace.fixture.ts';
import { npmPackages } from '../interop/npmPackages.ts';
import { pack, repository } from './packed.ts';

/** jenkins.io/doc/book/pipeline/syntax: what may stand in each block. */
const sections: Record<string, readonly string[]> = {
  pipeline: ['agent', 'options', 'parameters', 'environment', 'stages', 'post', 'tools', 'triggers', 'libraries'],
  stages: ['stage'],
  stage: ['agent', 'steps', 'when', 'environment', 'options', 'post', 'tools', 'input'],
  post: ['always', 'success', 'failure', 'unstable', 'changed', 'cleanup'],
};

describe('the example for Jenkins', () => {
  let scratch = '';
  let archive = '';
  let parser: Parser;
  const text = readFileSync(path.join(repository, 'deploy/jenkins/Jenkinsfile'), 'utf8');

  before(async () => {
    scratch = mkdtempSync(path.join(tmpdir(), 'weighbridge-jenkins-'));
    archive = pack(scratch);
    const at = await npmPackages('groovy-grammar', { 'tree-sitter-groovy': '0.1.2' });
    await Parser.init();
    parser = new Parser();
    parser.setLanguage(await Language.load(path.join(at('tree-sitter-groovy'), 'tree-sitter-groovy.wasm')));
  });
  after(() => rmSync(scratch, { recursive: true, force: true }));

  function parse(groovy: string): Node {
    const tree = parser.parse(groovy);
    assert.ok(tree);
    return tree.rootNode;
  }

  /** Names of blocks and calls that stand in a block of others, as `stage/steps`. */
  function misplaced(node: Node, block = ''): string[] {
    return node.namedChildren.flatMap((child) => {
      if (!child) return [];
      const isCall = child.type === 'method_invocation' || child.type === 'juxt_function_call';
      const name = isCall ? (child.childForFieldName('name')?.text ?? '') : block;
      const wrong = isCall && sections[block] && !sections[block].includes(name) ? [`${block}/${name}`] : [];
      return [...wrong, ...misplaced(child, name)];
    });
  }

  it('is Groovy, and has the sections of a declarative pipeline', () => {
    const root = parse(text);
    assert.equal(root.hasError, false);
    assert.match(text.replace(/^(\/\/.*\n)+/, ''), /^pipeline \{/);
    assert.deepEqual(misplaced(root), []);
    // It would tell.
    assert.equal(parse(text.replace('stages {', 'stages {{')).hasError, true);
    assert.deepEqual(misplaced(parse(text.replace('steps {', 'step {'))), ['stage/step']);
  });

  it('scans by its shell steps, which take parameters as they stand', (context) => {
    const scripts = parse(text)
      .descendantsOfType('juxt_function_call')
      .flatMap((call) =>
        call?.childForFieldName('name')?.text === 'sh' ? [call.childForFieldName('args')?.text ?? ''] : [],
      );
    assert.equal(scripts.length, 2);
    const { root, path: at } = makeWorkspace(context, { 'bad.pkl': dangerousPickle, 'fine.pkl': harmlessPickle });
    /** As Jenkins starts it: a shell that shows what it does, and ends at the first failure. */
    const build = (paths: string, failOn = 'error') => {
      for (const script of scripts) {
        // In Groovy, what stands between three single quotes is text as it is, but for backslashes.
        const [, body = ''] = /^'''([^\\]*)'''$/.exec(script) ?? [];
        assert.notEqual(body, '');
        const { status, stdout, stderr } = spawnSync('sh', ['-xec', body], {
          cwd: root,
          env: {
            ...process.env,
            WEIGHBRIDGE_PACKAGE: archive,
            WEIGHBRIDGE_PATHS: paths,
            WEIGHBRIDGE_FAIL_ON: failOn,
            WORKSPACE_TMP: path.join(scratch, 'tmp'),
          },
          encoding: 'utf8',
        });
        if (status !== 0) return { code: status, log: `${stdout}${stderr}` };
      }
      return { code: 0, log: '' };
    };
    const bad = build('.');
    assert.equal(bad.code, 1, bad.log);
    assert.match(bad.log, /bad\.pkl\n {2}error/);
    assert.match(readFileSync(at('weighbridge.sarif'), 'utf8'), /"version": ?"2\.1\.0"/);
    assert.equal(build('fine.pkl').code, 0);
    const odd = build('fine.pkl\n$(touch ran)\n--help');
    assert.equal(odd.code, 2, odd.log);
    assert.match(odd.log, /cannot read \$\(touch ran\)/);
    assert.throws(() => readFileSync(at('ran')));
  });
});
