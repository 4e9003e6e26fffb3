import assert from 'node:assert/strict';
import { test } from 'node:test';
import schema from '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json' with { type: 'json' };
import Ajv from 'ajv';
import { rules } from '../rules/index.ts';
import { report } from './report.fixture.ts';
import { sarifReport } from './sarif.ts';

interface Log {
  runs: {
    tool: { driver: { rules: { id: string; helpUri: string }[] } };
    artifacts: { location: { uri: string }; length?: number }[];
    invocations: {
      executionSuccessful: boolean;
      toolExecutionNotifications: { level: string; message: { text: string } }[];
    }[];
    results: {
      ruleId: string;
      ruleIndex: number;
      level: string;
      locations: { physicalLocation: { artifactLocation: { uri: string; index: number }; region?: object } }[];
      partialFingerprints: Record<string, string>;
      relatedLocations?: unknown[];
      fixes?: unknown[];
    }[];
  }[];
}

/** The schema of OASIS, in draft-04; ajv knows its keywords, but not `id`. */
const officialSchema: Record<string, unknown> = { ...schema };
delete officialSchema['$schema'];
delete officialSchema['id'];

const run = (text: string) => (JSON.parse(text) as Log).runs[0]!;

test('the log is valid SARIF 2.1.0', () => {
  const validate = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false, allErrors: true }).compile(
    officialSchema,
  );
  const empty = { ...report, artifacts: [], findings: [], errors: [] };
  for (const each of [report, empty]) {
    assert.ok(validate(JSON.parse(sarifReport(each))), JSON.stringify(validate.errors, null, 1));
  }
});

test('every rule is described, and results point to theirs', () => {
  const { tool, results } = run(sarifReport(report));
  const described = tool.driver.rules;
  assert.deepEqual(
    described.map(({ id }) => id),
    rules.map(({ meta }) => meta.id as string).sort(),
  );
  for (const { ruleId, ruleIndex } of results) assert.equal(described[ruleIndex]?.id, ruleId);
  assert.match(described[0]?.helpUri ?? '', /\/docs\/rules\/[a-z]+\/[a-z0-9-]+\.md$/);
});

test('places: lines for text, bytes for the file itself, the entry for what lies inside', () => {
  const [inEntry, inText, atByte] = run(sarifReport(report)).results;
  assert.deepEqual(inEntry?.locations[0], {
    physicalLocation: {
      artifactLocation: { uri: 'models/a%20b/pytorch_model.bin', uriBaseId: '%SRCROOT%', index: 0 },
    },
    logicalLocations: [{ fullyQualifiedName: 'archive/data.pkl', kind: 'member' }],
  });
  assert.deepEqual(inText?.locations[0]?.physicalLocation.region, {
    startLine: 3,
    startColumn: 5,
    endLine: 3,
    endColumn: 9,
  });
  assert.deepEqual(atByte?.locations[0]?.physicalLocation.region, { byteOffset: 0, byteLength: 1 });
  assert.deepEqual([inEntry?.level, inText?.level], ['error', 'warning']);
  assert.equal(inText?.relatedLocations?.length, 2);
  assert.equal(inText?.fixes?.length, 1);
  assert.match(inEntry?.partialFingerprints['weighbridge/v1'] ?? '', /^[0-9a-f]{32}$/);
});

test('what could not be read is a notification of the run', () => {
  const [invocation] = run(sarifReport(report)).invocations;
  assert.equal(invocation?.executionSuccessful, false);
  assert.deepEqual(
    invocation?.toolExecutionNotifications.map(({ level, message }) => `${level}: ${message.text}`),
    [
      'error: locked could not be read: permission denied',
      'warning: Could not be fully inspected: the stream ends inside a string.',
    ],
  );
});

test('the same report gives the same bytes', () => {
  assert.equal(sarifReport(report), sarifReport(structuredClone(report)));
});
