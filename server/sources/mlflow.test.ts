import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { Traffic } from './http/exchange.ts';
import { listModelVersion } from './mlflow.ts';
import { standIn } from './standIn.fixture.ts';

type Answers = Record<string, unknown>;

async function listed(context: TestContext, answers: Answers, environment: NodeJS.ProcessEnv = {}) {
  const { origin, asked } = await standIn(context, (request, response) => {
    const answer = answers[decodeURIComponent((request.url ?? '').replace('/api/2.0/', ''))];
    if (answer === undefined) response.writeHead(404).end();
    else response.end(JSON.stringify(answer));
  });
  const setting = {
    traffic: new Traffic(),
    signal: new AbortController().signal,
    environment: { MLFLOW_TRACKING_URI: origin, ...environment },
  };
  const address = { kind: 'mlflow', model: 'churn', version: 'champion', isAlias: true, path: '' } as const;
  return { listing: listModelVersion(address, setting), asked, origin };
}

const aliased = {
  'mlflow/registered-models/alias?name=churn&alias=champion': { model_version: { version: '3' } },
  'mlflow/model-versions/get-download-uri?name=churn&version=3': { artifact_uri: 'models:/m-0a1b' },
};

test('an alias leads to a version, a version to a logged model, and that to its files', async (context) => {
  const { listing, asked } = await listed(
    context,
    {
      ...aliased,
      'mlflow/logged-models/m-0a1b': {
        model: { info: { artifact_uri: 'mlflow-artifacts:/1/models/m-0a1b/artifacts' } },
      },
      'mlflow-artifacts/artifacts?path=1/models/m-0a1b/artifacts': {
        files: [
          { path: 'MLmodel', is_dir: false, file_size: 12 },
          { path: 'data', is_dir: true },
          { path: '../../secret', is_dir: false, file_size: 1 },
        ],
      },
      'mlflow-artifacts/artifacts?path=1/models/m-0a1b/artifacts/data': {
        files: [{ path: 'model.pth', is_dir: false, file_size: '34' }],
      },
    },
    { MLFLOW_TRACKING_USERNAME: 'reader', MLFLOW_TRACKING_PASSWORD: 'pass' },
  );
  const { name, files, problems } = await listing;
  assert.equal(name, 'models:/churn/3');
  assert.deepEqual(
    files.map(({ path, size, url }) => [path, size, url.pathname]),
    [
      ['MLmodel', 12, '/api/2.0/mlflow-artifacts/artifacts/1/models/m-0a1b/artifacts/MLmodel'],
      ['data/model.pth', 34, '/api/2.0/mlflow-artifacts/artifacts/1/models/m-0a1b/artifacts/data/model.pth'],
    ],
  );
  assert.deepEqual(
    problems.map(({ path }) => path),
    ['../../secret'],
  );
  const basic = `Basic ${Buffer.from('reader:pass').toString('base64')}`;
  assert.ok(asked.every(({ authorization }) => authorization === basic));
});

for (const [uri, told] of [
  ['file:///srv/mlflow/1/model', /lies in a folder of the machine of the MLflow server/],
  ['/srv/mlflow/1/model', /lies in a folder of the machine of the MLflow server/],
  ['https://elsewhere.example/model', /lies in a store that is not known \(https:\)/],
] as const) {
  test(`a server that says that the model lies at ${uri} is not followed there`, async (context) => {
    const { listing } = await listed(context, {
      ...aliased,
      'mlflow/model-versions/get-download-uri?name=churn&version=3': { artifact_uri: uri },
    });
    await assert.rejects(listing, told);
  });
}
