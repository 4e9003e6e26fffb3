import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeExample } from '../exampleFiles.fixture.ts';
import type { Finding } from '../finding.ts';
import { withChanges } from '../textEdits.fixture.ts';

const head = 'from fastapi import FastAPI\nfrom fastapi.middleware.cors import CORSMiddleware\napp = FastAPI()\n';
const flask = 'from flask import Flask\nfrom flask_cors import CORS, cross_origin\napp = Flask(__name__)\n';

async function told(text: string): Promise<Finding[]> {
  return (await judgeExample({ file: 'app.py', text })).filter(({ ruleId }) => ruleId === 'endpoint/cors-star');
}

async function severities(text: string): Promise<string[]> {
  return (await told(text)).map(({ severity }) => severity);
}

test('every origin with credentials is a warning, without them information', async () => {
  const add = (rest: string): string => `${head}app.add_middleware(CORSMiddleware, ${rest})\n`;
  assert.deepEqual(await severities(add('allow_origins=["*"], allow_credentials=True')), ['warning']);
  assert.deepEqual(await severities(add('allow_origins=["*"]')), ['info']);
  assert.deepEqual(await severities(add('allow_origins=["*"], allow_credentials=False')), ['info']);
  assert.deepEqual(await severities(add('allow_origin_regex="https?://.*", allow_credentials=True')), ['warning']);
  assert.deepEqual(await severities(add('allow_origins=origins, allow_credentials=True')), []);
  assert.deepEqual(await severities(add('allow_origins=["https://a.example.org"], allow_methods=["*"]')), []);
  assert.deepEqual(await severities(add('allow_origin_regex=r"https://.*\\.example\\.org"')), []);
});

test('the middleware in a list, around an app, and origins that stand elsewhere', async () => {
  const list = 'from starlette.middleware import Middleware\nM = [Middleware(CORSMiddleware, allow_origins=["*"])]\n';
  assert.deepEqual(await severities(head + list), ['info']);
  assert.deepEqual(await severities(`${head}app = CORSMiddleware(app, allow_origins=["*"])\n`), ['info']);
  const named = `${head}origins = [\n    "http://localhost",\n    "*",\n]\napp.add_middleware(CORSMiddleware, allow_origins=origins, allow_credentials=True)\n`;
  const [finding] = await told(named);
  assert.deepEqual([finding?.severity, finding?.location.line, finding?.location.column], ['warning', 6, 6]);
  const other = `${head}from starlette.middleware.gzip import GZipMiddleware\napp.add_middleware(GZipMiddleware, allow_origins=["*"])\n`;
  assert.deepEqual(await severities(other), []);
});

test('the change takes the credentials away, and information is left', async () => {
  const text = `${head}app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True)\n`;
  const [finding] = await told(text);
  const changed = withChanges(text, finding?.edits?.[0]?.changes ?? []);
  assert.ok(changed.includes('allow_credentials=False'));
  assert.deepEqual(await severities(changed), ['info']);
});

test('Flask-CORS lets every origin in unless it is told which', async () => {
  assert.deepEqual(await severities(`${flask}CORS(app)\n`), ['info']);
  assert.deepEqual(await severities(`${flask}CORS(app, supports_credentials=True, origins="*")\n`), ['warning']);
  assert.deepEqual(await severities(`${flask}CORS(app, supports_credentials=True)\n`), ['warning']);
  assert.deepEqual(await severities(`${flask}CORS(app, resources={r"/api/*": {"origins": "*"}})\n`), ['info']);
  assert.deepEqual(await severities(`${flask}CORS(app, resources={r"/api/*": {"origins": "https://a.b"}})\n`), []);
  assert.deepEqual(await severities(`${flask}CORS(app, origins=["https://a.example.org"])\n`), []);
  assert.deepEqual(await severities(`${flask}@cross_origin(origins=["*"])\ndef f():\n    pass\n`), ['info']);
});
