import assert from 'node:assert/strict';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { weighbridge } from '../cli/weighbridge.ts';
import { pythonWithPackages } from '../interop/python.ts';
import { answers, freePort } from './localService.ts';
import { expected, foundIn, modelFiles, scanned, writeModel } from './remoteModel.ts';

/** Registers a folder as a model, as a training job does. */
const register = `
import sys, mlflow
from mlflow import MlflowClient
client = MlflowClient()
run = client.create_run(client.create_experiment("churn"))
client.log_artifacts(run.info.run_id, sys.argv[1], "model")
client.create_registered_model("churn model")
source = f"{run.info.artifact_uri}/model"
version = client.create_model_version("churn model", source, run.info.run_id)
client.set_registered_model_alias("churn model", "champion", version.version)
print(source)
`;

describe('a registered model of an MLflow server', { timeout: 600_000 }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-mlflow-'));
  let server: ChildProcess;
  let environment: NodeJS.ProcessEnv;

  before(async () => {
    const python = await pythonWithPackages('venv-mlflow');
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    environment = { MLFLOW_TRACKING_URI: url, HOME: folder };
    const inFolder = {
      cwd: folder,
      env: {
        ...process.env,
        ...environment,
        MLFLOW_DISABLE_TELEMETRY: 'true',
        MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
      },
    };
    server = spawn(
      python,
      [
        '-m',
        'mlflow',
        'server',
        '--host',
        '127.0.0.1',
        '--port',
        String(port),
        '--workers',
        '1',
        '--backend-store-uri',
        'sqlite:///mlflow.db',
        '--artifacts-destination',
        path.join(folder, 'artifacts'),
      ],
      { ...inFolder, stdio: 'ignore', detached: true },
    );
    await answers(`${url}/health`, (status) => status === 200);
    writeModel(path.join(folder, 'trained'));
    const { stdout } = await promisify(execFile)(python, ['-c', register, path.join(folder, 'trained')], inFolder);
    assert.match(stdout, /^mlflow-artifacts:/m);
  });

  after(() => {
    // The server starts workers: the whole group ends.
    if (server.pid !== undefined) process.kill(-server.pid, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('is judged by name and version, and by alias', async () => {
    for (const address of ['models:/churn%20model/1', 'models:/churn model@champion']) {
      const { code, stderr, report } = await scanned(folder, address, environment);
      assert.equal(code, 1, stderr);
      assert.equal(report.sources[0]?.name, 'models:/churn model/1');
      assert.equal(report.sources[0]?.files, Object.keys(modelFiles).length);
      // The server itself takes `%41` in a name for `A`.
      assert.deepEqual(
        foundIn(report),
        expected.map((each) => each.replace('%41', 'A')),
      );
      assert.deepEqual(report.errors, []);
    }
  });

  it('is inspected by one file, and what is not there is told', async () => {
    const one = 'models:/churn model/1/weights/pytorch_model.bin';
    const inspected = await weighbridge(folder, ['inspect', one], environment);
    assert.equal(inspected.code, 0, inspected.stderr);
    assert.match(inspected.stdout, /^models:\/churn model\/1\/weights\/pytorch_model\.bin: torch-zip/);
    const cases: [string, NodeJS.ProcessEnv, RegExp][] = [
      ['models:/churn model/7', environment, /does not have it \(404\)/],
      ['models:/churn model/1', { ...environment, MLFLOW_TRACKING_URI: '' }, /models:\/ needs MLFLOW_TRACKING_URI/],
      [
        'models:/churn model/1',
        { ...environment, MLFLOW_TRACKING_URI: 'sqlite:///x' },
        /of the kind sqlite: are not read/,
      ],
    ];
    for (const [address, env, told] of cases) {
      const { code, stderr } = await weighbridge(folder, ['scan', address], env);
      assert.equal(code, 2);
      assert.match(stderr, told);
    }
  });
});
