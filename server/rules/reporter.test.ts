import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Finding } from './finding.ts';
import { trustRemoteCode } from './load/trustRemoteCode.ts';
import { mostListed, reporter } from './reporter.ts';

describe('what a rule tells of one file', () => {
  it('is listed up to a thousand findings; one more stands for the rest, and a graver one is listed still', () => {
    const findings: Finding[] = [];
    const report = reporter(trustRemoteCode.meta, 'a.yaml', findings);
    for (let line = 1; line <= 5 * mostListed; line++)
      report({ message: `line ${line}`, severity: 'warning', location: { line } });
    report({ message: 'grave', severity: 'error' });
    assert.equal(findings.length, mostListed + 2);
    const [rest, grave] = findings.slice(-2);
    assert.match(rest?.message ?? '', /^4000 more findings of this rule in this file are not listed/);
    assert.deepEqual([rest?.severity, rest?.location.line], ['warning', mostListed + 1]);
    assert.deepEqual([grave?.severity, grave?.message], ['error', 'grave']);
  });
});
