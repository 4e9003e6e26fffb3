// The component for GitLab as it stands: its inputs filled in as GitLab does, its script by sh, with the command that `npm pack` makes.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { parseAllDocuments, stringify } from 'yaml';
import { dangerousPickle, harmlessPickle, makeWorkspace } from '../../server/engine/workspace.fixture.ts';
import { pythonWithPackages } from '../interop/python.ts';
import { pack, repository } from './packed.ts';

type Variable = string | { value: string; expand: boolean };
interface Header {
  spec: { inputs: Record<string, { default?: string; options?: string[] }> };
}
interface Scan {
  variables: Record<string, Variable>;
  before_script: string[];
  script: string[];
  artifacts: { paths: string[]; reports: { codequality: string } };
}

const documents = parseAllDocuments(readFileSync(path.join(repository, 'templates/scan.yml'), 'utf8'));
const [header, body] = documents.map((document) => document.toJS() as unknown);

/** The job with its inputs; a text in YAML may hold any number of them. */
function component(inputs: Record<string, string>): { 'weighbridge-scan': Scan } {
  const known = (header as Header).spec.inputs;
  const fill = (value: unknown): unknown => {
    if (typeof value === 'string') {
      return value.replace(/\$\[\[ inputs\.([\w-]+) \]\]/g, (_whole, name: string) => {
        const given = inputs[name] ?? known[name]?.default;
        assert.ok(given !== undefined, `there is no input ${name}`);
        return given;
      });
    }
    if (Array.isArray(value)) return value.map(fill);
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, fill(inner)]));
    }
    return value;
  };
  return fill(body) as { 'weighbridge-scan': Scan };
}

describe('the component for GitLab', () => {
  let scratch = '';
  let archive = '';
  before(() => {
    scratch = mkdtempSync(path.join(tmpdir(), 'weighbridge-gitlab-'));
    archive = pack(scratch);
  });
  after(() => rmSync(scratch, { recursive: true, force: true }));

  function run(cwd: string, inputs: Record<string, string>) {
    const job = component({ package: archive, ...inputs })['weighbridge-scan'];
    const variables = Object.fromEntries(
      Object.entries(job.variables).map(([name, variable]) => {
        if (typeof variable === 'string') return [name, variable];
        assert.equal(variable.expand, false);
        return [name, variable.value];
      }),
    );
    const { status, stdout, stderr } = spawnSync('sh', ['-ec', [...job.before_script, ...job.script].join('\n')], {
      cwd,
      env: { ...process.env, ...variables, CI: 'true' },
      encoding: 'utf8',
    });
    return { code: status, log: `${stdout}${stderr}`, job };
  }

  const workspace = (context: TestContext) =>
    makeWorkspace(context, {
      'bad.pkl': dangerousPickle,
      'fine.pkl': harmlessPickle,
      '.npmrc': 'registry=http://127.0.0.1:9/\n',
    });

  it('leaves its reports where the job says that they are', (context) => {
    const { root, path: at } = workspace(context);
    const { code, log, job } = run(root, {});
    assert.equal(code, 1, log);
    assert.match(log, /bad\.pkl\n {2}error/);
    const issues = JSON.parse(readFileSync(at(job.artifacts.reports.codequality), 'utf8')) as { severity: string }[];
    assert.ok(issues.some(({ severity }) => severity === 'critical'));
    assert.match(readFileSync(at(job.artifacts.paths[0] ?? ''), 'utf8'), /"version": ?"2\.1\.0"/);
  });

  it('passes on what is configured, and takes no input for code or for an option', (context) => {
    const { root, path: at } = workspace(context);
    const mark = '$(touch ran)`touch ran`';
    const fine = run(root, { paths: 'fine.pkl', sarif: `out/${mark}.sarif`, 'fail-on': 'error' });
    assert.equal(fine.code, 0, fine.log);
    assert.ok(existsSync(at(`out/${mark}.sarif`)));
    assert.equal(run(root, { paths: 'fine.pkl', 'fail-on': 'info' }).code, 1);
    const marks = [mark, '"; touch ran; "', '--help', 'PATHS', "'"];
    const odd = run(root, { paths: ['fine.pkl', ...marks].join('\n') });
    assert.equal(odd.code, 2, odd.log);
    for (const each of marks) assert.ok(odd.log.includes(`cannot read ${each}`), `${each}: ${odd.log}`);
    assert.equal(run(root, { config: mark, baseline: mark }).code, 2);
    assert.notEqual(run(root, { package: `/none/${mark}` }).code, 0);
    assert.ok(!existsSync(at('ran')));
  });

  it('is what GitLab takes, by its schema, and so are the examples', async () => {
    const python = await pythonWithPackages('venv-deploy');
    const file = path.join(scratch, 'component.yml');
    writeFileSync(file, stringify(component({})));
    const examples = ['docs/ci/gitlab-ci.yml'].map((name) => path.join(repository, name));
    const check = (files: string[]) =>
      promisify(execFile)(path.join(path.dirname(python), 'check-jsonschema'), [
        '--builtin-schema',
        'vendor.gitlab-ci',
        ...files,
      ]);
    await check([file, ...examples]);
    // It would tell.
    writeFileSync(file, stringify(component({})).replace('codequality:', 'codequantity:'));
    await assert.rejects(check([file]), ({ stdout }: { stdout: string }) => stdout.includes('codequantity'));
  });
});
